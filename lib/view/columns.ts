import { escapeCell } from "../text/escape.ts";

/** The text of one cell; undefined or empty shows as `<none>`. */
export type Cell<Row> = (row: Row) => string | number | undefined;

/** Headers in order, upper case: `{ NAME: (r) => r.name, AGE: { wide: (r) => r.age } }`; `wide` ones show with `-o wide` only. */
export type Columns<Row> = Readonly<Record<string, Cell<Row> | { readonly wide: Cell<Row> }>>;

export interface TableOptions {
  wide?: boolean;
  noHeaders?: boolean;
}

const GAP = "   ";
const ASCII = /^[\x20-\x7e]*$/;

/** A list as kubectl prints it: upper-case headers, no borders, three blanks between columns, none at the end of a line. */
export async function table<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  { wide = false, noHeaders = false }: TableOptions = {},
): Promise<string[]> {
  // Escaped before it is measured: an escape is wider than what it stands for.
  const lines = cells(columns, rows, wide).map((line) => line.map((cell) => escapeCell(cell) || "<none>"));
  if (!noHeaders) lines.unshift(headers(columns, wide).map(escapeCell));
  const widthOf = await measure(lines);
  return layOut(lines, widthOf);
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

/** string-width is slow to load (it makes an Intl.Segmenter) and wanted only where a character can be wide. */
async function measure(lines: readonly string[][]): Promise<(cell: string) => number> {
  const plain = (cell: string): number => cell.length;
  if (lines.every((line) => line.every((cell) => ASCII.test(cell)))) return plain;
  const { default: stringWidth } = await import("string-width");
  return (cell) => (ASCII.test(cell) ? cell.length : stringWidth(cell));
}

function layOut(lines: readonly string[][], widthOf: (cell: string) => number): string[] {
  const widths: number[] = [];
  for (const line of lines)
    for (const [at, cell] of line.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));

  return lines.map((line) =>
    line
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell)))
      .join(GAP)
      .trimEnd(),
  );
}
