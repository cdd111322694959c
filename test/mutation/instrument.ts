// Makes mutants of the areas where a wrong answer would give somebody access: Stryker's instrumenter writes all of them into
// copies of the files, each behind a switch, so that they are made once and a process chooses one.
import { Instrumenter } from "@stryker-mutator/instrumenter";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { instrumentedPath } from "./protocol.ts";

/** What is mutated. */
const areas = [
  "lib/rbac/**/*.ts",
  "lib/access/**/*.ts",
  "lib/preview/**/*.ts",
  "lib/mirrord/policy.ts",
  "lib/mirrord/policy/**/*.ts",
  "lib/install/**/*.ts",
];

export interface Mutant {
  id: string;
  /** Relative to the checkout. */
  file: string;
  /** From 1. */
  line: number;
  mutator: string;
  original: string;
  replacement: string;
}

export interface Mutants {
  checkout: string;
  /** Has the instrumented files, by their paths; and what else is known of these mutants. */
  folder: string;
  mutants: Mutant[];
}

const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
};

/** All mutants of the sources as they are now. Takes half a minute the first time, and is kept until lib changes. */
export async function makeMutants(checkout: string): Promise<Mutants> {
  const read = (path: string) => readFileSync(join(checkout, path), "utf8");
  const lib = globSync("lib/**/*.ts", { cwd: checkout }).toSorted();
  const folder = join(checkout, "build", "mutation", textHash([...lib, "package-lock.json"].map(read)));
  const list = join(folder, "mutants.json");
  if (existsSync(list)) return { checkout, folder, mutants: JSON.parse(readFileSync(list, "utf8")) as Mutant[] };

  const files = globSync(areas, { cwd: checkout }).toSorted();
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const made = await new Instrumenter(silent).instrument(
    files.map((name) => ({ name, content: read(name), mutate: true })),
    options,
  );
  for (const { name, content } of made.files) {
    const path = instrumentedPath(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, stripTypeScriptTypes(content));
  }
  const lines = new Map(files.map((name) => [name, read(name).split("\n")]));
  const mutants = made.mutants.map(({ id, fileName, location, mutatorName, replacement }) => ({
    id,
    file: fileName,
    line: location.start.line + 1,
    mutator: mutatorName,
    original: textBetween(lines.get(fileName) ?? [], location),
    replacement,
  }));
  // Last and at once: what was interrupted before is made again.
  writeFileSync(`${list}.new`, JSON.stringify(mutants));
  renameSync(`${list}.new`, list);
  return { checkout, folder, mutants };
}

/** Of texts in their order; short, for names of folders. */
export function textHash(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest("hex").slice(0, 16);
}

interface Position {
  line: number;
  column: number;
}

/** Lines and columns from 0. */
function textBetween(lines: readonly string[], { start, end }: { start: Position; end: Position }): string {
  const text = lines.slice(start.line, end.line + 1);
  const last = text.length - 1;
  return text
    .map((line, index) => line.slice(index === 0 ? start.column : 0, index === last ? end.column : undefined))
    .join("\n");
}
