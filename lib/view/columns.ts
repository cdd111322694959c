import { escapeCell } from "../text/escape.ts";
import { toneFor, type Line } from "./lines.ts";

/** The text of one cell; undefined or empty shows as `<none>`. */
export type Cell<Row> = (row: Row) => string | number | undefined;

/**
 * Headers in order, upper case: `{ NAME: (r) => r.name, ANSWER: { word: (r) => r.answer }, AGE: { wide: (r) => r.age } }`.
 * A `word` is one of ours, which has a colour on a terminal; `wide` ones show with `-o wide` only.
 */
export type Columns<Row> = Readonly<
  Record<string, Cell<Row> | { readonly word: Cell<Row> } | { readonly wide: Cell<Row> }>
>;

export interface TableOptions {
  wide?: boolean;
  noHeaders?: boolean;
  /** Of the terminal, for a table of few rows: cells are wrapped where a line would be longer. Left out: one line a row. */
  wrapAt?: number | undefined;
}

/** Between two columns. */
export const GAP = "   ";

/** A table of more rows is a list, which is scrolled and searched: its rows stay lines. */
const MOST_WRAPPED_ROWS = 200;

const ASCII = /^[\x20-\x7e]*$/;

/** A list as kubectl prints it: upper-case headers, no borders, three blanks between columns, none at the end of a line. */
export async function table<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  { wide = false, noHeaders = false, wrapAt = Infinity }: TableOptions = {},
): Promise<Line[]> {
  // Escaped before it is measured: an escape is wider than what it stands for.
  const texts = cells(columns, rows, wide).map((row) => row.map((cell) => escapeCell(cell) || "<none>"));
  if (!noHeaders) texts.unshift(headers(columns, wide).map(escapeCell));
  const measure = await measurer(texts);
  const widths = columnWidths(texts, measure);
  const fits = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) <= wrapAt;
  const words = wordColumns(columns, wide);
  if (fits || rows.length > MOST_WRAPPED_ROWS) return layOut(texts, widths, measure, words);
  const { wrappedTable } = await import("./wrapped-table.ts");
  const lines = wrappedTable(texts, widths, { terminal: wrapAt, measure });
  // The first column is where it was.
  return words.has(0) ? lines.map((line) => coloured(line.slice(0, widths[0]), line.slice(widths[0]))) : lines;
}

/** The positions of the columns that have a colour. */
function wordColumns<Row>(columns: Columns<Row>, wide: boolean): ReadonlySet<number> {
  const isWord = headers(columns, wide).map(
    (header) => typeof columns[header] === "object" && "word" in columns[header],
  );
  return new Set([...isWord.keys()].filter((at) => isWord[at]));
}

function coloured(word: string, rest: string): Line {
  const tone = toneFor(word);
  return tone === undefined ? word + rest : [{ text: word, tone }, { text: rest }];
}

export function headers<Row>(columns: Columns<Row>, wide: boolean): string[] {
  return shown(columns, wide).map(([header]) => header);
}

/** The cells as they are: not escaped, nothing for nothing. */
export function cells<Row>(columns: Columns<Row>, rows: readonly Row[], wide: boolean): string[][] {
  const shownColumns = shown(columns, wide);
  return rows.map((row) => shownColumns.map(([, cell]) => String(cell(row) ?? "")));
}

function shown<Row>(columns: Columns<Row>, wide: boolean): [header: string, cell: Cell<Row>][] {
  return Object.entries(columns).flatMap(([header, column]): [string, Cell<Row>][] => {
    if (typeof column === "function") return [[header, column]];
    if ("word" in column) return [[header, column.word]];
    return wide ? [[header, column.wide]] : [];
  });
}

/** How many columns of a terminal a text takes. */
export type Measure = (cell: string) => number;

/** string-width is slow to load (it makes an Intl.Segmenter) and wanted only where a character can be wide. */
async function measurer(texts: readonly string[][]): Promise<Measure> {
  const plain: Measure = (cell) => cell.length;
  if (texts.every((row) => row.every((cell) => ASCII.test(cell)))) return plain;
  const { default: stringWidth } = await import("string-width");
  return (cell) => (ASCII.test(cell) ? cell.length : stringWidth(cell));
}

function columnWidths(texts: readonly string[][], measure: Measure): number[] {
  const widths: number[] = [];
  for (const row of texts)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, measure(cell));
  return widths;
}

function layOut(
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
