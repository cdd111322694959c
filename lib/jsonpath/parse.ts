// Templates as `kubectl get -o jsonpath=` reads them. Source of every rule, oddities included: client-go
// util/jsonpath/parser.go. Libraries of the name "jsonpath" read another language.

import { withoutEnd } from "../text/without-end.ts";
import { FLOAT, JsonPathError, type Node, type Slice } from "./nodes.ts";
import { unquote } from "./unquote.ts";

/** How far a text has been read. */
interface Cursor {
  readonly text: string;
  at: number;
}

/** @throws JsonPathError for a text that is no template */
export function parseJsonPath(template: string): readonly Node[] {
  const nodes: Node[] = [];
  const cursor: Cursor = { text: template, at: 0 };
  while (cursor.at < template.length) {
    const action = template.indexOf("{", cursor.at);
    const end = action === -1 ? template.length : action;
    if (end > cursor.at) nodes.push({ kind: "text", text: template.slice(cursor.at, end) });
    cursor.at = end + 1;
    if (action !== -1) nodes.push({ kind: "list", nodes: readAction(cursor) });
  }
  return nodes;
}

/** The steps of one action: `parseAction(".a[0]")`. What stands behind a `}` in it is dropped, as client-go does. */
function parseAction(text: string): readonly Node[] {
  const [first] = parseJsonPath(`{${text}}`);
  return first?.kind === "list" ? first.nodes : [];
}

/** From behind `{` to behind `}`. */
function readAction(cursor: Cursor): Node[] {
  const nodes: Node[] = [];
  for (;;) {
    const rest = cursor.text.slice(cursor.at);
    const [character = ""] = rest;
    if (character === "}") {
      cursor.at += 1;
      return nodes;
    }
    if (rest.startsWith("[?(")) nodes.push(readFilter(cursor));
    else if (rest.startsWith("..")) nodes.push(...readRecursive(cursor, nodes.at(-1)));
    else if (character === "" || isLineEnd(character)) throw new JsonPathError("unclosed action");
    // The object itself, where every step begins anyway.
    else if (character === " " || character === "@" || character === "$") cursor.at += 1;
    else if (character === "[") nodes.push(...readArray(cursor));
    else if (character === '"' || character === "'") nodes.push(readQuoted(cursor, character));
    else if (character === ".") nodes.push(readField(cursor, 1));
    else if (/[-+\p{Nd}]/u.test(character)) nodes.push(readNumber(cursor));
    else if (isAlphaNumeric(character)) nodes.push(readWord(cursor));
    else throw new JsonPathError(`unrecognized character in action: ${goCharacter(character)}`);
  }
}

const isLineEnd = (character: string) => character === "\r" || character === "\n";
const isAlphaNumeric = (character: string) => /^[_\p{L}\p{Nd}]/u.test(character);

/** As `%#U` shows it. */
function goCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")} '${character}'`;
}

/** The text up to the first character that ends a name, which is left. */
function readUpTo(cursor: Cursor, pattern: RegExp): string {
  const [text = ""] = pattern.exec(cursor.text.slice(cursor.at)) ?? [];
  cursor.at += text.length;
  return text;
}

/** A backslash keeps the next character from ending the name: `a\.b`. */
function readField(cursor: Cursor, dot: 0 | 1): Node {
  cursor.at += dot;
  const name = readUpTo(cursor, /^(?:\\[^]?|[^\\ \t\r\n.,[\]$@{}])*/u);
  return name === "*" ? { kind: "wildcard" } : { kind: "field", name: name.replaceAll("\\", "") };
}

/** `range`, `end`, `true`, `false`; what else it may be is found out when it is evaluated. */
function readWord(cursor: Cursor): Node {
  const word = readUpTo(cursor, /^[^ \t\r\n.,[\]$@{}]*/u);
  return word === "true" || word === "false" ? { kind: "literal", value: word === "true" } : { kind: "word", word };
}

function readRecursive(cursor: Cursor, last: Node | undefined): Node[] {
  if (last?.kind === "recursive") throw new JsonPathError("invalid multiple recursive descent");
  cursor.at += 2;
  return [{ kind: "recursive" }, ...(isAlphaNumeric(cursor.text.slice(cursor.at)) ? [readField(cursor, 0)] : [])];
}

function readNumber(cursor: Cursor): Node {
  const text = readUpTo(cursor, /^[-+]?[.\p{Nd}]*/u);
  const whole = /^[-+]?\d+$/.test(text) && isInt64(BigInt(text.replace("+", "")));
  if (whole) return { kind: "literal", value: Number(text) };
  if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text)) return { kind: "literal", value: { [FLOAT]: Number(text) } };
  throw new JsonPathError(`cannot parse number ${text}`);
}

const isInt64 = (value: bigint) => BigInt.asIntN(64, value) === value;

function readQuoted(cursor: Cursor, quote: string): Node {
  const start = cursor.at;
  for (cursor.at += 1; ; cursor.at += 1) {
    const character = cursor.text.charAt(cursor.at);
    if (character === "" || character === "\n") throw new JsonPathError("unterminated quoted string");
    if (character === quote && cursor.text.charAt(cursor.at - 1) !== "\\") break;
  }
  cursor.at += 1;
  return { kind: "text", text: unquote(cursor.text.slice(start, cursor.at)) };
}

/** `[0]`, `[-1]`, `[1:3]`, `[::2]`, `[*]`, `['key']`, `[0,2]`. A bracket in a key cannot be written. */
function readArray(cursor: Cursor): readonly Node[] {
  const [all, text = ""] = /^\[([^\]\n]*)\]/.exec(cursor.text.slice(cursor.at)) ?? [];
  if (all === undefined) throw new JsonPathError("unterminated array");
  cursor.at += all.length;
  const parts = text.split(",");
  if (parts.length > 1) {
    const branches = parts.map((part) => parseAction(`[${withoutEnd(part.replace(/^ +/, ""), " ")}]`));
    return [{ kind: "union", branches }];
  }
  const [, key] = /^'([^']*)'$/.exec(text) ?? [];
  if (key !== undefined) return parseAction(`.${key}`);
  return [{ kind: "slice", slice: parseSlice(text === "*" ? ":" : text) }];
}

function parseSlice(text: string): Slice {
  const parts = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (parts === null) throw new JsonPathError(`invalid array index ${text}`);
  const [, first = "", second, third] = parts;
  const start = index(first);
  const isIndex = second === undefined;
  return {
    start,
    end: isIndex ? (start ?? 0) + 1 : index(second.slice(1)),
    isIndex,
    step: third === undefined ? undefined : index(third.slice(1)),
  };
}

function index(text: string): number | undefined {
  if (text === "") return undefined;
  if (/^-?\d+$/.test(text) && isInt64(BigInt(text))) return Number(text);
  throw new JsonPathError(`array index ${text} is not a number`);
}

/** `[?(@.name=="web")]`, `[?(@.name)]`. A closing parenthesis counts only outside the first pair of quotes. */
function readFilter(cursor: Cursor): Node {
  cursor.at += 3;
  const start = cursor.at;
  let quote = "";
  let isQuoted = false;
  for (; ; cursor.at += 1) {
    const character = cursor.text.charAt(cursor.at);
    if (character === "" || character === "\n") throw new JsonPathError("unterminated filter");
    if (character === ")" && !isQuoted) break;
    if (character !== '"' && character !== "'") continue;
    if (quote === "") [quote, isQuoted] = [character, true];
    else if (character === quote && cursor.text.charAt(cursor.at - 1) !== "\\") isQuoted = false;
  }
  const text = cursor.text.slice(start, cursor.at);
  if (cursor.text.charAt(cursor.at + 1) !== "]") throw new JsonPathError("unclosed array expect ]");
  cursor.at += 2;
  const [, left, operator = "", right = ""] = /^([^!<>=]+)([!<>=]+)(.+)$/s.exec(text) ?? [];
  if (left === undefined) return { kind: "filter", left: parseAction(text), operator: "exists", right: [] };
  return { kind: "filter", left: parseAction(left), operator, right: parseAction(right) };
}
