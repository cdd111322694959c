import type { PolicyRegex } from "../regex.ts";
import { fileLimits, type PolicySpec } from "../spec.ts";

/** A regular expression of a policy, and what it is compared with. */
export interface PolicyExpression extends PolicyRegex {
  subject: "header" | "file" | "hostname";
}

/** Every regular expression that a policy holds. */
export function policyExpressions({ headerFilter, files, outgoing }: PolicySpec): PolicyExpression[] {
  const about = (subject: PolicyExpression["subject"], regexes: readonly (PolicyRegex | undefined)[]) =>
    regexes.filter((regex) => regex !== undefined).map((regex) => ({ ...regex, subject }));
  return [
    ...about("header", [headerFilter]),
    ...fileLimits.flatMap((limit) => about("file", files[limit])),
    ...about(
      "hostname",
      [...outgoing.allow, ...outgoing.block].map(({ hostname }) => hostname),
    ),
  ];
}
