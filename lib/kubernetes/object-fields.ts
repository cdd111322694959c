import { isJsonObject } from "../json.ts";

/** An object from outside whose fields are read one by one; each that has the wrong type is reported and counts as unset. */
export interface ObjectFields {
  values: Readonly<Record<string, unknown>>;
  /** Where the object is, for reports: `spec.network`. */
  path: string;
  report(path: string, problem: string): void;
}

/** A value of any size and depth, for a report: text in quotes, what else is short as it is, the rest by its type. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (Array.isArray(value)) return "a list";
  return isJsonObject(value) ? "an object" : String(value);
}

/** The field's value; null is unset, as in the API. */
export function fieldAt({ values }: ObjectFields, name: string): unknown {
  return Object.hasOwn(values, name) ? (values[name] ?? undefined) : undefined;
}

export function fieldPath({ path }: Pick<ObjectFields, "path">, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

export function objectAt(fields: ObjectFields, name: string): Record<string, unknown> | undefined {
  return typed(fields, name, "an object", isJsonObject);
}

/** The fields of an object in a field; none when it is unset. */
export function fieldsAt(fields: ObjectFields, name: string): ObjectFields {
  return { values: objectAt(fields, name) ?? {}, path: fieldPath(fields, name), report: fields.report };
}

export function textAt(fields: ObjectFields, name: string): string | undefined {
  return typed(fields, name, "a string", (value) => typeof value === "string");
}

export function flagAt(fields: ObjectFields, name: string): boolean | undefined {
  return typed(fields, name, "true or false", (value) => typeof value === "boolean");
}

export function listAt(fields: ObjectFields, name: string): unknown[] | undefined {
  return typed(fields, name, "a list", (value) => Array.isArray(value));
}

/** Those entries of the list that are strings. */
export function textsAt(fields: ObjectFields, name: string): string[] | undefined {
  const list = listAt(fields, name);
  const texts = list?.filter((entry) => typeof entry === "string");
  if (texts !== undefined && texts.length !== list?.length)
    fields.report(fieldPath(fields, name), "is not a list of strings");
  return texts;
}

function typed<T>(fields: ObjectFields, name: string, what: string, is: (value: unknown) => value is T): T | undefined {
  const value = fieldAt(fields, name);
  if (value === undefined) return undefined;
  if (is(value)) return value;
  fields.report(fieldPath(fields, name), `is not ${what}`);
  return undefined;
}
