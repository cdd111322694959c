// The rows of a matrix as the script of the page reads them: cells repeat, so each text is kept once.

import { escapeCell, escapeJson } from "../../text/escape.ts";

/** A table with more lines than a browser can hold at once. */
export interface MatrixTable {
  columns: readonly string[];
  /** The first column that is an action; the ones before say who or what the line is about. */
  actionsFrom: number;
  rows: readonly (readonly string[])[];
}

/** JSON that ends no script element and holds nothing that is drawn as something else. */
export function matrixJson({ columns, rows }: MatrixTable): string {
  const numbers = new Map<string, number>();
  const number = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const numbered = rows.map((row) => row.map(number));
  const value = { columns, texts: [...numbers.keys()].map(escapeCell), rows: numbered };
  return escapeJson(JSON.stringify(value)).replaceAll(/[<>&]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
