import { escapeCell } from "../text/escape.ts";
import { toneFor, type Line } from "./lines.ts";
import { columnWidths, GAP, lineWidth, measurer, type Measure } from "./widths.ts";
import { shortenedTexts, type Shortening } from "./shorten.ts";

/** The text of one cell; undefined or empty shows as `<none>`. */
export type Cell<Row> = (row: Row) => string | number | undefined;

/**
 * `word`: one of ours, which has a colour on a terminal. `short`: what no command takes, which may be shortened there.
 * `items`: several names with commas between them, of which some may be left out there.
 */
type Column<Row> =
  | Cell<Row>
  | { readonly word: Cell<Row> }
  | { readonly short: Cell<Row> }
  | { readonly items: Cell<Row> };

/**
 * Headers in order, upper case: `{ NAME: (r) => r.name, ANSWER: { word: (r) => r.answer }, AGE: { wide: (r) => r.age } }`.
 * `wide` ones show with `-o wide` only.
 */
export type Columns<Row> = Readonly<Record<string, Column<Row> | { readonly wide: Column<Row> }>>;

export interface TableOptions {
  wide?: boolean;
  noHeaders?: boolean;
  /** Of the terminal, for a table of few rows: cells are wrapped where a line would be longer. Left out: one line a row. */
  wrapAt?: number | undefined;
  /** Of the terminal, for a list: what may be shortened is, where a line would be longer. */
  shortenAt?: number | undefined;
}

/** A table of more rows is a list, which is scrolled and searched: its rows stay lines. */
const MOST_WRAPPED_ROWS = 200;

/** A list as kubectl prints it: upper-case headers, no borders, three blanks between columns, none at the end of a line. */
export async function table<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  { wide = false, noHeaders = false, wrapAt = Infinity, shortenAt = Infinity }: TableOptions = {},
): Promise<Line[]> {
  const heads = noHeaders ? [] : [headers(columns, wide).map(escapeCell)];
  // Escaped before it is measured: an escape is wider than what it stands for.
  const full = [...heads, ...cells(columns, rows, wide).map((row) => row.map((cell) => escapeCell(cell) || "<none>"))];
  const measure = await measurer(full);
  const texts = fits(columnWidths(full, measure), shortenAt)
    ? full
    : shortenedTexts(full, shortenings(columns, wide), { width: shortenAt, heads: heads.length, measure });
  const widths = columnWidths(texts, measure);
  const words = wordColumns(columns, wide);
  if (fits(widths, wrapAt) || rows.length > MOST_WRAPPED_ROWS) return layOut(texts, widths, measure, words);
  const { wrappedTable } = await import("./wrapped-table.ts");
  return wrappedTable(texts, widths, { terminal: wrapAt, measure, words });
}

const fits = (widths: readonly number[], terminal: number) => lineWidth(widths) <= terminal;

/** The positions of the columns that have a colour. */
function wordColumns<Row>(columns: Columns<Row>, wide: boolean): ReadonlySet<number> {
  const isWord = shown(columns, wide).map(([, column]) => typeof column === "object" && "word" in column);
  return new Set([...isWord.keys()].filter((at) => isWord[at]));
}

function shortenings<Row>(columns: Columns<Row>, wide: boolean): Shortening[] {
  return shown(columns, wide).map(([, column]) => {
    if (typeof column === "function" || "word" in column) return "whole";
    return "items" in column ? "items" : "middle";
  });
}

export function headers<Row>(columns: Columns<Row>, wide: boolean): string[] {
  return shown(columns, wide).map(([header]) => header);
}

/** The cells as they are: not escaped, nothing for nothing. */
export function cells<Row>(columns: Columns<Row>, rows: readonly Row[], wide: boolean): string[][] {
  return rows.map(rowCells(columns, wide));
}

/** The same, of one row at a time. */
export function rowCells<Row>(columns: Columns<Row>, wide: boolean): (row: Row) => string[] {
  const texts = shown(columns, wide).map(([, column]) => cellText(column));
  return (row) => texts.map((text) => text(row));
}

function cellText<Row>(column: Column<Row>): (row: Row) => string {
  const cell = typeof column === "function" ? column : Object.values<Cell<Row>>(column)[0];
  return (row) => String(cell?.(row) ?? "");
}

function shown<Row>(columns: Columns<Row>, wide: boolean): [header: string, column: Column<Row>][] {
  return Object.entries(columns).flatMap(([header, column]): [string, Column<Row>][] => {
    if (typeof column === "function" || !("wide" in column)) return [[header, column]];
    return wide ? [[header, column.wide]] : [];
  });
}

/** Each row in one line, the cells of a column below each other; those of `words` have their colour. */
export function layOut(
  texts: readonly string[][],
  widths: readonly number[],
  measure: Measure,
  words: ReadonlySet<number>,
): Line[] {
  return texts.map((row) => {
    const last = row.findLastIndex((cell) => cell.trim() !== "");
    const padded = row.slice(0, last + 1).map((cell, at) => {
      const gap = at === last ? "" : " ".repeat((widths[at] ?? 0) - measure(cell)) + GAP;
      return { cell: at === last ? cell.trimEnd() : cell, gap, tone: words.has(at) ? toneFor(cell) : undefined };
    });
    if (padded.every(({ tone }) => tone === undefined)) return padded.map(({ cell, gap }) => cell + gap).join("");
    return padded.flatMap(({ cell, gap, tone }) => [{ text: cell, tone }, { text: gap }]);
  });
}
