// Compares what is written with a file that somebody has read. Where a change is meant, UPDATE_KEPT=1 writes the file anew:
// look at the difference.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import type { Test } from "tap";
import { UserError } from "../lib/errors.ts";
import { isJsonObject } from "../lib/json.ts";
import { toYaml } from "../lib/yaml.ts";

/** @param file absolute */
export function equalsKept(t: Test, text: string, file: string): void {
  if (process.env["UPDATE_KEPT"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  t.equal(text, readFileSync(file, "utf8"));
}

type Entry = [key: string, value: unknown];
const isPlain = ([, value]: Entry) => !isJsonObject(value) && !(Array.isArray(value) && value.some(isJsonObject));

/** Each object in it in a line: where it is, and what is plain of it. Those of `properties` stand where the schema stands. */
export function objectLines(value: object, path = ""): string[] {
  const entries = Object.entries(value) as Entry[];
  const own = entries.filter(isPlain).map(([key, each]) => `${key}=${JSON.stringify(each)}`);
  const inner = entries
    .filter((entry) => !isPlain(entry))
    .flatMap(([key, each]): [string, unknown][] => {
      const at = key === "properties" ? path : `${path}.${key}`;
      return Array.isArray(each) ? each.map((one: unknown, index) => [`${at}[${index}]`, one]) : [[at, each]];
    });
  const rest = inner.flatMap(([at, each]) => (isJsonObject(each) ? objectLines(each, at) : []));
  return [...(own.length === 0 && rest.length > 0 ? [] : [`${path} ${own.join(" ")}`.trim()]), ...rest];
}

const HEADING = "# ";

/**
 * Compares what is said in one case of a test file, word for word, with what `FILE.kept.txt` has under its name. Of what
 * throws a UserError it is the error.
 * @param testFile `import.meta.filename`
 */
export function saysKept(t: Test, testFile: string, name: string, said: () => unknown): void {
  const file = testFile.replace(/\.test\.ts$/, ".kept.txt");
  const heading = `${HEADING}${JSON.stringify(name)}`;
  const text = toYaml(plainValue(said)).trimEnd();
  const sections = readSections(file);
  if (process.env["UPDATE_KEPT"] === "1") {
    sections.set(heading, text);
    writeFileSync(file, [...sections].map(([title, body]) => `${title}\n${body}\n`).join("\n"));
  }
  t.equal(text, sections.get(heading), "what it says");
}

function plainValue(said: () => unknown): unknown {
  try {
    const whole = JSON.stringify(said(), (_key, value: unknown) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    );
    return JSON.parse(whole ?? '"nothing"') as unknown;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { error: error.kind, lines: error.lines, hints: error.hints };
  }
}

function readSections(file: string): Map<string, string> {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const sections = text.split(/^(?=# ")/m).filter((section) => section !== "");
  return new Map(
    sections.map((section) => {
      const end = section.indexOf("\n");
      return [section.slice(0, end), section.slice(end + 1).trimEnd()];
    }),
  );
}
