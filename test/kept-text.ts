// Compares what is written with a file that somebody has read. Where a change is meant, UPDATE_KEPT=1 writes the file anew:
// look at the difference.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import type { Test } from "tap";
import { isJsonObject } from "../lib/json.ts";

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
