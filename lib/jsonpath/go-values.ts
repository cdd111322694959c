// Values as Go has them where JSON was read into it: how they are printed, and which can be compared.

import { byCodePoint } from "../text/order.ts";
import { FLOAT, JsonPathError, type Float } from "./nodes.ts";

/** What Go calls an invalid value: nothing at all, where JSON's null is something. */
export const INVALID = Symbol("invalid");

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isFloat(value);
}

const isFloat = (value: unknown): value is Float => typeof value === "object" && value !== null && FLOAT in value;

/** From here on a whole number is a float in Go, too. */
const INT64_END = 2 ** 63;

type Kind = "bool" | "int" | "float" | "string" | undefined;

function basicKind(value: unknown): Kind {
  if (isFloat(value)) return "float";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (typeof value !== "number") return undefined;
  return Number.isInteger(value) && Math.abs(value) < INT64_END ? "int" : "float";
}

/** The type of a value, as messages name it. */
export function typeName(value: unknown): string {
  const names = { bool: "bool", int: "int64", float: "float64", string: "string" };
  const kind = basicKind(value);
  return kind === undefined ? (Array.isArray(value) ? "[]interface {}" : "map[string]interface {}") : names[kind];
}

/** Whether two values stand in the relation. Throws JsonPathError for kinds that Go does not compare. */
export function compare(left: unknown, operator: string, right: unknown): boolean {
  switch (operator) {
    case "==":
      return isEqual(left, right);
    case "!=":
      return !isEqual(left, right);
    case "<":
      return isLess(left, right);
    case "<=":
      return isLess(left, right) || isEqual(left, right);
    case ">":
      return !(isLess(left, right) || isEqual(left, right));
    case ">=":
      return !isLess(left, right);
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
}

function isEqual(left: unknown, right: unknown): boolean {
  sameKind(left, right);
  return plain(left) === plain(right);
}

function isLess(left: unknown, right: unknown): boolean {
  const kind = sameKind(left, right);
  if (kind === "bool") throw new JsonPathError("invalid type for comparison");
  if (kind === "string") return byCodePoint(String(left), String(right)) < 0;
  return Number(plain(left)) < Number(plain(right));
}

function sameKind(left: unknown, right: unknown): Kind {
  const kinds = [basicKind(left), basicKind(right)];
  if (kinds.includes(undefined)) throw new JsonPathError("invalid type for comparison");
  if (kinds[0] !== kinds[1]) throw new JsonPathError("incompatible types for comparison");
  return kinds[0];
}

const plain = (value: unknown) => (isFloat(value) ? value[FLOAT] : value);

/** As fmt.Sprint prints it: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
  if (value === INVALID) return "<invalid reflect.Value>";
  if (value === null) return "<nil>";
  if (isFloat(value)) return goFloat(value[FLOAT]);
  if (typeof value === "number") return basicKind(value) === "int" ? String(value) : goFloat(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (isObject(value))
    return `map[${sortedEntries(value)
      .map(([key, each]) => `${key}:${goText(each)}`)
      .join(" ")}]`;
  return typeof value === "string" ? value : String(value === true);
}

/** As `%v` prints a float: with an exponent below 1e-04 and from 1e+06 on. */
function goFloat(value: number): string {
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Below so many levels a value is one text. */
const LEVELS = 4;

/**
 * As Go's encoding/json writes it, text by text: keys in order, and what HTML would read escaped. With `indent`, four blanks a level.
 * No string of the value is cut.
 */
export function* goJsonTexts(value: unknown, indent?: string, levels = LEVELS): Generator<string> {
  if (!Array.isArray(value) && !isObject(value)) return yield scalar(isFloat(value) ? value[FLOAT] : value);
  const isList = Array.isArray(value);
  const parts: [before: string, value: unknown][] = isList
    ? value.map((each) => ["", each])
    : sortedEntries(value).map(([key, each]) => [`${scalar(key)}:${indent === undefined ? "" : " "}`, each]);
  if (parts.length === 0) return yield isList ? "[]" : "{}";
  const inside = indent === undefined ? undefined : `${indent}    `;
  const start = inside === undefined ? "" : `\n${inside}`;
  let before = isList ? "[" : "{";
  for (const [name, each] of parts) {
    yield before + start + name;
    if (levels > 0) yield* goJsonTexts(each, inside, levels - 1);
    else yield [...goJsonTexts(each, inside, 0)].join("");
    before = ",";
  }
  yield (indent === undefined ? "" : `\n${indent}`) + (isList ? "]" : "}");
}

function scalar(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const sortedEntries = (value: JsonObject) =>
  Object.entries(value).toSorted(([one], [other]) => byCodePoint(one, other));
