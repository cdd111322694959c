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
