import type { FailOn } from "../findings/exit-code.ts";
import { countBySeverity, type Finding, type Severity } from "../findings/finding.ts";

/** How grave a finding of the audit is, in the words of reviewers; each is one of the severities that all findings have. */
export const grades = { error: "high", warning: "medium", note: "low" } as const satisfies Record<Severity, string>;

export type Grade = (typeof grades)[Severity];

/** Values of `--fail-on`: the least grade that is a failure, or that none is. */
export const failOnGrades = ["high", "medium", "low", "never"] as const satisfies readonly (Grade | "never")[];

const severityByGrade = { high: "error", medium: "warning", low: "note", never: "never" } as const satisfies Record<
  (typeof failOnGrades)[number],
  FailOn
>;

export const failOnSeverity = (grade: (typeof failOnGrades)[number]): FailOn => severityByGrade[grade];

export function isGrade(word: unknown): word is Grade {
  return word === "high" || word === "medium" || word === "low";
}

export const gradeSeverity = (grade: Grade): Severity => severityByGrade[grade];

export function countByGrade(findings: readonly Finding[]): Record<Grade, number> {
  const { error, warning, note } = countBySeverity(findings);
  return { high: error, medium: warning, low: note };
}
