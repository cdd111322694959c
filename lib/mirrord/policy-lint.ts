import type { ResourceType } from "../kube/cluster.ts";
import { policyTypes } from "./policy-crds.ts";
import type { Finding, LintContext, Reported } from "./policy-finding.ts";
import { expressionFindings } from "./policy-lint-limits.ts";
import { objectFindings } from "./policy-lint-objects.ts";
import { pathFindings } from "./policy-lint-path.ts";
import { relationFindings } from "./policy-lint-relations.ts";
import { lintRules, severities } from "./policy-lint-rules.ts";
import { policyFaults } from "./policy-schema-check.ts";
import { readPolicy, type MirrordPolicy } from "./policy-spec.ts";

/** Every trap of every policy, most severe first, then in the order of the policies. Never throws; equal input, equal output. */
export function lintPolicies(policies: readonly MirrordPolicy[], context: LintContext): Finding[] {
  const findings = policies.flatMap((policy) => {
    const { ref } = readPolicy(policy);
    return findingsOf(policy, policies, context).map(({ severity, ...reported }): Finding => ({
      ...reported,
      severity: severity ?? lintRules[reported.rule].severity,
      policy: ref,
    }));
  });
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

function findingsOf(policy: MirrordPolicy, all: readonly MirrordPolicy[], context: LintContext): Reported[] {
  const spec = readPolicy(policy);
  return [
    ...faultFindings(policy, context),
    ...pathFindings(spec),
    ...expressionFindings(policy, spec),
    ...objectFindings(policy, all, context),
    ...relationFindings(policy, all, context),
  ];
}

function faultFindings(policy: MirrordPolicy, { schemas }: LintContext): Reported[] {
  const type: ResourceType | undefined = policyTypes.find(({ kind }) => kind === policy.kind);
  const schema = schemas.get(policy.kind);
  if (type === undefined || schema === undefined) return [];
  return policyFaults(policy, type, schema).map(({ path, problem, severity, found }): Reported => {
    const rule =
      severity === "warning" ? "unchecked-value" : found === "schema" ? "not-in-definition" : "invalid-value";
    const fix = found === "schema" ? `Correct ${path}, or upgrade the operator's definitions.` : `Correct ${path}.`;
    return { rule, field: path, message: `${path} ${problem}`, fix };
  });
}
