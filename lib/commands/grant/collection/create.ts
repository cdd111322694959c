import { ancestry, parseCollection } from "../../../access/collection.ts";
import { planPaths } from "../../../access/collection-plan.ts";
import { command } from "../../../cli/grammar/command.ts";
import { stringFlag } from "../../../cli/grammar/flags.ts";
import { connectBounded } from "../../connection.ts";
import { changeCollections } from "./change.ts";
import { changeFlags } from "../change-flags.ts";
import { newPath } from "./flags.ts";

export const create = command({
  name: "grant collection create",
  summary: "Make a collection, and those above it that are missing.",
  description:
    "A collection that is there already is left as it is, but for a new description. Nobody's access changes.",
  usage: "PATH [flags]",
  examples: {
    "kubectl mirrord grant collection create prod/web": "prod/web, and prod above it",
    'kubectl mirrord grant collection create prod --description "For customers"': "With a description",
  },
  positionals: { path: newPath },
  flags: { description: stringFlag("TEXT", "What it is for, for those who list it."), ...changeFlags },
  async run({ path: text, description, dryRun, output, yes: _yes, ...connection }, world) {
    const path = parseCollection(text);
    const cluster = await connectBounded(connection, world);
    return await changeCollections(
      cluster,
      async (seen) => {
        const missing = ancestry(path).filter((each) => !seen.created.has(each));
        const wanted = new Map([
          ...missing.map((each): [string, string] => [each, ""]),
          ...(description === undefined ? [] : [[path, description] as const]),
        ]);
        return {
          plan: wanted.size === 0 ? [] : planPaths(seen, wanted),
          sentences: [missing.length === 0 ? `Collection ${path} was changed.` : `Made ${missing.join(" and ")}.`],
        };
      },
      { dryRun, output },
      world,
    );
  },
});
