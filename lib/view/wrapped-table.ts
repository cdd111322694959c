// Tables whose lines do not fit the terminal. Loaded only for those: the packages cost some 30 ms.

import Table from "cli-table3";
import wrapAnsi from "wrap-ansi";
import { GAP, type Measure } from "./columns.ts";

/** No column is narrower than this, however small the terminal, unless its cells are. */
const NARROWEST = 10;

/**
 * Cells in columns that fit the terminal, each wrapped within its own; lines have no trailing blanks. Nothing of a cell is
 * lost but the blanks where it is broken; letters come composed with their marks (NFC). Too many columns for the terminal make longer lines.
 * @param rows escaped cells, headers first
 * @param natural the width of each column's widest cell
 * @param terminal how many columns it has
 */
export function wrappedTable(
  rows: readonly string[][],
  natural: readonly number[],
  { terminal, measure }: { terminal: number; measure: Measure },
): string[] {
  const widths = fittedWidths(natural, terminal - GAP.length * (natural.length - 1));
  const standIns = standInsFor(measure);
  // Wrapped here, because cli-table3's own wrapping drops parts of long names.
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) {
    const wrapped = row.map((cell, at) => wrapCell(cell, widths[at] ?? NARROWEST));
    table.push(wrapped.map((lines) => lines.map(standIns.put).join("\n")));
  }
  return table
    .toString()
    .split("\n")
    .map((line) => standIns.takeOut(line).trimEnd());
}

/** Narrow columns keep their width, and the wide ones share what is left alike. */
function fittedWidths(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  const narrowFirst = [...natural.keys()].toSorted((one, other) => (natural[one] ?? 0) - (natural[other] ?? 0));
  let left = available;
  for (const [done, at] of narrowFirst.entries()) {
    const share = Math.max(NARROWEST, Math.floor(left / (natural.length - done)));
    widths[at] = Math.min(natural[at] ?? 0, share);
    left -= widths[at];
  }
  return widths;
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
