import manifest from "../../../package.json" with { type: "json" };
import type { AuditFinding } from "../../audit/finding.ts";
import { countByGrade, grades } from "../../audit/grades.ts";
import { auditRules, type AuditRule } from "../../audit/rules.ts";
import { referenceText } from "../../kubernetes/object.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownTable } from "../../view/markdown.ts";
import { printDocument, printOutput, type OutputFormat, type Printer } from "../../view/output.ts";
import { sarifLog } from "../../view/sarif.ts";

/** What the audit prints beside the formats of every command. */
export type FindingsFormat = OutputFormat | "sarif" | "markdown";

export interface FindingsReport {
  kind: "Audit" | "AuditFindings";
  findings: readonly AuditFinding[];
  /** Of rules of one's own. */
  rules: Readonly<Record<string, AuditRule>>;
  skipped: readonly string[];
  /** How many are accepted. */
  excepted: number;
  /** Further fields of the JSON and YAML forms. */
  more?: object;
}

const columns: Columns<AuditFinding> = {
  SEVERITY: { word: ({ severity }) => grades[severity] },
  RULE: ({ rule }) => rule,
  OBJECT: ({ subject }) => referenceText(subject),
  MESSAGE: ({ message }) => message,
  FIX: { wide: ({ fix }) => fix },
  WHO: { wide: ({ who }) => who.join(",") },
};

/** Where a rule is explained. */
const documentation = (rule: string): string => `docs/audit-findings.md#${rule}`;

/** The one report of findings, in every format. */
export async function reportFindings(
  report: FindingsReport,
  format: FindingsFormat,
  noHeaders: boolean,
  printer: Printer,
): Promise<void> {
  const { kind, findings, rules, skipped, excepted, more } = report;
  const all = { ...auditRules, ...rules };
  if (format === "sarif") {
    const tool = { name: "kubectl-mirrord audit", version: manifest.version };
    return await printDocument(sarifLog(tool, all, findings, fingerprint), "json", printer);
  }
  if (format === "markdown") {
    return printer.document(findings.length === 0 ? "No findings.\n" : markdownTable(columns, findings));
  }
  const value = {
    complete: skipped.length === 0,
    skipped,
    summary: countByGrade(findings),
    excepted,
    ...more,
    items: findings.map(findingValue),
  };
  const output = { kind, value, rows: findings, columns, bounded: true, empty: "No findings." };
  await printOutput(output, { format, noHeaders }, printer);
}

/** Schema: docs/schema/audit-findings.json. */
function findingValue({ rule, severity, subject, ...finding }: AuditFinding): object {
  const page = auditRules[rule] === undefined ? {} : { documentation: documentation(rule) };
  return { rule, severity: grades[severity], object: subject, ...finding, ...page };
}

/** The same finding in another run, whatever its words. */
const fingerprint = ({ rule, subject, who }: AuditFinding): string => [rule, referenceText(subject), ...who].join(" ");

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
  if (format === "markdown") return printer.document(markdownTable(shown, rows));
  const output = { kind: "AuditRules", value: { items: rows }, rows, columns: shown, bounded: true };
  await printOutput(output, { format: format === "sarif" ? "json" : format, noHeaders }, printer);
}
