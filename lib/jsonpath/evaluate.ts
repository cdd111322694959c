// What a template finds in a value. Source of every rule, oddities included: client-go util/jsonpath/jsonpath.go, with
// missing keys allowed, as kubectl has it.

import { compare, goText, INVALID, isObject, typeName } from "./go-values.ts";
import { JsonPathError, type Node, type Slice } from "./nodes.ts";

/** Where ranges begin and end, over the whole run. */
interface Ranges {
  begun: number;
  inside: number;
  ended: number;
  /** The position of the last `{end}`. */
  lastEnd: number | undefined;
}

/** What one action, or a text between two, comes to. */
export interface Found {
  values: readonly unknown[];
  /** It is a text of the template itself, and nothing that was found. */
  isText: boolean;
}

/**
 * The results of each action, in order. `value` is JSON that was read.
 * @throws JsonPathError
 */
export function evaluate(template: readonly Node[], value: unknown): Found[] {
  return run(template, 0, value, { begun: 0, inside: 0, ended: 0, lastEnd: undefined });
}

function run(nodes: readonly Node[], from: number, value: unknown, ranges: Ranges): Found[] {
  const found: Found[] = [];
  for (let at = from; at < nodes.length; at += 1) {
    const results = steps([value], nodes.slice(at, at + 1), ranges);
    if (ranges.ended > 0 && ranges.ended <= ranges.inside) {
      ranges.ended -= 1;
      ranges.lastEnd = at;
      break;
    }
    if (ranges.begun === 0) {
      found.push({ values: results, isText: isText(nodes[at]) });
      continue;
    }
    ranges.begun -= 1;
    ranges.inside += 1;
    // One by one: a call takes only so many arguments.
    for (const each of results)
      for (const inside of run(nodes, at + 1, each === null ? INVALID : each, ranges)) found.push(inside);
    // Also what is done for nothing finds its end.
    if (results.length === 0) run(nodes, at + 1, INVALID, ranges);
    ranges.inside -= 1;
    if (ranges.lastEnd !== undefined && ranges.lastEnd > at) at = ranges.lastEnd;
  }
  return found;
}

function isText(node: Node | undefined): boolean {
  return node?.kind === "list" ? isText(node.nodes.at(-1)) : node?.kind === "text";
}

function steps(input: readonly unknown[], nodes: readonly Node[], ranges: Ranges): readonly unknown[] {
  return nodes.reduce((current, node) => step(current, node, ranges), input);
}

function step(input: readonly unknown[], node: Node, ranges: Ranges): readonly unknown[] {
  switch (node.kind) {
    case "list":
      return steps(input, node.nodes, ranges);
    case "text":
      return [node.text];
    case "literal":
      return input.map(() => node.value);
    case "field":
      return input.flatMap((value) => (isObject(value) && Object.hasOwn(value, node.name) ? [value[node.name]] : []));
    case "slice":
      return slices(input, node.slice);
    case "wildcard":
      return input.flatMap(children);
    case "recursive":
      return input.flatMap(descendants);
    case "union":
      return union(input, node.branches, ranges);
    case "filter":
      return filtered(input, node, ranges);
    case "word":
      return word(input, node.word, ranges);
  }
}

function word(input: readonly unknown[], name: string, ranges: Ranges): readonly unknown[] {
  if (name === "range") {
    ranges.begun += 1;
    return input;
  }
  if (name !== "end") throw new JsonPathError(`unrecognized identifier ${name}`, input);
  if (ranges.inside === 0) throw new JsonPathError("not in range, nothing to end");
  ranges.ended += 1;
  return [];
}

/** What stands in a value. Of a text its bytes do. */
function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [...new TextEncoder().encode(value)];
  return isObject(value) ? Object.values(value) : [];
}

/** All that holds something, the value first, each before what it holds. */
function descendants(value: unknown): unknown[] {
  const held = children(value);
  return held.length === 0 ? [] : [value, ...held.flatMap(descendants)];
}

function slices(input: readonly unknown[], slice: Slice): unknown[] {
  const found: unknown[] = [];
  for (const value of input) {
    // Where client-go would panic, nothing is found.
    if (value === null || value === INVALID) continue;
    if (!Array.isArray(value)) throw new JsonPathError(`${typeName(value)} is not array or slice`, input);
    const { length } = value;
    const start = (slice.start ?? 0) + ((slice.start ?? 0) < 0 ? length : 0);
    const given = slice.end ?? length;
    const end = given < 0 || (given === 0 && slice.isIndex) ? given + length : given;
    // Source: nothing that follows counts either.
    if (start === end) return found;
    checkBounds(start, end, length, input);
    if (slice.step !== undefined && slice.step <= 0) throw new JsonPathError("step must be > 0", input);
    for (let at = start; at < end; at += slice.step ?? 1) found.push(value[at]);
  }
  return found;
}

function checkBounds(start: number, end: number, length: number, input: readonly unknown[]): void {
  const outside = (index: number) =>
    new JsonPathError(`array index out of bounds: index ${index}, length ${length}`, input);
  if (start >= length || start < 0) throw outside(start);
  if (end > length || end < 0) throw outside(end - 1);
  if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`, input);
}

function union(input: readonly unknown[], branches: readonly (readonly Node[])[], ranges: Ranges): readonly unknown[] {
  return branches.flatMap((branch) => within(input, () => steps(input, branch, ranges)));
}

function filtered(input: readonly unknown[], filter: Node & { kind: "filter" }, ranges: Ranges): unknown[] {
  const found: unknown[] = [];
  for (const value of input) {
    if (!Array.isArray(value))
      throw new JsonPathError(`${goText(value)} is not array or slice and cannot be filtered`, input);
    for (const item of value as unknown[]) if (passes(item, filter, { input, found, ranges })) found.push(item);
  }
  return found;
}

interface Filtering {
  input: readonly unknown[];
  found: readonly unknown[];
  ranges: Ranges;
}

function passes(
  item: unknown,
  { left, operator, right }: Node & { kind: "filter" },
  { input, found, ranges }: Filtering,
): boolean {
  if (operator === "exists") return exists(item, left, ranges);
  const [one] = compared(item, left, { input, ranges });
  if (one === undefined) return false;
  const [other] = compared(item, right, { input, ranges });
  return other !== undefined && within(found, () => compare(one.value, operator, other.value));
}

/** A failure is not one here: what was found until then counts. */
function exists(item: unknown, nodes: readonly Node[], ranges: Ranges): boolean {
  try {
    return steps([item], nodes, ranges).length > 0;
  } catch (error) {
    if (error instanceof JsonPathError) return error.found.length > 0;
    throw error;
  }
}

/** None, or the one value of a side. */
function compared(
  item: unknown,
  nodes: readonly Node[],
  { input, ranges }: Pick<Filtering, "input" | "ranges">,
): { value: unknown }[] {
  const values = within(input, () => steps([item], nodes, ranges));
  if (values.length > 1) throw new JsonPathError("can only compare one element at a time", input);
  return values.map((value) => ({ value }));
}

/** A failure inside is one of the step around it, which had found `found`. */
function within<Result>(found: readonly unknown[], does: () => Result): Result {
  try {
    return does();
  } catch (error) {
    throw error instanceof JsonPathError ? new JsonPathError(error.message, found) : error;
  }
}
