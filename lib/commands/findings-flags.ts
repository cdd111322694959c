import { booleanFlag, stringFlag, type Flags } from "../cli/grammar/flags.ts";
import { noHeadersFlag, outputFlag, quietFlag } from "../cli/grammar/shared-flags.ts";
import { failOnValues } from "../findings/exit-code.ts";

/** Of every command that reports findings. */
export const findingsFlags = {
  failOn: stringFlag(
    "SEVERITY",
    "Exit with 1 when there is a finding at least this severe: error, warning, note; never.",
    { values: failOnValues, default: "error" },
  ),
  rules: booleanFlag("Explain the rules, and look at nothing."),
  quiet: quietFlag,
  output: outputFlag(["table", "wide", "json", "yaml", "sarif", "csv"]),
  noHeaders: noHeadersFlag,
} satisfies Flags;

export const findingsExitCodes = {
  0: "clean, as far as --fail-on asks",
  1: "there are findings as severe as --fail-on says (by itself: errors)",
} as const;
