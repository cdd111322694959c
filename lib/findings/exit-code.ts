import { severities, type Finding } from "./finding.ts";

/** Values of `--fail-on`: the least severity that is a failure, or that none is. */
export const failOnValues = [...severities, "never"] as const;

export type FailOn = (typeof failOnValues)[number];

/** 1 when a finding is as severe as `failOn` or more; 3 when there is none, but not all was looked at; else 0. */
export function findingsExitCode(
  findings: readonly Pick<Finding, "severity">[],
  { failOn, incomplete }: { failOn: FailOn; incomplete: boolean },
): 0 | 1 | 3 {
  const limit = failOn === "never" ? -1 : severities.indexOf(failOn);
  if (findings.some(({ severity }) => severities.indexOf(severity) <= limit)) return 1;
  return incomplete ? 3 : 0;
}
