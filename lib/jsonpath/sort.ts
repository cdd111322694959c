import { compare } from "./go-values.ts";
import { findAll, type JsonPath } from "./jsonpath.ts";
import { JsonPathError } from "./nodes.ts";

/**
 * The order of `kubectl get --sort-by`: by the first thing that the path finds, and what has none comes first.
 * @param items all that are to be sorted: a path that none of them has is an error, as in kubectl
 * @throws JsonPathError
 */
export function compareByPath(path: JsonPath, items: readonly unknown[]): (one: unknown, other: unknown) => number {
  const keys = new Map(items.map((item) => [item, findAll(path, item)[0]]));
  if (items.length > 0 && [...keys.values()].every((key) => key === undefined))
    throw new JsonPathError(`couldn't find any field with path "${path.text}" in the list of objects`);
  return (one, other) => {
    const [left, right] = [keys.get(one), keys.get(other)];
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
