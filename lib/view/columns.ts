import { escapeCell } from "../text/escape.ts";

/** The text of one cell; undefined or empty shows as `<none>`. */
export type Cell<Row> = (row: Row) => string | number | undefined;

/** Headers in order, upper case: `{ NAME: (r) => r.name, AGE: { wide: (r) => r.age } }`; `wide` ones show with `-o wide` only. */
export type Columns<Row> = Readonly<Record<string, Cell<Row> | { readonly wide: Cell<Row> }>>;

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
): Promise<string[]> {
  // Escaped before it is measured: an escape is wider than what it stands for.
  const texts = cells(columns, rows, wide).map((row) => row.map((cell) => escapeCell(cell) || "<none>"));
  if (!noHeaders) texts.unshift(headers(columns, wide).map(escapeCell));
  const measure = await measurer(texts);
  const widths = columnWidths(texts, measure);
  const fits = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) <= wrapAt;
  if (fits || rows.length > MOST_WRAPPED_ROWS) return layOut(texts, widths, measure);
  const { wrappedTable } = await import("./wrapped-table.ts");
  return wrappedTable(texts, widths, { terminal: wrapAt, measure });
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

function layOut(texts: readonly string[][], widths: readonly number[], measure: Measure): string[] {
  return texts.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - measure(cell)))
      .join(GAP)
      .trimEnd(),
  );
}
