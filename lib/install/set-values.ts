import { usageError } from "../errors.ts";
import { entryOf, isJsonObject, setField, type JsonObject } from "../json.ts";

/** One assignment of `--set`: the keys on the way, list places as numbers, and the value. */
export interface Assignment {
  path: (string | number)[];
  value: unknown;
}

/**
 * `a.b=c,d[0].e=f,g={x,y}` as Helm reads it: `\` keeps the next character; true, false, null and whole numbers are what they
 * look like, unless `isText`. Source: helm.sh/helm pkg/strvals.
 * @throws UserError "usage"; the value is never shown
 */
export function parseAssignments(text: string, flag: string, isText: boolean): Assignment[] {
  return splitOutside(text, ",").map((part, index) => {
    const [left, ...right] = splitOutside(part, "=", false);
    if (left === undefined || right.length === 0)
      // Whatever it is, it may be the rest of a value that has a comma in it.
      throw usageError(`${flag}: assignment ${index + 1} has no =`, "Write PATH=VALUE; a comma within a value as \\,");
    return { path: parsePath(left, flag), value: parseValue(right.join("="), isText) };
  });
}

/** At a separator that is neither escaped nor within braces; escapes stay. */
function splitOutside(text: string, separator: string, inBraces = true): string[] {
  const parts = [""];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\") {
      parts.push(`${parts.pop() ?? ""}${character}${text.charAt((at += 1))}`);
      continue;
    }
    if (inBraces && character === "{") depth += 1;
    if (inBraces && character === "}") depth -= 1;
    if (character === separator && depth <= 0) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${character}`);
  }
  return parts;
}

const unescape = (text: string) => text.replaceAll(/\\(.)/gs, "$1");

function parsePath(text: string, flag: string): (string | number)[] {
  return splitOutside(text, ".", false).flatMap((word) => {
    const match = /^(.*?)((?:\[\d{1,4}\])*)$/s.exec(word);
    const places = [...(match?.[2] ?? "").matchAll(/\d+/g)].map(([digits]) => Number(digits));
    const key = unescape(match?.[1] ?? "");
    if (key === "") throw usageError(`${flag} ${JSON.stringify(text)}: a key is empty`);
    return [key, ...places];
  });
}

function parseValue(text: string, isText: boolean): unknown {
  if (text.startsWith("{") && text.endsWith("}")) {
    const inner = text.slice(1, -1);
    return inner === "" ? [] : splitOutside(inner, ",").map((item) => scalar(item.trim(), isText));
  }
  return scalar(text, isText);
}

const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

function scalar(text: string, isText: boolean): unknown {
  if (isText) return unescape(text);
  if (Object.hasOwn(words, text)) return words[text];
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : unescape(text);
}

/** The values with the assignment; lists grow with null. */
export function assign(values: JsonObject, { path, value }: Assignment): JsonObject {
  const [first = "", ...rest] = path;
  return { ...values, [first]: assigned(entryOf(values, String(first)), rest, value) };
}

function assigned(before: unknown, [next, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (next === undefined) return value;
  if (typeof next === "string") {
    const object = isJsonObject(before) ? before : {};
    return { ...object, [next]: assigned(entryOf(object, next), rest, value) };
  }
  const list: unknown[] = Array.isArray(before) ? [...before] : [];
  while (list.length <= next) list.push(null);
  list[next] = assigned(list[next], rest, value);
  return list;
}

/** What is given later stands above; objects are merged, all else is replaced. */
export function mergeValues(before: JsonObject, after: JsonObject): JsonObject {
  const merged = { ...before };
  for (const [key, value] of Object.entries(after)) {
    const old = entryOf(merged, key);
    setField(merged, key, isJsonObject(old) && isJsonObject(value) ? mergeValues(old, value) : value);
  }
  return merged;
}

/** The values without the one at this path; a key with a dot in it is found as well. */
export function withoutValue(values: JsonObject, [first = "", ...rest]: readonly string[]): JsonObject {
  if (!Object.hasOwn(values, first)) {
    return rest.length === 0 ? values : withoutValue(values, [`${first}.${rest[0]}`, ...rest.slice(1)]);
  }
  const { [first]: inner, ...others } = values;
  if (rest.length === 0) return others;
  return isJsonObject(inner) ? { ...others, [first]: withoutValue(inner, rest) } : values;
}
