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

/**
 * Values for a word that may be several with commas: each that continues it, or stands behind its last comma. Behind one that there
 * is not, nothing; a name may have commas of its own.
 */
export function completeList(names: readonly string[], current: string): string[] {
  const given = current.split(",").slice(0, -1);
  if (given.length === 0 || given.some((name) => !names.includes(name))) return [...names];
  const fresh = names.filter((name) => !given.includes(name));
  return [...names, ...fresh.map((name) => [...given, name].join(","))];
}
