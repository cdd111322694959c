import type { World } from "../../cli/world.ts";
import { egress, type Egress } from "../../install/egress.ts";
import { printOutput } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { readSource, type SourceOptions } from "./source.ts";

/** Prints what will leave the cluster; resolves to the exit code. Asks no cluster. */
export async function showEgress(
  options: SourceOptions,
  output: "table" | "json" | "yaml",
  world: World,
): Promise<number> {
  const items = egress(readSource(options, { withoutLicense: true }).objects);
  await printOutput<Egress>(
    {
      kind: "Egress",
      value: { items },
      rows: items,
      columns: {
        WHAT: ({ what }) => what,
        LEAVES: ({ leaves }) => leaves,
        TO: ({ to }) => to,
        "TO CHANGE": ({ change }) => change,
      },
      bounded: true,
    },
    { format: output },
    world,
  );
  const notes = items.flatMap(({ note }) => (note === undefined ? [] : [note]));
  if (output === "table" && notes.length > 0) printText(["", ...notes], world);
  return 0;
}
