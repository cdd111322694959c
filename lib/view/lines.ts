import { escapeCell } from "../text/escape.ts";

/** One line, or several. What a line holds never makes another one: a line feed in it is shown as `\n`. */
export type Lines = string | readonly string[];

/** As it is written to a stream: every line escaped and ended. No lines are no text. */
export function lineText(lines: Lines): string {
  if (typeof lines === "string") return `${escapeCell(lines)}\n`;
  return lines.map((line) => `${escapeCell(line)}\n`).join("");
}
