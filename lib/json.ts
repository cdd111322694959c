// Reading JSON that nobody has validated: what comes from a cluster or a file can have any shape.

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a table has under a name that somebody else chose: an object called `constructor` is no entry of it. */
export const entryOf = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Sets a field whose name somebody else chose: one called `__proto__` is a field like others, and no other object's fields. */
export function setField(object: JsonObject, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Whether two JSON values are equal, whatever the order of keys; a key that is undefined is not there. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return Array.isArray(other) && isSameList(one, other);
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  // Thousands of objects are compared at a time: no list of their keys is made.
  let given = 0;
  for (const name in one) {
    if (one[name] === undefined) continue;
    if (!Object.hasOwn(other, name) || !isSameJson(one[name], other[name])) return false;
    given += 1;
  }
  for (const name in other) if (other[name] !== undefined) given -= 1;
  return given === 0;
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (!isSameJson(one[at], other[at])) return false;
  return true;
}

/** What a JSON merge patch (RFC 7386) makes of an object, of which it leaves the required fields; null takes a field away. */
export function mergePatch<Value extends JsonObject>(value: Value, patch: JsonObject): Value {
  const merged: JsonObject = { ...value };
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete merged[name];
    else setField(merged, name, isJsonObject(part) ? mergePatch(objectIn(entryOf(merged, name)), part) : part);
  }
  return merged as Value;
}

/** The value when it is an object, else an empty one. */
export function objectIn(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The value when it is a string, else "". */
export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value when it is a list, else an empty one. */
export function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The strings of a list; other items are left out. */
export function textsIn(value: unknown): string[] {
  return listIn(value).filter((item) => typeof item === "string");
}
