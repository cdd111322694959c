import { ancestry, type CollectionPath, type Membership } from "../../../access/collection.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags } from "../../../cli/grammar/shared-flags.ts";
import { readCollections } from "../../../reading/collections.ts";
import { connectBounded } from "../../connection.ts";
import { warnOfFaults } from "./faults.ts";

export const tree = command({
  name: "grant collection tree",
  summary: "Show collections and namespaces as a tree.",
  usage: "[flags]",
  examples: { "kubectl mirrord grant collection tree": "What is where" },
  flags: connectionFlags,
  async run(connection, world) {
    const cluster = await connectBounded(connection, world);
    const { known, members } = await readCollections(cluster);
    warnOfFaults(members, world);
    if (known.size === 0) world.note("No collections found.");
    else world.print(treeLines([...known.keys()], members));
    return 0;
  },
});

/** A line for each collection, indented by its depth, with the namespaces that are in it below its name. */
export function treeLines(paths: readonly CollectionPath[], members: readonly Membership[]): string[] {
  const byPath = Map.groupBy(members, ({ path }) => path);
  const lines = paths.flatMap((path) => {
    const depth = ancestry(path).length - 1;
    const inside = byPath.get(path) ?? [];
    return [
      `${"  ".repeat(depth)}${path.slice(path.lastIndexOf("/") + 1)}/`,
      ...inside.map(({ namespace }) => `${"  ".repeat(depth + 1)}${namespace}`),
    ];
  });
  const free = byPath.get(undefined)?.length ?? 0;
  return [
    ...lines,
    ...(free === 0 ? [] : ["", `In no collection: ${free === 1 ? "1 namespace" : `${free} namespaces`}`]),
  ];
}
