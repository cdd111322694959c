import type { Completer } from "./complete.ts";

/** As many as a menu can hold. */
const MAX_NAMES = 500;

export const completeNamespaces: Completer = async (typed, world, { current }) => {
  // Not before it is needed: every command line loads this file.
  const { nativeResources } = await import("../../kubernetes/resources.ts");
  const cluster = await world.connect(typed);
  const names: string[] = [];
  for await (const { metadata } of cluster.list(nativeResources.namespaces)) {
    if (metadata.name?.startsWith(current)) names.push(metadata.name);
    if (names.length === MAX_NAMES) break;
  }
  return names;
};
