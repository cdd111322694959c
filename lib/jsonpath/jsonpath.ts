import { evaluate, type Found } from "./evaluate.ts";
import { goJsonTexts, goText, INVALID, isObject } from "./go-values.ts";
import { parseJsonPath } from "./parse.ts";
import { JsonPathError, type Node } from "./nodes.ts";

/** A template that was read; `text` is how it was written. */
export interface JsonPath {
  readonly text: string;
  readonly nodes: readonly Node[];
}

/**
 * A template of `kubectl get -o jsonpath=`.
 * @throws JsonPathError
 */
export function jsonPath(text: string): JsonPath {
  return { text, nodes: parseJsonPath(text) };
}

/**
 * What kubectl prints for the template, text by text: the results of an action with a blank between them, objects and lists as JSON.
 * @param value JSON that was read
 * @param show makes harmless what was found; the template's own texts stay as they are
 * @throws JsonPathError before the first text
 */
export function jsonPathTexts(
  { nodes }: JsonPath,
  value: unknown,
  show: (text: string) => string = String,
): Iterable<string> {
  return foundTexts(evaluate(nodes, value), show);
}

function* foundTexts(found: readonly Found[], show: (text: string) => string): Generator<string> {
  for (const { values, isText } of found) {
    for (const [at, each] of values.entries()) {
      if (at > 0) yield " ";
      for (const text of resultTexts(each)) yield isText ? text : show(text);
    }
  }
}

/** The same with `-o jsonpath-as-json`: each action is an array of what it found. */
export function jsonPathJson(
  { nodes }: JsonPath,
  value: unknown,
  show: (text: string) => string = String,
): Iterable<string> {
  return foundJson(evaluate(nodes, value), show);
}

function* foundJson(found: readonly Found[], show: (text: string) => string): Generator<string> {
  for (const { values } of found) {
    for (const text of goJsonTexts(values, "")) yield show(text);
    yield "\n";
  }
}

/** The values that a path finds, in one list. */
export function findAll({ nodes }: JsonPath, value: unknown): unknown[] {
  return evaluate(nodes, value).flatMap(({ values }) => values);
}

/** As a cell of `-o custom-columns` shows what a path finds; undefined for nothing. */
export function cellText(path: JsonPath, value: unknown): string | undefined {
  const found = findAll(path, value);
  return found.length === 0 ? undefined : found.map(goText).join(",");
}

/**
 * A path with or without `{`, `}` and the first dot, as `-o custom-columns` and `--sort-by` take it.
 * @throws JsonPathError
 */
export function relaxedPath(text: string): JsonPath {
  const [, braced, bare] = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text) ?? [];
  const path = braced ?? bare;
  if (path === undefined)
    throw new JsonPathError(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  return jsonPath(`{.${path}}`);
}

function resultTexts(value: unknown): Iterable<string> {
  if (value === INVALID) return ["<no value>"];
  if (value === null) return ["null"];
  return Array.isArray(value) || isObject(value) ? goJsonTexts(value) : [goText(value)];
}
