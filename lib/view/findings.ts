import { countBySeverity, type Finding, type FindingRule } from "../findings/finding.ts";
import { referenceText } from "../kubernetes/object.ts";
import { printDocument, printOutput, type OutputFormat, type Printer } from "./output.ts";
import { sarifLog, type SarifTool } from "./sarif.ts";

export interface FindingsReport<Rule extends string> {
  /** Of the JSON and YAML forms. */
  kind: string;
  /** Who looked, for SARIF. */
  tool: SarifTool;
  /** Everything that was looked for. */
  rules: Readonly<Record<Rule, FindingRule>>;
  findings: readonly Finding<Rule>[];
  /** The heading of the column of subjects: `POLICY`. */
  subject: string;
  /** A finding in JSON and YAML. */
  item: (finding: Finding<Rule>) => object;
  /** The sentence for stderr when nothing was found. */
  empty: string;
  /** Further fields of the JSON and YAML forms. */
  more?: object;
}

/** The one table, document or SARIF log of findings. */
export async function printFindings<Rule extends string>(
  { kind, tool, rules, findings, subject, item, empty, more }: FindingsReport<Rule>,
  { format, noHeaders }: { format: OutputFormat | "sarif"; noHeaders: boolean },
  printer: Printer,
): Promise<void> {
  if (format === "sarif") return await printDocument(sarifLog(tool, rules, findings), "json", printer);
  await printOutput(
    {
      kind,
      value: { summary: countBySeverity(findings), items: findings.map(item), ...more },
      rows: findings,
      bounded: true,
      columns: {
        SEVERITY: { word: ({ severity }) => severity },
        RULE: ({ rule }) => rule,
        [subject]: (finding) => referenceText(finding.subject),
        MESSAGE: ({ message }) => message,
        FIX: { wide: ({ fix }) => fix },
        WHERE: { wide: ({ at }) => (at === undefined ? "" : `${at.file}:${at.line}`) },
      },
      empty,
    },
    { format, noHeaders },
    printer,
  );
}

/** Everything that is looked for, explained. */
export async function printRules(
  kind: string,
  rules: Readonly<Record<string, FindingRule>>,
  format: OutputFormat | "sarif",
  printer: Printer,
): Promise<void> {
  const rows = Object.entries(rules).map(([id, { severity: level, ...words }]) => ({ id, level, ...words }));
  type Row = (typeof rows)[number];
  const columns = {
    RULE: ({ id }: Row) => id,
    SEVERITY: { word: ({ level }: Row) => level },
    SUMMARY: ({ summary }: Row) => summary,
    WHY: { wide: ({ explanation }: Row) => explanation },
  };
  const output = { kind, value: { items: rows }, rows, columns, bounded: true };
  await printOutput(output, { format: format === "sarif" ? "json" : format }, printer);
}
