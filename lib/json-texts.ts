// Several JSON values in one text, and how deep a value is.

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
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap(nestedValues).filter((child) => typeof child === "object" && child !== null);
  }
  return false;
}

export function nestedValues(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}
