import type { Finding } from "../../findings/finding.ts";

/** The form of a finding in JSON and YAML. Schema: docs/schema/policy-parts.json. */
export function policyFindingValue({ subject, at, ...finding }: Finding): object {
  return { ...finding, policy: subject, ...at };
}
