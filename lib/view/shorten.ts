import { columnWidths, lineWidth, type Measure } from "./widths.ts";

/** What may be done to the cells of a column so that a line fits: `items` drops names from the end, and says how many there are. */
export type Shortening = "whole" | "middle" | "items";

/** Less says nothing any more. */
const SHORTEST = 12;

const ELLIPSIS = "…";

interface ShortenOptions {
  /** Of the terminal. */
  width: number;
  /** How many of the rows are headers, which stay whole. */
  heads: number;
  measure: Measure;
}

/**
 * The widest of the columns that may be shortened become as narrow as it takes. Lines are longer than the terminal where
 * that does not do: a cell that a command takes stays whole.
 */
export function shortenedTexts(
  rows: readonly string[][],
  shortenings: readonly Shortening[],
  { width, heads, measure }: ShortenOptions,
): string[][] {
  const widths = columnWidths(rows, measure);
  const headWidths = columnWidths(rows.slice(0, heads), measure);
  const least = shortenings.map((how, at) => (how === "whole" ? Infinity : Math.max(SHORTEST, headWidths[at] ?? 0)));
  const limits = [...widths];
  for (let excess = lineWidth(widths) - width; excess > 0; excess -= 1) {
    const widest = [...limits.keys()]
      .filter((at) => (limits[at] ?? 0) > (least[at] ?? Infinity))
      .toSorted((one, other) => (limits[other] ?? 0) - (limits[one] ?? 0))[0];
    if (widest === undefined) break;
    limits[widest] = (limits[widest] ?? 0) - 1;
  }
  return rows.map((row, index) =>
    row.map((cell, at) => {
      const limit = limits.at(at) ?? Infinity;
      if (index < heads || measure(cell) <= limit) return cell;
      return shortenings[at] === "items" ? fewer(cell, limit, measure) : middle(cell, limit, measure);
    }),
  );
}

/** `dev,qa,… (7)`: names stay whole, and so does the first in any case; what follows them (` (-l team=a)`) goes last. */
function fewer(cell: string, limit: number, measure: Measure): string {
  const [list = "", rest = ""] = cell.split(/(?= )(.*)/, 2);
  const names = list.split(",");
  const texts = names.map((_, left) => {
    const kept = names.slice(0, names.length - left).join(",");
    return left === 0 ? kept : `${kept},${ELLIPSIS} (${names.length})`;
  });
  const whole = texts.map((text) => text + rest);
  const brief = texts.map((text) => `${text} (${ELLIPSIS})`);
  const last = rest === "" ? whole : brief;
  return [...whole, ...last].find((text) => measure(text) <= limit) ?? last.at(-1) ?? cell;
}

function middle(cell: string, limit: number, measure: Measure): string {
  const letters = [...cell];
  for (let kept = limit - 1; kept > 1; kept -= 1) {
    const start = letters.slice(0, Math.ceil(kept / 2));
    const end = letters.slice(letters.length - Math.floor(kept / 2));
    const text = [...start, ELLIPSIS, ...end].join("");
    if (measure(text) <= limit) return text;
  }
  return ELLIPSIS;
}
