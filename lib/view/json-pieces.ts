// A document may be longer than a string can be (about 500 million characters): it is made and written piece by piece.

import { escapeJson } from "../text/escape.ts";

/** In UTF-16 units: at least this much is written at once, and at most one item of a list more. */
const PIECE = 1 << 20;

const INDENT = " ".repeat(4);

/**
 * The text of `JSON.stringify(value, undefined, 4)` with a line feed behind it, harmful characters escaped, in pieces: the lists
 * that are fields of the value are written item by item. Each item is whole in one piece.
 */
export function* jsonPieces(value: object): Generator<string> {
  let texts: string[] = [];
  let length = 0;
  for (const text of documentTexts(value)) {
    texts.push(text);
    length += text.length;
    if (length < PIECE) continue;
    yield escapeJson(texts.join(""));
    texts = [];
    length = 0;
  }
  yield escapeJson(`${texts.join("")}\n`);
}

function* documentTexts(value: object): Generator<string> {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (Array.isArray(value) || fields.length === 0) return yield jsonText(value, 0);
  let before = "{";
  for (const [name, field] of fields) {
    yield `${before}\n${INDENT}${JSON.stringify(name)}: `;
    if (Array.isArray(field) && field.length > 0) yield* listTexts(field);
    else yield jsonText(field, 1);
    before = ",";
  }
  yield "\n}";
}

function* listTexts(items: readonly unknown[]): Generator<string> {
  let before = "[";
  for (const item of items) {
    yield `${before}\n${INDENT.repeat(2)}${jsonText(item, 2)}`;
    before = ",";
  }
  yield `\n${INDENT}]`;
}

/** JSON has line feeds between its words only: texts have them as `\n`. An item that is undefined is null. */
function jsonText(value: unknown, depth: number): string {
  const text: string | undefined = JSON.stringify(value, undefined, INDENT.length);
  return (text ?? "null").replaceAll("\n", `\n${INDENT.repeat(depth)}`);
}
