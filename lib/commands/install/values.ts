import { booleanFlag } from "../../cli/grammar/flags.ts";
import { command } from "../../cli/grammar/command.ts";
import { valuesLines, valuesSchema } from "../../install/values-document.ts";

export const values = command({
  name: "install values",
  summary: "Print every value that install takes, with its default.",
  description:
    "The values are those of the operator's Helm chart, so a file of values works with both. What is not set stands as a comment.",
  usage: "[flags]",
  examples: {
    "kubectl mirrord install values > values.yaml": "A file to begin with",
    "kubectl mirrord install values --schema": "The same as a JSON Schema, for an editor",
  },
  flags: { schema: booleanFlag("Print the JSON Schema of the values.") },
  // oxlint-disable-next-line typescript/require-await -- A command resolves to its exit code.
  async run({ schema }, world) {
    world.document(schema ? `${JSON.stringify(valuesSchema(), undefined, 2)}\n` : `${valuesLines().join("\n")}\n`);
    return 0;
  },
});
