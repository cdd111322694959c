// Tables whose lines do not fit the terminal. Loaded only for those: the packages cost some 30 ms.

import Table from "cli-table3";
import wrapAnsi from "wrap-ansi";
import { layOut } from "./columns.ts";
import { toneFor, type Line } from "./lines.ts";
import { pieces } from "./text.ts";
import { GAP, type Measure } from "./widths.ts";

/** A column of sentences that is narrower than this is hard to read. */
const NARROWEST = 12;

/** Below the first cells of a row. */
const INDENT = "    ";

interface WrapOptions {
  /** How many columns the terminal has. */
  terminal: number;
  measure: Measure;
  /** The positions of the columns that have a colour. */
  words: ReadonlySet<number>;
}

/**
 * Cells in columns that fit the terminal, each wrapped between words within its own. Where words are too long for that, each
 * row's first cells stand in columns and each of its others on lines of its own below: only a word that is longer than the
 * terminal is broken, behind a `/` where it has one. Nothing of a cell is lost but the blanks where it is broken, and no line has trailing blanks; letters
 * come composed with their marks (NFC).
 * @param rows escaped cells, headers first
 * @param natural the width of each column's widest cell
 */
export function wrappedTable(rows: readonly string[][], natural: readonly number[], options: WrapOptions): Line[] {
  const widths = fittedWidths(rows, natural, options);
  return widths === undefined ? stackedRows(rows, natural, options) : columnsOfWrapped(rows, widths, options);
}

/** Narrow columns keep their width, and the wide ones share what is left alike. Undefined: a word would be broken. */
function fittedWidths(
  rows: readonly string[][],
  natural: readonly number[],
  { terminal, measure }: WrapOptions,
): number[] | undefined {
  const least = natural.map((width, at) => {
    const words = rows.flatMap((row) => (row[at] ?? "").split(" "));
    return Math.min(width, Math.max(NARROWEST, ...words.map(measure)));
  });
  const widths = [...natural];
  const narrowFirst = [...natural.keys()].toSorted((one, other) => (natural[one] ?? 0) - (natural[other] ?? 0));
  let left = terminal - GAP.length * (natural.length - 1);
  let reserved = least.reduce((sum, width) => sum + width, 0);
  if (reserved > left) return undefined;
  for (const [done, at] of narrowFirst.entries()) {
    const needed = least.at(at) ?? 0;
    reserved -= needed;
    const share = Math.min(left - reserved, Math.max(needed, Math.floor(left / (natural.length - done))));
    widths[at] = Math.min(natural[at] ?? 0, share);
    left -= widths[at];
  }
  return widths;
}

function columnsOfWrapped(
  rows: readonly string[][],
  widths: readonly number[],
  { measure, words }: WrapOptions,
): Line[] {
  const standIns = standInsFor(measure);
  // Wrapped here, because cli-table3's own wrapping drops parts of long names.
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  const wrapped = rows.map((row) => row.map((cell, at) => wrapCell(cell, widths[at] ?? NARROWEST)));
  for (const row of wrapped) table.push(row.map((lines) => lines.map(standIns.put).join("\n")));
  const drawn = widths.map((_, at) => Math.max(...wrapped.flatMap((row) => (row[at] ?? []).map(measure))));
  const lines = table.toString().split("\n");
  return lines.map((line) => coloured(line, drawn, words, (text) => standIns.takeOut(text)));
}

/** The cells of a line at their places, which only stand-ins have not moved yet; those that have a colour in theirs. */
function coloured(
  line: string,
  widths: readonly number[],
  words: ReadonlySet<number>,
  finish: (text: string) => string,
): Line {
  const spans: { text: string; tone?: ReturnType<typeof toneFor> }[] = [];
  let rest = line;
  for (const [at, width] of widths.entries()) {
    const letters = [...rest];
    const cell = letters.slice(0, width).join("");
    const gap = letters.slice(width, width + GAP.length).join("");
    const tone = words.has(at) ? toneFor(cell) : undefined;
    const word = tone === undefined ? cell : cell.trimEnd();
    spans.push({ text: finish(word), tone }, { text: finish(cell.slice(word.length) + gap) });
    rest = letters.slice(width + GAP.length).join("");
  }
  if (spans.every(({ tone }) => tone === undefined)) return finish(line).trimEnd();
  const last = spans.findLastIndex(({ text }) => text.trim() !== "");
  return spans.slice(0, last + 1).map((span, at) => (at === last ? { ...span, text: span.text.trimEnd() } : span));
}

function stackedRows(rows: readonly string[][], natural: readonly number[], options: WrapOptions): Line[] {
  const { terminal, measure, words } = options;
  let width = -GAP.length;
  const tooFar = natural.findIndex((each) => (width += each + GAP.length) > terminal);
  const beside = Math.max(1, tooFar);
  const first = rows.map((row) => row.slice(0, beside));
  const starts = beside === tooFar ? layOut(first, natural, measure, words) : undefined;
  return rows.flatMap((row, at): Line[] => [
    ...(starts === undefined ? wrapCell(row[0] ?? "", terminal) : [starts[at] ?? ""]),
    ...row.slice(beside).flatMap((cell, below): Line[] => {
      const room = terminal - INDENT.length;
      const broken = cell.split(" ").map((word) => pieces(word, room, measure).join("\n"));
      const lines = wrapCell(broken.join(" "), room).map((line) => INDENT + line);
      const tone = words.has(beside + below) ? toneFor(cell) : undefined;
      return tone === undefined ? lines : lines.map((text) => [{ text, tone }]);
    }),
  ]);
}

/** A combining mark stays on the line of its letter. */
function wrapCell(cell: string, width: number): string[] {
  const wrapped = wrapAnsi(cell, width, { hard: true, trim: true });
  return wrapped.replaceAll(/\n(\p{M}+)/gu, "$1\n").split("\n");
}

const FIRST_STAND_IN = 0xf0000;
const STAND_INS = /([\u{f0000}-\u{ffffd}])\1*/gu;

/**
 * cli-table3 measures by an old string-width, which knows neither newer emoji nor the combining marks of most scripts. So
 * it gets runs of one private character each, as wide as the text they stand for.
 */
function standInsFor(measure: Measure): { put(text: string): string; takeOut(line: string): string } {
  const texts: string[] = [];
  return {
    put(text) {
      if (!/[^\x20-\x7e]/.test(text)) return text;
      const character = String.fromCodePoint(FIRST_STAND_IN + texts.push(text) - 1);
      return character.repeat(Math.max(1, measure(text)));
    },
    takeOut: (line) =>
      line.replaceAll(STAND_INS, (_run, character: string) => {
        return texts[(character.codePointAt(0) ?? 0) - FIRST_STAND_IN] ?? "";
      }),
  };
}

/** What cli-table3 draws around cells; all of it but the gap between two of them is left out. */
const sides = ["top", "bottom", "left", "right", "mid"];
const joints = ["top-mid", "top-left", "top-right", "bottom-mid", "bottom-left", "bottom-right"];
const crossings = ["left-mid", "mid-mid", "right-mid"];
const borderless = {
  ...Object.fromEntries([...sides, ...joints, ...crossings].map((name) => [name, ""])),
  middle: GAP,
};
