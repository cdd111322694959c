import type { Finding, Severity } from "../../../findings/finding.ts";
import type { StructuralSchema } from "../schema/crds.ts";
import type { RuleId } from "./rules.ts";
import type { PolicyRef } from "../spec.ts";
import type { RelatedTarget } from "../../plan/session-use.ts";
import type { WorkloadTarget } from "../../target.ts";

/** A trap that a policy falls into. */
export type PolicyFinding = Finding<RuleId> & { subject: PolicyRef };

/** What a rule reports; the rest follows from it. */
export type Reported = Pick<PolicyFinding, "rule" | "field" | "message" | "fix"> & { severity?: Severity };

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
