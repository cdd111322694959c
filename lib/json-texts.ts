// Several JSON values in one text, keys that an object of them repeats, and how deep a value is.

import type { JsonObject } from "./json.ts";

/**
 * JSON is nearly YAML, but much faster to read as what it is. Undefined when the text is not JSON
 * objects, one after the other. Throws an Error for values that are nested deeper than `maxDepth` levels.
 */
export function parseJsonTexts(text: string, maxDepth: number): unknown[] | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const values = tryJson([text]) ?? tryJson(jsonTexts(text));
  if (values?.some((value) => isDeeperThan(value, maxDepth))) {
    throw new Error(`nesting deeper than ${maxDepth} levels`);
  }
  return values;
}

function tryJson(texts: string[]): unknown[] | undefined {
  try {
    return texts.map((text): unknown => JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** `kubectl get … -o json` into the same file, twice, makes objects with nothing in between. Time linear in the text. */
function jsonTexts(text: string): string[] {
  const texts: string[] = [];
  const marks = /["{}[\]]/g;
  let depth = 0;
  let start = 0;
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const [mark] = found;
    if (mark === '"') marks.lastIndex = afterString(text, found.index + 1);
    else if (mark === "{" || mark === "[") depth++;
    else if (--depth === 0) {
      texts.push(text.slice(start, found.index + 1));
      start = found.index + 1;
    }
  }
  const rest = text.slice(start);
  return rest.trim() === "" ? texts : [...texts, rest];
}

/**
 * `line N: duplicated key "K"`: JSON.parse takes the last of two equal keys of an object without a word. Undefined when there are
 * none. For texts that JSON.parse takes, one value or several; time linear in the text.
 */
export function repeatedKeyFault(text: string, firstLine = 1): string | undefined {
  const marks = /["{}[\]]/g;
  const colon = /\s*:/y;
  const open: (Set<string> | undefined)[] = [];
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const { 0: mark, index } = found;
    if (mark === "{" || mark === "[") open.push(undefined);
    else if (mark !== '"') open.pop();
    else {
      const end = afterString(text, index + 1);
      marks.lastIndex = end;
      colon.lastIndex = end;
      if (!colon.test(text)) continue;
      const key = jsonString(text.slice(index, end));
      const keys = (open[open.length - 1] ??= new Set());
      if (keys.has(key)) return `line ${lineAt(text, index, firstLine)}: duplicated key ${JSON.stringify(key)}`;
      keys.add(key);
    }
  }
  return undefined;
}

const jsonString = (written: string): string =>
  written.includes("\\") ? String(JSON.parse(written)) : written.slice(1, -1);

const lineAt = (text: string, index: number, firstLine: number): number =>
  text.slice(0, index).split("\n").length - 1 + firstLine;

/** Behind the quote that ends a string, or behind the text where none does. */
function afterString(text: string, from: number): number {
  const ends = /["\\]/g;
  ends.lastIndex = from;
  for (let found = ends.exec(text); found !== null; found = ends.exec(text)) {
    if (found[0] === '"') return found.index + 1;
    ends.lastIndex = found.index + 2;
  }
  return text.length;
}

/** Whether lists and objects lie within each other more than `limit` times. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit < 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, limit - 1));
  // Every object of a large cluster is looked at: no list of its values is made.
  for (const field in value) if (isDeeperThan((value as JsonObject)[field], limit - 1)) return true;
  return false;
}

export function nestedValues(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}
