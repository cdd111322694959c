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
export const lineText = (lines: Lines, coloured = false): string => [...lineTexts(lines, coloured)].join("");

/** The same, line by line: a list may be longer than a string can be. */
export function* lineTexts(lines: Lines, coloured = false): Generator<string> {
  if (typeof lines === "string") yield `${escapeCell(lines)}\n`;
  else for (const line of lines) yield `${oneLine(line, coloured)}\n`;
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

/** By the words of ours as they are written: `EXPIRED` is still bound, and `expired` is history. */
const words: Readonly<Record<Tone, string>> = {
  yes: "yes ok connected Ready Running Succeeded",
  no: "no critical high error EXPIRED REVOKED DETACHED UNANCHORED EXPIRY unreadable Failed",
  unknown: "unknown medium warning incomplete outdated expiry Initializing InProgress Init Pending Waiting Unknown",
  dim: "n/a low note expired unadopted unmanaged Idle Terminating",
};
const tones = new Map(
  (["yes", "no", "unknown", "dim"] as const).flatMap((tone) => words[tone].split(" ").map((word) => [word, tone])),
);

/** The colour of an answer, a severity or a state, by its first word: `yes (optional)`. */
export function toneFor(text: string): Tone | undefined {
  const [word = ""] = /^[A-Za-z/]+/.exec(text) ?? [];
  return tones.get(word);
}

/** The line with its first word in the colour of what it says. */
export function answerLine(line: string): Line {
  const [word = ""] = /^ *[a-z/]+/.exec(line) ?? [];
  return [{ text: word, tone: toneFor(word.trim()) }, { text: line.slice(word.length) }];
}
