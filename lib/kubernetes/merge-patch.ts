import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type JsonObject } from "../json.ts";

/** The JSON merge patch (RFC 7386) that makes `after` of `before`: null takes a field away, lists are replaced whole. */
export function makeMergePatch(before: Readonly<JsonObject>, after: Readonly<JsonObject>): JsonObject {
  const removed = Object.keys(before).flatMap((key) => (after[key] === undefined ? [[key, null]] : []));
  const changed = Object.entries(after).flatMap(([key, value]): [string, unknown][] => {
    const old = before[key];
    if (isDeepStrictEqual(old, value)) return [];
    return [[key, isJsonObject(old) && isJsonObject(value) ? makeMergePatch(old, value) : value]];
  });
  return Object.fromEntries([...removed, ...changed]);
}
