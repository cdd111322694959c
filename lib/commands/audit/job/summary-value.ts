import { countByGrade } from "../../../audit/grades.ts";
import { API_VERSION } from "../../../view/output.ts";
import type { FindingsReport } from "../report-findings.ts";

const MOST_RULES = 500;
const MOST_SKIPPED = 20;
const LONGEST_TEXT = 500;

/**
 * What a ConfigMap can hold of a report, whatever was found: numbers, and the rules that found something. Well below the 1 MiB
 * of a ConfigMap. Schema: docs/schema/audit-summary.json.
 */
export function summaryValue({ findings, skipped, leftOut, excepted, clusters, now }: FindingsReport): object {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const rules = [...counts].toSorted(([, one], [, other]) => other - one);
  const access = clusters[0]?.access;
  return {
    apiVersion: API_VERSION,
    kind: "AuditSummary",
    time: now.toISOString(),
    complete: skipped.length === 0,
    skipped: skipped.slice(0, MOST_SKIPPED).map((text) => text.slice(0, LONGEST_TEXT)),
    leftOut,
    summary: countByGrade(findings),
    excepted,
    ...(access === undefined ? {} : { access }),
    rules: Object.fromEntries(rules.slice(0, MOST_RULES)),
  };
}
