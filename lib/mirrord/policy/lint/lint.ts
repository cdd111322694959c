import { mostSevereFirst } from "../../../findings/finding.ts";
import type { ResourceType } from "../../../kubernetes/object.ts";
import { policyTypes } from "../schema/crds.ts";
import type { PolicyFinding, LintContext, Reported } from "./finding.ts";
import { expressionFindings } from "./limits.ts";
import { objectFindings } from "./objects.ts";
import { pathFindings } from "./path.ts";
import { relationFindings } from "./relations.ts";
import { lintRules } from "./rules.ts";
import { policyFaults } from "../schema/check.ts";
import { readPolicy, type MirrordPolicy } from "../spec.ts";

/** Every trap of every policy, most severe first, then in the order of the policies. Never throws; equal input, equal output. */
export function lintPolicies(policies: readonly MirrordPolicy[], context: LintContext): PolicyFinding[] {
  const findings = policies.flatMap((policy) => {
    const { ref } = readPolicy(policy);
    return lintPolicy(policy, policies, context).map(({ severity, ...reported }): PolicyFinding => ({
      ...reported,
      severity: severity ?? lintRules[reported.rule].severity,
      subject: ref,
    }));
  });
  return mostSevereFirst(findings);
}

function lintPolicy(policy: MirrordPolicy, all: readonly MirrordPolicy[], context: LintContext): Reported[] {
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
    const fix = found === "schema" ? `Correct ${path}, or upgrade the operator's definitions.` : `Correct ${path}.`;
    const message = `${path} ${problem}`;
    if (severity === "note") return { rule: "namespace-cleared", field: path, message, fix: `Leave ${path} out.` };
    const rule = found === "schema" ? "not-in-definition" : "invalid-value";
    return { rule: severity === "warning" ? "unchecked-value" : rule, field: path, message, fix };
  });
}
