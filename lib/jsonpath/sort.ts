import { compare } from "./go-values.ts";
import { findAll, type JsonPath } from "./jsonpath.ts";
import { JsonPathError } from "./nodes.ts";

/**
 * The order of `kubectl get --sort-by`: by the first thing that the path finds, and what has none comes first.
 * @throws JsonPathError for values of two kinds
 */
export function compareByPath(path: JsonPath): (one: unknown, other: unknown) => number {
  return (one, other) => {
    const [[left], [right]] = [findAll(path, one), findAll(path, other)];
    if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
    return inOrder(left, right, path);
  };
}

function inOrder(left: unknown, right: unknown, path: JsonPath): number {
  try {
    if (typeof left === "number" && typeof right === "number") return left - right;
    if (compare(left, "==", right)) return 0;
    return compare(left, "<", right) ? -1 : 1;
  } catch (error) {
    if (error instanceof JsonPathError) throw new JsonPathError(`cannot sort by "${path.text}": ${error.message}`);
    throw error;
  }
}
