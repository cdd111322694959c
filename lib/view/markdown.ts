import { escapeCell } from "../text/escape.ts";
import { cells, headers, type Columns } from "./columns.ts";

/**
 * A table for a pull request or an issue, with all columns, wide ones too. What is Markdown or HTML in a cell, or would
 * notify somebody, is shown as it is written.
 */
export function markdownTable<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const heads = headers(columns, true);
  const lines = [heads, heads.map(() => "---"), ...cells(columns, rows, true).map((row) => row.map(markdownText))];
  return lines.map((line) => `| ${line.join(" | ")} |\n`).join("");
}

interface MarkdownReport {
  /** The sentence where there are no rows. */
  empty: string;
  /** What was not looked at, and why: clauses. */
  skipped: readonly string[];
}

/** The table of what was found, and what was not looked at. */
export function markdownReport<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  { empty, skipped }: MarkdownReport,
): string {
  const table = rows.length === 0 ? `${markdownText(empty)}\n` : markdownTable(columns, rows);
  if (skipped.length === 0) return table;
  const clauses = skipped.map((why) => `- ${markdownText(why)}\n`);
  return `${table}\nNot everything was looked at:\n\n${clauses.join("")}`;
}

/** Text that is shown as it is, anywhere in a line of Markdown. */
export function markdownText(text: string): string {
  return escapeCell(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]|~#]/g, "\\$&")
    .replaceAll("@", "@<!-- -->")
    .replaceAll("://", ":<!-- -->//")
    .replaceAll(/www\./gi, (start) => `${start.slice(0, 3)}<!-- -->.`);
}
