import { failOnGrades } from "../../audit/grades.ts";
import { booleanFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import { clustersFlags } from "./clusters/contexts.ts";

/** Of `audit findings`, and of `audit` itself. */
export const findingsFlags = {
  failOn: stringFlag("SEVERITY", "Exit with 1 when there is a finding at least this grave: high, medium, low; never.", {
    values: failOnGrades,
    default: "high",
  }),
  baseline: stringFlag("FILE", "Only what is new since an earlier report (-o json).", { completes: "file" }),
  config: stringFlag("FILE", "Rules of your own, and exceptions with owner, reason and expiry.", { completes: "file" }),
  rules: booleanFlag("Explain the rules, and look at nothing."),
  withoutSecrets: booleanFlag(
    "Leave out Secrets with tokens, and so paths through them: who may list their names may read all Secrets.",
  ),
  quiet: quietFlag,
  output: outputFlag(["table", "wide", "json", "yaml", "csv", "sarif", "markdown", "html", "metrics"]),
  noHeaders: noHeadersFlag,
  ...connectionFlags,
  ...clustersFlags,
};

export const findingsExitCodes = {
  0: "nothing is as grave as --fail-on says",
  1: "there are findings as grave as --fail-on says (by itself: high)",
  3: "part of it could not be read",
};
