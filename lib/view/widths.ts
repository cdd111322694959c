/** Between two columns. */
export const GAP = "   ";

const ASCII = /^[\x20-\x7e]*$/;

/** How many columns of a terminal a text takes. */
export type Measure = (cell: string) => number;

/** string-width is slow to load (it makes an Intl.Segmenter) and wanted only where a character can be wide. */
export async function measurer(texts: readonly string[][]): Promise<Measure> {
  const plain: Measure = (cell) => cell.length;
  if (texts.every((row) => row.every((cell) => ASCII.test(cell)))) return plain;
  const { default: stringWidth } = await import("string-width");
  return (cell) => (ASCII.test(cell) ? cell.length : stringWidth(cell));
}

export function columnWidths(texts: readonly string[][], measure: Measure): number[] {
  const widths: number[] = [];
  for (const row of texts)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, measure(cell));
  return widths;
}

/** With the gaps between them. */
export function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
}
