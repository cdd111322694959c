import { usageError } from "../errors.ts";
import { findAll, relaxedPath, type JsonPath } from "../jsonpath/jsonpath.ts";
import { JsonPathError } from "../jsonpath/nodes.ts";
import { compareByPath } from "../jsonpath/sort.ts";

/** The `parse` of `--sort-by`: a field of the JSON form, as kubectl takes it (`subject`, `.subject`, `{.namespaces[0]}`). */
export function parseSortPath(text: string): JsonPath {
  return inWords(() => relaxedPath(text));
}

/**
 * As `kubectl get --sort-by` sorts: what lacks the field comes first. Rows that are alike stay in their order.
 * @param value the JSON form of a row
 * @param optional fields that no row may have all the same
 * @throws UserError "usage" for a path that no row has
 */
export function sortByPath<Row>(
  rows: readonly Row[],
  path: JsonPath,
  { value, optional }: { value: (row: Row) => object; optional: readonly string[] },
): Row[] {
  const items = rows.map((row) => ({ row, json: JSON.parse(JSON.stringify(value(row))) as unknown }));
  const isFound = items.some(({ json }) => inWords(() => findAll(path, json)).length > 0);
  if (!isFound && items.length > 0 && !optional.some((field) => path.text === `{.${field}}`))
    throw usageError(`couldn't find any field with path "${path.text}" in the list of objects`);
  const compare = compareByPath(path);
  return inWords(() => items.toSorted((one, other) => compare(one.json, other.json)).map(({ row }) => row));
}

function inWords<Result>(does: () => Result): Result {
  try {
    return does();
  } catch (error) {
    throw error instanceof JsonPathError
      ? usageError(`--sort-by: ${error.message}`, undefined, { cause: error })
      : error;
  }
}
