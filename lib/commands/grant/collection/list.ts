import { ancestry, type CollectionPath } from "../../../access/collection.ts";
import { intentCollections } from "../../../access/collection-plan.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import { readCollections } from "../../../reading/collections.ts";
import { readListedGrants } from "../../../reading/grants.ts";
import type { Columns } from "../../../view/columns.ts";
import { printOutput } from "../../../view/output.ts";
import { connectBounded } from "../../connection.ts";
import { warnOfFaults } from "./faults.ts";

interface CollectionRow {
  path: CollectionPath;
  description: string;
  /** In it, not below it. */
  namespaces: string[];
  /** In it or below it. */
  reached: number;
  /** The ids of grants on it; undefined: the caller may not list grants. */
  grants: string[] | undefined;
}

export const list = command({
  name: "grant collection list",
  summary: "List the collections.",
  description: "With how many namespaces a grant on each reaches: those in it and those below it.",
  usage: "[flags]",
  examples: {
    "kubectl mirrord grant collection list": "All of them",
    "kubectl mirrord grant collection list -o wide": "With the namespaces in each",
  },
  flags: {
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  async run({ output, noHeaders, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const [{ known, members }, grants] = await Promise.all([readCollections(cluster), readListedGrants(cluster)]);
    if ("unlisted" in grants)
      world.warn(`you may not list ${grants.unlisted.join(", ")}: which grants are on a collection is not shown`);
    warnOfFaults(members, world);
    const inside = byPath(members, ({ path }) => (path === undefined ? [] : ancestry(path)));
    const granted = "unlisted" in grants ? undefined : byPath(grants.grants, ({ intent }) => intentCollections(intent));
    const rows = [...known].map(([path, description]): CollectionRow => {
      const reached = inside.get(path) ?? [];
      return {
        path,
        description,
        namespaces: reached.filter((each) => each.path === path).map(({ namespace }) => namespace),
        reached: reached.length,
        grants: granted && (granted.get(path) ?? []).map(({ id }) => id),
      };
    });
    await printOutput(
      {
        kind: "CollectionList",
        value: {
          items: rows.map(({ grants: ids, ...row }) => ({ ...row, ...(ids === undefined ? {} : { grants: ids }) })),
        },
        rows,
        columns,
        name: ({ path }) => `collection/${path}`,
        empty: "No collections found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

function byPath<Item>(
  items: readonly Item[],
  paths: (item: Item) => readonly CollectionPath[],
): ReadonlyMap<CollectionPath, Item[]> {
  const found = new Map<CollectionPath, Item[]>();
  for (const item of items)
    for (const path of new Set(paths(item))) {
      const others = found.get(path);
      if (others === undefined) found.set(path, [item]);
      else others.push(item);
    }
  return found;
}

const columns: Columns<CollectionRow> = {
  COLLECTION: ({ path }) => path,
  NAMESPACES: ({ reached }) => String(reached),
  GRANTS: ({ grants }) => (grants === undefined ? "<unknown>" : String(grants.length)),
  DESCRIPTION: ({ description }) => description,
  "IN IT": { wide: ({ namespaces }) => namespaces.join(",") },
};
