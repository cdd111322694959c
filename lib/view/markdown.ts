import { escapeCell } from "../text/escape.ts";
import { headers, rowCells, type Columns } from "./columns.ts";

/**
 * A table for a pull request or an issue, with all columns, wide ones too. What is Markdown or HTML in a cell, or would
 * notify somebody, is shown as it is written.
 */
export function* markdownTable<Row>(columns: Columns<Row>, rows: readonly Row[]): Generator<string> {
  const line = (fields: readonly string[]) => `| ${fields.join(" | ")} |\n`;
  const heads = headers(columns, true);
  yield line(heads);
  yield line(heads.map(() => "---"));
  const fields = rowCells(columns, true);
  for (const row of rows) yield line(fields(row).map(markdownText));
}

/** Texts and tables with an empty line between each two. Each ends its last line. */
export function* markdownParts(parts: readonly (string | Iterable<string>)[]): Generator<string> {
  for (const [at, part] of parts.entries()) {
    if (at > 0) yield "\n";
    if (typeof part === "string") yield part;
    else yield* part;
  }
}

interface MarkdownReport {
  /** The sentence where there are no rows. */
  empty: string;
  /** What was not looked at, and why: clauses. */
  skipped: readonly string[];
}

/** The table of what was found, and what was not looked at. */
export function* markdownReport<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  { empty, skipped }: MarkdownReport,
): Generator<string> {
  if (rows.length === 0) yield `${markdownText(empty)}\n`;
  else yield* markdownTable(columns, rows);
  if (skipped.length > 0) yield "\nNot everything was looked at:\n\n";
  for (const why of skipped) yield `- ${markdownText(why)}\n`;
}

/** Lines of code, each as it is. */
export const markdownCode = (lines: readonly string[]): string[] => lines.map((line) => `    ${escapeCell(line)}\n`);

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
