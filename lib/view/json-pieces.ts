import { escapeJson } from "../text/escape.ts";
import { pieces } from "./pieces.ts";

const INDENT = " ".repeat(4);
/** An item of a list that has a list of more items is written by pieces as well, as a run of a SARIF log is. */
const LONG = 100;

/**
 * The text of `JSON.stringify(value, undefined, 4)` with a line feed behind it, harmful characters escaped, in pieces: the lists
 * that are fields of the value, or of its items, are written item by item. Each text in it is whole in one piece.
 */
export function* jsonPieces(value: object): Generator<string> {
  for (const piece of pieces(documentTexts(value))) yield escapeJson(piece);
}

function* documentTexts(value: object): Generator<string> {
  yield* objectTexts(value, 0);
  yield "\n";
}

function* objectTexts(value: object, depth: number): Generator<string> {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (Array.isArray(value) || fields.length === 0) return yield jsonText(value, depth);
  let before = "{";
  for (const [name, field] of fields) {
    yield `${before}\n${INDENT.repeat(depth + 1)}${JSON.stringify(name)}: `;
    if (Array.isArray(field) && field.length > 0) yield* listTexts(field, depth + 1);
    else yield jsonText(field, depth + 1);
    before = ",";
  }
  yield `\n${INDENT.repeat(depth)}}`;
}

function* listTexts(items: readonly unknown[], depth: number): Generator<string> {
  let before = "[";
  for (const item of items) {
    yield `${before}\n${INDENT.repeat(depth + 1)}`;
    if (hasLongList(item)) yield* objectTexts(item, depth + 1);
    else yield jsonText(item, depth + 1);
    before = ",";
  }
  yield `\n${INDENT.repeat(depth)}]`;
}

const hasLongList = (item: unknown): item is object =>
  typeof item === "object" &&
  item !== null &&
  !Array.isArray(item) &&
  !("toJSON" in item) &&
  Object.values(item).some((field) => Array.isArray(field) && field.length > LONG);

/** JSON has line feeds between its words only: texts have them as `\n`. An item that is undefined is null. */
function jsonText(value: unknown, depth: number): string {
  const text: string | undefined = JSON.stringify(value, undefined, INDENT.length);
  return (text ?? "null").replaceAll("\n", `\n${INDENT.repeat(depth)}`);
}
