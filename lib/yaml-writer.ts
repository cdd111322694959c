// YAML of plain data, letter for letter what js-yaml writes. js-yaml looks at every character of every text with each of its
// types, which is most of what printing an installation takes; here only what needs that is left to it.

export interface WriteOptions {
  sortKeys: boolean;
  /** js-yaml's own text of a value. */
  dump(value: unknown): string;
}

interface Writer extends WriteOptions {
  lines: string[];
  /** A text within keeps line feeds at its end, which only the end of the whole can show. */
  isBeyond: boolean;
}

/** A JSON value in block style: two spaces, lists not indented, keys that are undefined left out. */
export function writeYaml(value: unknown, options: WriteOptions): string {
  if (!isFilled(value)) return options.dump(value);
  const writer: Writer = { ...options, lines: [], isBeyond: false };
  writeBlock(value, "", "", writer);
  return writer.isBeyond ? options.dump(value) : `${writer.lines.join("\n")}\n`;
}

type Filled = Readonly<Record<string, unknown>> | readonly unknown[];

const isList = (value: Filled): value is readonly unknown[] => Array.isArray(value);

function isFilled(value: unknown): value is Filled {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) ? value.length > 0 : Object.values(value).some((one) => one !== undefined);
}

/** @param first what stands before the first line, in place of `indent`: the dash of a list */
function writeBlock(value: Filled, indent: string, first: string, writer: Writer): void {
  let start = first;
  if (isList(value)) {
    for (const item of value) {
      if (isFilled(item)) writeBlock(item, `${indent}  `, `${start}- `, writer);
      else writeScalar(item, { start: `${start}-`, indent, alone: [item], first: start }, writer);
      start = indent;
    }
    return;
  }
  const keys = writer.sortKeys ? Object.keys(value).toSorted() : Object.keys(value);
  for (const key of keys) {
    const one = value[key];
    if (one === undefined) continue;
    if (key.length > LONGEST_KEY || !isPlain(key)) writeLines(writer.dump({ [key]: one }), start, indent, writer);
    else if (isFilled(one)) {
      const deeper = isList(one) ? indent : `${indent}  `;
      writer.lines.push(`${start}${key}:`);
      writeBlock(one, deeper, deeper, writer);
    } else writeScalar(one, { start: `${start}${key}:`, indent, alone: { [key]: one }, first: start }, writer);
    start = indent;
  }
}

interface Place {
  /** The key or the dash. */
  start: string;
  indent: string;
  /** The value with its key or its dash, as js-yaml is asked for it; and what stands before that. */
  alone: unknown;
  first: string;
}

function writeScalar(value: unknown, { start, indent, alone, first }: Place, writer: Writer): void {
  const text = scalarText(value, `${indent}  `);
  if (text === undefined) writeLines(writer.dump(alone), first, indent, writer);
  else writer.lines.push(`${start} ${text}`);
}

/** A longer one is written in a way of its own. */
const LONGEST_KEY = 1000;

/** What was written by itself, at its place. A line of nothing stays one. */
function writeLines(text: string, first: string, indent: string, writer: Writer): void {
  writer.isBeyond ||= text.endsWith("\n...\n");
  const [head = "", ...rest] = text.replace(/\n$/, "").split("\n");
  writer.lines.push(`${first}${head}`, ...rest.map((line) => (line === "" ? "" : `${indent}${line}`)));
}

/** Undefined: js-yaml decides. */
function scalarText(value: unknown, indent: string): string | undefined {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number")
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
  if (typeof value === "object") return Array.isArray(value) ? "[]" : "{}";
  if (typeof value !== "string") return undefined;
  if (isPlain(value)) return value;
  if (isLiteral(value)) return literal(value, indent);
  return /^(?:|true|false|null|[1-9]\d*|[[{][ -&(-~]*)$/.test(value) ? `'${value}'` : undefined;
}

/** Words that some YAML reader takes for something else. */
const taken = /^(?:y|n|yes|no|on|off|true|false|null|\.?nan|\.?inf|infinity)$/i;

/** Whether a text is surely written as it is: words, versions, addresses, amounts; nothing that could begin or end anything. */
function isPlain(text: string): boolean {
  if (/^\.?[A-Za-z/][\w./*=,-]*(?:[ :][\w./*=,-]+)*$/.test(text)) return !taken.test(text);
  return /^\d+(?:\.\d+){2,}(?::\d+)?$|^\d+(?:m|[KMGT]i)$/.test(text);
}

/** Several lines of letters that begin with one, with at most one line feed at the end. */
const isLiteral = (text: string) => /^[!-~][ -~]*(?:\n+[ -~]+)+\n?$/.test(text);

function literal(text: string, indent: string): string {
  const isEnded = text.endsWith("\n");
  const lines = (isEnded ? text.slice(0, -1) : text).split("\n");
  return [isEnded ? "|" : "|-", ...lines.map((line) => (line === "" ? "" : `${indent}${line}`))].join("\n");
}
