import type { StructuralSchema } from "../schema/crds.ts";
import type { RuleId, Severity } from "./rules.ts";
import type { PolicyRef } from "../spec.ts";
import type { RelatedTarget } from "../../plan/session-use.ts";
import type { WorkloadTarget } from "../../target.ts";

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
