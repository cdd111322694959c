// A strict reading of Prometheus' text format 0.0.4, for tests: whatever its grammar does not have is an error. Source:
// prometheus.io/docs/instrumenting/exposition_formats, and what node exporter's textfile collector refuses besides (times).

export interface ReadSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Exposition {
  /** By name. */
  help: Record<string, string>;
  types: Record<string, string>;
  samples: ReadSample[];
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const VALUE = /^[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf|NaN)$/;

export function readExposition(text: string): Exposition {
  const read: Exposition = { help: {}, types: {}, samples: [] };
  if (text === "") return read;
  if (!text.endsWith("\n")) throw new Error("the last line has no line feed");
  if (!text.isWellFormed()) throw new Error("no UTF-8");
  if (text.includes("\r")) throw new Error("a carriage return");
  const seen = new Set<string>();
  let open = "";
  const closed = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") throw new Error("an empty line");
    const name = line.startsWith("#") ? metadata(line, read) : sample(line, read, seen);
    if (name !== open) {
      if (closed.has(name)) throw new Error(`the lines of ${name} are not together`);
      closed.add(open);
      open = name;
    }
  }
  for (const { name } of read.samples) if (read.types[name] === undefined) throw new Error(`${name} has no type`);
  return read;
}

function metadata(line: string, { help, types, samples }: Exposition): string {
  const [, kind = "", name = "", rest = ""] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/s.exec(line) ?? [];
  if (kind === "") throw new Error(`no comment of the format: ${line}`);
  const into = kind === "HELP" ? help : types;
  if (into[name] !== undefined) throw new Error(`${kind} ${name} twice`);
  if (samples.some((each) => each.name === name)) throw new Error(`${kind} ${name} after its samples`);
  if (kind === "TYPE" && !["counter", "gauge", "histogram", "summary", "untyped"].includes(rest))
    throw new Error(`no type: ${rest}`);
  into[name] = kind === "HELP" ? unescape(rest, "\\n") : rest;
  return name;
}

function sample(line: string, { samples }: Exposition, seen: Set<string>): string {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(line) ?? [];
    if (found === undefined) throw new Error(`${pattern} expected at ${at}: ${line}`);
    at += found.length;
    return found;
  };
  const name = take(NAME);
  const labels: Record<string, string> = {};
  if (line[at] === "{") {
    do {
      at += 1;
      const label = take(LABEL);
      if (label in labels) throw new Error(`label ${label} twice: ${line}`);
      take(/="/y);
      labels[label] = unescape(take(/(?:[^"\\]|\\.)*/sy), '\\n"');
      take(/"/y);
    } while (line[at] === ",");
    take(/\}/y);
  }
  take(/ /y);
  const value = line.slice(at);
  if (!VALUE.test(value)) throw new Error(`no value, or a time after it: ${line}`);
  const key = JSON.stringify([
    name,
    Object.keys(labels)
      .toSorted()
      .map((label) => [label, labels[label]]),
  ]);
  if (seen.has(key)) throw new Error(`the same sample twice: ${line}`);
  seen.add(key);
  samples.push({ name, labels, value: Number(value) });
  return name;
}

function unescape(text: string, escapes: string): string {
  return text.replaceAll(/\\(.?)/gs, (_all, character: string) => {
    if (character === "" || !escapes.includes(character)) throw new Error(`no escape: \\${character}`);
    return character === "n" ? "\n" : character;
  });
}
