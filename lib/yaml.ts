import { dump, loadAll, YAMLException } from "js-yaml";
import { usageError } from "./errors.ts";
import { nestedValues, parseJsonTexts, repeatedKeyFault } from "./json-texts.ts";
import { writeYaml } from "./yaml-writer.ts";
import { dumpSchema, schemas, type Dialect } from "./yaml-dialects.ts";

export interface ParseOptions {
  /** A file name or `-`, as the user knows it; it starts every error message. */
  source: string;
  /** Left out, `kubectl`. */
  dialect?: Dialect;
  /** The number of the text's first line, for errors; left out, 1. */
  firstLine?: number;
  /** UTF-8 bytes; more is refused before parsing. */
  maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const MAX_ALIASES = 100;
const MAX_DEPTH = 500;
/** Nodes that aliases may add beyond what is written out; without this, a few nested aliases make billions of nodes. */
const MAX_ALIASED_NODES = 100_000;

/**
 * The documents of a YAML or JSON text, without the empty ones. The result is JSON-like data: a key `__proto__` is an
 * ordinary property, dates stay strings.
 * @throws UserError "usage", `SOURCE: line N: …`
 */
export function parseDocuments(text: string, options: ParseOptions): unknown[] {
  const { source, dialect = "kubectl", maxBytes = DEFAULT_MAX_BYTES, firstLine = 1 } = options;
  if (Buffer.byteLength(text) > maxBytes) throw usageError(`${source}: larger than ${maxBytes} bytes`);

  // go-yaml lets a byte order mark begin any line: files that have one may have been joined.
  const input = text.replaceAll(/^\uFEFF/gm, "");
  try {
    const documents = parse(input, dialect, firstLine).filter(
      (document) => document !== null && document !== undefined,
    );
    if (input.includes("&")) refuseAliasBombs(documents);
    return documents;
  } catch (error) {
    throw usageError(`${source}: ${describe(error, firstLine)}`, undefined, { cause: error });
  }
}

/** Block style as kubectl prints it: lists not indented, no references, strings that any YAML reader could mistake are quoted. */
export function toYaml(value: unknown, { sortKeys = false }: { sortKeys?: boolean } = {}): string {
  return writeYaml(value, { sortKeys, dump: (one) => dumped(one, sortKeys) });
}

function dumped(value: unknown, sortKeys: boolean): string {
  return dump(value, {
    schema: dumpSchema,
    noRefs: true,
    lineWidth: -1,
    seqNoIndent: true,
    sortKeys,
  });
}

function parse(text: string, dialect: Dialect, firstLine: number): unknown[] {
  if (dialect === "kubectl" || dialect === "manifest") {
    const values = parseJsonTexts(text, MAX_DEPTH);
    const fault = values === undefined || dialect === "kubectl" ? undefined : repeatedKeyFault(text, firstLine);
    if (fault !== undefined) throw new Error(fault);
    if (values !== undefined) return values;
  }
  return loadAll(text, {
    schema: schemas[dialect],
    json: dialect === "kubectl",
    maxAliases: MAX_ALIASES,
    maxDepth: MAX_DEPTH,
  });
}

/** Aliases make a small text into a graph that is cheap to hold and ruinous to walk. */
function refuseAliasBombs(documents: unknown[]): void {
  const sizes = new Map<unknown, number>();
  const within = new Set<unknown>();
  let written = 0;
  const expandedSize = (value: unknown): number => {
    const known = sizes.get(value);
    if (known !== undefined) return known;
    written++;
    if (within.has(value)) throw new Error("an anchor contains itself");
    const holdsOthers = typeof value === "object" && value !== null;
    if (holdsOthers) within.add(value);
    let size = 1;
    for (const child of nestedValues(value)) size += expandedSize(child);
    within.delete(value);
    if (holdsOthers) sizes.set(value, size);
    return size;
  };
  const expanded = expandedSize(documents);
  if (expanded - written > MAX_ALIASED_NODES) throw new Error("aliases repeat too much");
}

function describe(error: unknown, firstLine: number): string {
  if (error instanceof YAMLException) {
    const line = error.mark === undefined ? "" : `line ${error.mark.line + firstLine}: `;
    return line + error.reason;
  }
  return error instanceof Error ? error.message : String(error);
}
