import { failOnGrades } from "../../audit/grades.ts";
import { booleanFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import { clustersFlags } from "./clusters/contexts.ts";

/** The flags of `audit findings`, and of `audit` without a verb. */
export const findingsFlags = {
  failOn: stringFlag("SEVERITY", "Exit with 1 when there is a finding of this severity or a higher one.", {
    values: failOnGrades,
    default: "high",
  }),
  baseline: stringFlag("FILE", "Show only what is new since this earlier report (made with -o json).", {
    completes: "file",
  }),
  config: stringFlag("FILE", "Rules of your own, and exceptions with owner, reason and expiry.", { completes: "file" }),
  rules: booleanFlag("Explain the rules, without looking at a cluster."),
  withoutSecrets: booleanFlag(
    "Do not list Secrets, and leave out paths through their tokens. Whoever may list the names of Secrets may also read what is in them.",
  ),
  quiet: quietFlag,
  output: outputFlag(["table", "wide", "json", "yaml", "csv", "sarif", "markdown", "html", "metrics"]),
  noHeaders: noHeadersFlag,
  ...connectionFlags,
  ...clustersFlags,
};

export const findingsExitCodes = {
  0: "no finding is as severe as --fail-on says",
  1: "a finding is as severe as --fail-on says (high when left out)",
  3: "part of it could not be read",
};
