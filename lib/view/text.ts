import { escapeCell } from "../text/escape.ts";
import { plainText, type Line, type Lines } from "./lines.ts";
import type { Printer } from "./output.ts";
import { GAP, type Measure } from "./widths.ts";

/** Of a block: `  word         text`, which goes on below itself. */
export interface BlockLine {
  word: string;
  text: string;
}

/** A line of text, which is wrapped on a terminal; or one to paste, which stays as it is wherever it goes. */
export type Paragraph = Line | { paste: string } | BlockLine;

/** The words of blocks are padded to this. */
const WORD = 10;

/** A line of a block as far as its text. */
export const blockStart = (word: string): string => `  ${word.padEnd(WORD)}${GAP}`;

/** As many columns as every terminal has. */
export const NARROW = 80;

/** Sentences and commands on stdout: on a terminal, sentences are broken between words so that they fit. */
export function printText(
  paragraphs: readonly Paragraph[],
  printer: Pick<Printer, "print" | "isTerminal" | "columns">,
) {
  printer.print(textLines(paragraphs, printer.isTerminal.stdout ? printer.columns : Infinity));
}

export function textLines(paragraphs: readonly Paragraph[], width: number): Line[] {
  return paragraphs.flatMap((paragraph) => {
    if (typeof paragraph === "string") return fitted(paragraph, width);
    if ("paste" in paragraph) return [`  ${paragraph.paste}`];
    if (!("word" in paragraph)) return fitted(paragraph, width);
    const start = blockStart(paragraph.word);
    return wrapLine(`${start}${paragraph.text}`, width, start.length);
  });
}

/** A word that is wider than a line, as names that are not: `NAMESPACE/NAME` may be broken behind the `/`. */
export function pieces(word: string, width: number, measure: Measure = (text) => text.length): string[] {
  if (measure(word) <= width) return [word];
  const found: string[] = [];
  for (const part of word.split(/(?<=\/)/)) {
    const longer = (found.at(-1) ?? "") + part;
    if (found.length > 0 && measure(longer) <= width) found[found.length - 1] = longer;
    else found.push(part);
  }
  return found;
}

/**
 * A line in lines that are no wider, where its words allow it: a name is never broken. What follows is
 * indented by `hang`, or as the line is. Only the first of several keeps its colours.
 */
export function wrapLine(line: Line, width: number, hang?: number): Line[] {
  const text = escapeCell(plainText(line));
  if (text.length <= width) return [line];
  const [start = ""] = /^ */.exec(text) ?? [];
  const indent = " ".repeat(hang ?? start.length);
  const lines: string[] = [];
  let current = start;
  for (const word of text.slice(start.length).split(" ")) {
    for (const [at, piece] of pieces(word, width - indent.length).entries()) {
      const isFirst = current === start || current === indent;
      const longer = isFirst || at > 0 ? current + piece : `${current} ${piece}`;
      if (longer.length <= width || current.trim() === "") current = longer;
      else {
        lines.push(current.trimEnd());
        current = indent + piece;
      }
    }
  }
  lines.push(current);
  const [first = "", ...rest] = lines;
  return [typeof line === "string" ? first : cut(line, first.length), ...rest];
}

/** What is said beside a result, as it fits; a row of a table stays a row. */
export function noteLines(said: Lines, width: number): readonly Line[] {
  const lines = typeof said === "string" ? [said] : said;
  return lines.flatMap((line) => (plainText(line).trimStart().includes(GAP) ? [line] : fitted(line, width)));
}

const COMMAND = /^ +kubectl /;
const COMMAND_AT_END = /^(.*?:) (kubectl .*)$/;

/** A command that stands alone stays as it is, and one at the end of a long line stands alone below what it is for: lines to paste are not wrapped. */
function fitted(line: Line, width: number): Line[] {
  const text = escapeCell(plainText(line));
  if (COMMAND.test(text)) return [line];
  const [, lead, command] = (text.length > width && COMMAND_AT_END.exec(text)) || [];
  if (lead === undefined || command === undefined) return wrapLine(line, width);
  return [...wrapLine(typeof line === "string" ? lead : cut(line, lead.length), width), `  ${command}`];
}

/** The spans of the first characters of a line. */
function cut(spans: Exclude<Line, string>, length: number): Line {
  let left = length;
  return spans.map(({ text, tone }) => {
    const kept = escapeCell(text).slice(0, left);
    left -= kept.length;
    return { text: kept, tone };
  });
}
