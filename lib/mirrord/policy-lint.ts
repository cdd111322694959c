import type { ResourceType } from "../kube/cluster.ts";
import { policyTypes, type StructuralSchema } from "./policy-crds.ts";
import { expressionFindings } from "./policy-lint-limits.ts";
import { objectFindings } from "./policy-lint-objects.ts";
import { pathFindings } from "./policy-lint-path.ts";
import { relationFindings } from "./policy-lint-relations.ts";
import { lintRules, severities, type RuleId, type Severity } from "./policy-lint-rules.ts";
import { policyFaults } from "./policy-schema-check.ts";
import { readPolicy, type MirrordPolicy, type PolicyRef } from "./policy-spec.ts";
import type { RelatedTarget } from "./session-use.ts";
import type { WorkloadTarget } from "./target.ts";

/** A trap that a policy falls into. */
export interface Finding {
  rule: RuleId;
  severity: Severity;
  policy: PolicyRef;
  /** `spec.targetPath`; left out, the whole policy. */
  field?: string;
  message: string;
  /** What to change. */
  fix: string;
}

/** What a rule reports; the rest follows from it. */
export type Reported = Pick<Finding, "rule" | "field" | "message" | "fix"> & { severity?: Severity };

/** Something that can be targeted, with everything that stands for the same workload. */
export interface LintTarget {
  target: WorkloadTarget;
  namespace: string;
  labels: Readonly<Record<string, string>>;
  containers: readonly string[];
  /** Its pods, owners and services; undefined when they are not known. */
  related: readonly RelatedTarget[] | undefined;
}

/** What there is beside the policies; what is left out is not known, and its rules are silent. */
export interface LintContext {
  /** By kind. */
  schemas: ReadonlyMap<string, StructuralSchema>;
  targets?: readonly LintTarget[];
  /** Kinds of targets that could not be listed: then nothing is said to match no object. */
  targetsIncomplete?: boolean;
  /** `name` of a cluster profile, `namespace/name` of another. */
  profiles?: ReadonlySet<string>;
}

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
