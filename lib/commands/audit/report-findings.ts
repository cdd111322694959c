import { entryOf } from "../../json.ts";
import manifest from "../../../package.json" with { type: "json" };
import type { AccessSummary } from "../../audit/access-summary.ts";
import type { AuditFinding } from "../../audit/finding.ts";
import { countByGrade, grades } from "../../audit/grades.ts";
import { auditRules, type AuditRule } from "../../audit/rules.ts";
import { referenceText } from "../../kubernetes/object.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownReport, markdownTable } from "../../view/markdown.ts";
import { metricsText } from "../../view/metrics.ts";
import {
  API_VERSION,
  printDocument,
  printOutput,
  printTexts,
  type OutputFormat,
  type Printer,
} from "../../view/output.ts";
import { sarifLog } from "../../view/sarif.ts";
import { nothingFound } from "../../view/nothing-found.ts";
import type { InCluster } from "./clusters/report.ts";
import { findingsMetrics } from "./findings-metrics.ts";

/** What the audit prints beside the formats of every command. */
export type FindingsFormat = OutputFormat | "sarif" | "markdown" | "metrics";

/** A cluster that a report is about. */
export interface ReportedCluster {
  /** The name of its context; undefined in a report about a single one. */
  cluster: string | undefined;
  complete: boolean;
  skipped: readonly string[];
  access?: AccessSummary;
  /** Why nothing of it was read. */
  unread?: string;
}

export interface FindingsReport {
  kind: "Audit" | "AuditFindings";
  findings: readonly AuditFinding[];
  /** Of rules of one's own. */
  rules: Readonly<Record<string, AuditRule>>;
  /** What was not looked at in any cluster, and why: clauses. */
  skipped: readonly string[];
  /** What was not looked at because it was not wanted: plural names of resources. */
  leftOut: readonly string[];
  /** How many are accepted. */
  excepted: number;
  clusters: readonly ReportedCluster[];
  now: Date;
}

const columns: Columns<AuditFinding> = {
  SEVERITY: { word: ({ severity }) => grades[severity] },
  RULE: ({ rule }) => rule,
  OBJECT: ({ subject }) => referenceText(subject),
  MESSAGE: ({ message }) => message,
  FIX: { wide: ({ fix }) => fix },
  WHO: { wide: ({ who }) => who.join(",") },
};

const MILLISECONDS = 1000;

/** Where a rule is explained. */
const documentation = (rule: string): string => `docs/audit-findings.md#${rule}`;

/** The one report of findings, in every format. */
export async function reportFindings(
  report: FindingsReport,
  format: FindingsFormat,
  noHeaders: boolean,
  printer: Printer,
): Promise<void> {
  const { kind, findings, skipped } = report;
  const rules = { ...auditRules, ...report.rules };
  const empty = nothingFound("No findings.", skipped.length === 0);
  const rows: readonly InCluster<AuditFinding>[] = findings;
  const shown = isSeveral(report) ? { CLUSTER: ({ cluster }: AuditFinding) => cluster, ...columns } : columns;
  switch (format) {
    case "sarif": {
      const tool = { name: "kubectl-mirrord audit", version: manifest.version };
      return await printDocument(sarifLog(tool, rules, findings, { fingerprint, skipped }), "json", printer);
    }
    case "markdown":
      return printTexts(markdownReport(shown, rows, { empty, skipped }), printer);
    case "metrics":
      return printer.document(metricsDocument(report));
    default: {
      const output = { kind, value: findingsValue(report), rows, columns: shown, bounded: true, empty };
      await printOutput(output, { format, noHeaders }, printer);
    }
  }
}

/** The whole JSON or YAML document. */
export const findingsDocument = (report: FindingsReport): object => ({
  apiVersion: API_VERSION,
  kind: report.kind,
  ...findingsValue(report),
});

export function metricsDocument(report: FindingsReport): string {
  const rules = { ...auditRules, ...report.rules };
  return metricsText(findingsMetrics({ ...report, rules, now: Math.floor(report.now.getTime() / MILLISECONDS) }));
}

const isSeveral = ({ clusters }: FindingsReport): boolean => clusters.some(({ cluster }) => cluster !== undefined);

/** Schema: docs/schema/audit-findings.json. */
function findingsValue(report: FindingsReport): object {
  const { kind, findings, skipped, leftOut, excepted, clusters } = report;
  const [first] = clusters;
  const access = (each: ReportedCluster) =>
    kind === "Audit" && each.access !== undefined ? { access: each.access } : {};
  return {
    complete: skipped.length === 0,
    skipped,
    ...(leftOut.length === 0 ? {} : { leftOut }),
    summary: countByGrade(findings),
    excepted,
    ...(isSeveral(report)
      ? {
          clusters: clusters.map((each) => ({
            name: each.cluster,
            complete: each.complete,
            skipped: each.skipped,
            ...(each.unread === undefined ? {} : { error: each.unread }),
            ...access(each),
          })),
        }
      : first && access(first)),
    items: findings.map(findingValue),
  };
}

// Where the object is written is for what is shown beside the lines of files: SARIF.
function findingValue({ cluster, rule, severity, subject, at: _at, ...finding }: AuditFinding): object {
  const page = entryOf(auditRules, rule) === undefined ? {} : { documentation: documentation(rule) };
  const place = cluster === undefined ? {} : { cluster };
  return { ...place, rule, severity: grades[severity], object: subject, ...finding, ...page };
}

/** The same finding in another run, whatever its words. */
const fingerprint = ({ cluster, rule, subject, who }: AuditFinding): string =>
  [...(cluster === undefined ? [] : [cluster]), rule, referenceText(subject), ...who].join(" ");

/** Everything that is looked for, explained. Schema: docs/schema/audit-rules.json. */
export async function printAuditRules(format: FindingsFormat, noHeaders: boolean, printer: Printer): Promise<void> {
  const rows = Object.entries(auditRules).map(([id, { severity, summary, explanation, fix }]) => ({
    id,
    severity: grades[severity],
    summary,
    explanation,
    fix,
    documentation: documentation(id),
  }));
  const shown: Columns<(typeof rows)[number]> = {
    RULE: ({ id }) => id,
    SEVERITY: { word: ({ severity }) => severity },
    SUMMARY: ({ summary }) => summary,
    WHY: { wide: ({ explanation }) => explanation },
    FIX: { wide: ({ fix }) => fix },
  };
  if (format === "markdown") return printTexts(markdownTable(shown, rows), printer);
  const output = { kind: "AuditRules", value: { items: rows }, rows, columns: shown, bounded: true };
  const isForRules = format !== "sarif" && format !== "metrics";
  await printOutput(output, { format: isForRules ? format : "json", noHeaders }, printer);
}
