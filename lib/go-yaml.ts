// YAML of plain data, letter for letter what Go writes (go-yaml 2, as sigs.k8s.io/yaml and so Helm's toYaml use it): where it is a
// text within an object, a reader compares letters. Source: go-yaml's emitterc.go, encode.go, resolve.go, sorter.go.

import { isJsonObject } from "./json.ts";
import { goFloat, goInteger } from "./yaml-dialects.ts";

/** Without the line feed at the end. A number is written as JavaScript has it, unless Go has another form. */
export function toGoYaml(value: unknown): string {
  if (!isFilled(value)) return scalar(value, { indent: 0, column: 0 });
  return block(value, 0).join("\n");
}

const isFilled = (value: unknown): value is object =>
  Array.isArray(value) ? value.length > 0 : isJsonObject(value) && Object.keys(value).length > 0;

/** The lines of a list or of an object, at this indent. */
function block(value: object, indent: number): string[] {
  const start = " ".repeat(indent);
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      if (!isFilled(item)) return [`${start}- ${scalar(item, { indent, column: indent + 2 })}`];
      const [first = "", ...rest] = block(item, indent + 2);
      return [`${start}- ${first.slice(indent + 2)}`, ...rest];
    });
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries
    .toSorted(([a], [b]) => compareKeys(a, b))
    .flatMap(([key, one]) => {
      const name = `${start}${keyText(key)}:`;
      if (!isFilled(one)) return [`${name} ${scalar(one, { indent, column: name.length + 1 })}`];
      return [name, ...block(one, Array.isArray(one) ? indent : indent + 2)];
    });
}

/** Where a value begins, and the indent of what it is in. */
interface Place {
  indent: number;
  column: number;
  isKey?: boolean;
}

const keyText = (key: string): string => text(key, { indent: 0, column: 0, isKey: true });

function scalar(value: unknown, place: Place): string {
  if (typeof value === "string") return text(value, place);
  if (Array.isArray(value)) return "[]";
  if (isJsonObject(value)) return "{}";
  if (typeof value === "number") return numberText(value);
  return typeof value === "boolean" ? String(value) : "null";
}

/** Go writes an exponent from 21 digits on for whole numbers, from 6 on for others, with two digits at least. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 21 && !(Math.abs(power) >= 6)) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

const isBreak = (character: string | undefined): boolean =>
  character !== undefined && /[\n\r\u0085\u2028\u2029]/.test(character);

/** What Go holds for printable: nothing beyond the basic plane, no tab, no byte order mark. */
const isPrintable = (character: string): boolean =>
  character.length === 1 && /[\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(character);

function text(value: string, place: Place): string {
  const facts = analyze(value);
  if (value.includes("\n") && place.isKey !== true && facts.block) return literal(value, place.indent + 2);
  const isOther = value === "" || resolves(value);
  if (!isOther && !value.includes("\n") && facts.plain && value !== "") return folded(value, place, "plain");
  if (!isOther && !value.includes("\n") && facts.single)
    return `'${folded(value.replaceAll("'", "''"), place, "single")}'`;
  return doubleQuoted(value, place);
}

/** Which styles a text may be written in. */
function analyze(value: string): { plain: boolean; single: boolean; block: boolean } {
  const characters = [...value];
  const hasBreak = characters.some(isBreak);
  const [first] = characters;
  const last = characters.at(-1);
  const special = characters.some((character) => !isPrintable(character)) || / [\n\r\u0085\u2028\u2029]/.test(value);
  const spaceAfterBreak = /[\n\r\u0085\u2028\u2029] /.test(value);
  const atEdge = [first, last].some((character) => character === " " || isBreak(character));
  const plain = !hasBreak && !atEdge && !special && !hasIndicator(value);
  return { plain, single: !special && !spaceAfterBreak, block: !special && last !== " " };
}

/** What would begin or end something in block style. */
function hasIndicator(value: string): boolean {
  return (
    /^(?:---|\.\.\.)/.test(value) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(value) ||
    /^[?:-](?:\s|$)/.test(value) ||
    /^.[^]*:(?:\s|$)/.test(value) ||
    /\s#/.test(value)
  );
}

const words =
  /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|~|null|Null|NULL|\.nan|\.NaN|\.NAN|[+-]?\.inf|[+-]?\.Inf|[+-]?\.INF)$/;
const base60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]| )\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d*)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** Whether Go would read a plain text as something else than a text. */
function resolves(value: string): boolean {
  if (words.test(value) || base60.test(value) || timestamp.test(value)) return true;
  return /^[-+.\d]/.test(value) && (goInteger(value) ?? goFloat(value)) !== undefined;
}

const WIDTH = 80;

/** A text of one line: it is broken at a single space behind which a word follows, once the line is wider than 80. */
function folded(value: string, { indent, column, isKey = false }: Place, style: "plain" | "single"): string {
  if (isKey) return value;
  const characters = [...value];
  const lineStart = `\n${" ".repeat(indent + 2)}`;
  let at = column + (style === "single" ? 1 : 0);
  return characters
    .map((character, index) => {
      const isInner = style === "plain" || (index > 0 && index < characters.length - 1);
      const isSingle = character === " " && characters[index - 1] !== " " && characters[index + 1] !== " ";
      if (isSingle && isInner && at > WIDTH) {
        at = indent + 2;
        return lineStart;
      }
      at += 1;
      return character;
    })
    .join("");
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\u0007": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\u001b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u00a0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function escaped(character: string): string {
  const known = escapes[character];
  if (known !== undefined && character !== "\u00a0") return known;
  if (isPrintable(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

function doubleQuoted(value: string, { indent, column, isKey = false }: Place): string {
  const characters = [...value];
  let at = column + 1;
  const parts = characters.map((character, index) => {
    const isInner = index > 0 && index < characters.length - 1;
    if (character === " " && characters[index - 1] !== " " && isInner && at > WIDTH && !isKey) {
      at = indent + 2;
      return `\n${" ".repeat(indent + 2)}${characters[index + 1] === " " ? "\\" : ""}`;
    }
    const part = escaped(character);
    at += part.length;
    return part;
  });
  return `"${parts.join("")}"`;
}

function literal(value: string, indent: number): string {
  const hint = /^[ \n]/.test(value) ? "2" : "";
  const chomp = !value.endsWith("\n") ? "-" : /(?:^|\n)\n$/.test(value) ? "+" : "";
  const lines = (value.endsWith("\n") ? value.slice(0, -1) : value).split("\n");
  return [`|${hint}${chomp}`, ...lines.map((line) => (line === "" ? "" : `${" ".repeat(indent)}${line}`))].join("\n");
}

const isDigit = (character: string | undefined): boolean => character !== undefined && /^\p{Nd}$/u.test(character);
const isLetter = (character: string): boolean => /^\p{L}$/u.test(character);

/** `item2` before `item10`, and letters behind all else. */
function compareKeys(a: string, b: string): number {
  const [one, other] = [[...a], [...b]];
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const [left = "", right = ""] = [one[at], other[at]];
    if (left === right) continue;
    const [isLeft, isRight] = [isLetter(left), isLetter(right)];
    if (isLeft && isRight) return left < right ? -1 : 1;
    if (isLeft || isRight) return isRight ? -1 : 1;
    const [first, second] = [one, other].map((list) => numberAt(list, at, { isLed: isLed(one, other, at) }));
    if (first === undefined || second === undefined) return 0;
    if (first.value !== second.value) return first.value < second.value ? -1 : 1;
    if (first.length !== second.length) return first.length < second.length ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return one.length - other.length;
}

/** Whether other digits than 0 stand before a place where one of the two has a 0. */
function isLed(one: readonly string[], other: readonly string[], at: number): boolean {
  if (one[at] !== "0" && other[at] !== "0") return false;
  for (let index = at - 1; isDigit(one[index]); index -= 1) if (one[index] !== "0") return true;
  return false;
}

function numberAt(
  characters: readonly string[],
  at: number,
  { isLed: hasDigits }: { isLed: boolean },
): { value: number; length: number } {
  let value = hasDigits ? 1 : 0;
  let index = at;
  for (; isDigit(characters[index]); index += 1) value = value * 10 + Number(characters[index]);
  return { value, length: index - at };
}
