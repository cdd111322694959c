import type { ObjectReference } from "../kubernetes/object.ts";

/** Most severe first. `error`: it does not do what it says; `warning`: it may not; `note`: good to know. */
export const severities = ["error", "warning", "note"] as const;

export type Severity = (typeof severities)[number];

/** Something wrong with an object, whoever found it: every command shows, counts and fails on findings alike. */
export interface Finding<Rule extends string = string> {
  /** A stable id, for scripts and for those who look it up: `walk-around`. */
  rule: Rule;
  severity: Severity;
  subject: ObjectReference;
  /** Of the subject: `spec.targetPath`; left out, all of it. */
  field?: string;
  /** What is wrong; as the fix, a sentence. */
  message: string;
  /** What to change or run. */
  fix: string;
  /** Where the subject is written; left out, in no file. The line counts from 1. */
  at?: { file: string; line: number };
}

/** What a rule looks for. */
export interface FindingRule {
  /** Of its findings, unless one says otherwise. */
  severity: Severity;
  /** One sentence. */
  summary: string;
  /** Why it matters. */
  explanation: string;
}

/** Findings of one severity stay in their order. */
export function mostSevereFirst<Found extends Finding>(findings: readonly Found[]): Found[] {
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

export function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return { error: count("error"), warning: count("warning"), note: count("note") };
}
