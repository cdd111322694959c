// What is known already, a line of JSON each, so that a run that was stopped goes on where it was.
import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** The last record of each key. A line that was cut off by an interruption is left out. */
export function readRecords<Value>(path: string): Map<string, Value> {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  return new Map(lines.flatMap((line) => parseRecord<Value>(line)));
}

function parseRecord<Value>(line: string): [string, Value][] {
  try {
    const { key, value } = JSON.parse(line) as { key: string; value: Value };
    return [[key, value]];
  } catch {
    return [];
  }
}

/** Begins with a line break, so that it also stands alone after a line that was cut off. */
export function addRecord(path: string, key: string, value: unknown): void {
  appendFileSync(path, `\n${JSON.stringify({ key, value })}`);
}
