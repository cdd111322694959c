import { styleText } from "node:util";
import { escapeCell } from "../text/escape.ts";

/** What a colour stands for; the words say the same. */
export type Tone = "yes" | "no" | "unknown" | "dim";

/** A part of a line. */
export interface Span {
  text: string;
  tone?: Tone | undefined;
}

/** One line. What it holds never makes another one: a line feed in it is shown as `\n`. */
export type Line = string | readonly Span[];

/** One line, or several. */
export type Lines = string | readonly Line[];

const colours = { yes: "green", no: "red", unknown: "yellow", dim: "dim" } as const;

/** As it is written to a stream: every line escaped and ended. No lines are no text. */
export function lineText(lines: Lines, coloured = false): string {
  if (typeof lines === "string") return `${escapeCell(lines)}\n`;
  return lines.map((line) => `${oneLine(line, coloured)}\n`).join("");
}

/** The line without its colours. */
export function plainText(line: Line): string {
  return typeof line === "string" ? line : line.map(({ text }) => text).join("");
}

function oneLine(line: Line, coloured: boolean): string {
  if (typeof line === "string" || !coloured) return escapeCell(plainText(line));
  return line
    .map(({ text, tone }) => {
      const escaped = escapeCell(text);
      return tone === undefined ? escaped : styleText(colours[tone], escaped, { validateStream: false });
    })
    .join("");
}

const tones: Readonly<Record<string, Tone>> = {
  yes: "yes",
  no: "no",
  unknown: "unknown",
  "n/a": "dim",
  critical: "no",
  high: "no",
  error: "no",
  medium: "unknown",
  warning: "unknown",
  low: "dim",
  note: "dim",
};

/** The colour of an answer, a severity or a state, by its first word: `yes (optional)`. */
export function toneFor(text: string): Tone | undefined {
  const [word = ""] = /^[a-z/]+/.exec(text) ?? [];
  return tones[word];
}

/** The line with its first word in the colour of what it says. */
export function answerLine(line: string): Line {
  const [word = ""] = /^ *[a-z/]+/.exec(line) ?? [];
  return [{ text: word, tone: toneFor(word.trim()) }, { text: line.slice(word.length) }];
}
