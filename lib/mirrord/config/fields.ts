import { isJsonObject } from "../../json.ts";
import { nearest } from "../../text/suggest.ts";
import {
  fieldAt,
  flagAt,
  listAt,
  fieldPath,
  textAt,
  textsAt,
  type ObjectFields,
} from "../../kubernetes/object-fields.ts";

/** Reports every key that the client does not know: it refuses a file with one. Null counts as a key. */
export function onlyKeys(fields: ObjectFields, keys: readonly string[]): void {
  for (const key of Object.keys(fields.values).filter((one) => !keys.includes(one))) {
    const near = nearest(key, keys);
    const meant = near === undefined ? keys.join(", ") : `did you mean ${near}?`;
    fields.report(fieldPath(fields, key), `is no key that mirrord knows (${meant})`);
  }
}

/** The fields of an object that may also be written as one boolean; `undefined` fields for a boolean or nothing. */
export interface Toggle {
  enabled: boolean | undefined;
  fields: ObjectFields | undefined;
}

/** Reads `true`, `false`, null, or an object with none but these keys. */
export function toggleAt(fields: ObjectFields, name: string, keys: readonly string[]): Toggle {
  const value = fieldAt(fields, name);
  if (typeof value === "boolean") return { enabled: value, fields: undefined };
  if (value === undefined) return { enabled: undefined, fields: undefined };
  if (!isJsonObject(value)) {
    fields.report(fieldPath(fields, name), "is neither true or false nor an object");
    return { enabled: undefined, fields: undefined };
  }
  const inner: ObjectFields = { values: value, path: fieldPath(fields, name), report: fields.report };
  onlyKeys(inner, keys);
  return { enabled: undefined, fields: inner };
}

export function wordAt<Word extends string>(
  fields: ObjectFields,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = textAt(fields, name);
  const word = words.find((one) => one === text);
  if (text !== undefined && word === undefined) {
    fields.report(fieldPath(fields, name), `is ${JSON.stringify(text)}, not ${words.join(", ")}`);
  }
  return word;
}

/** A list, or one of them alone: `VecOrSingle` of the client. */
export function oneOrMoreTextsAt(fields: ObjectFields, name: string): string[] | undefined {
  const value = fieldAt(fields, name);
  return typeof value === "string" ? [value] : textsAt(fields, name);
}

export function portsAt(fields: ObjectFields, name: string): number[] | undefined {
  const value = fieldAt(fields, name);
  const list = typeof value === "number" ? [value] : listAt(fields, name);
  const ports = list?.filter(isPort);
  if (ports?.length !== list?.length) fields.report(fieldPath(fields, name), "is not a list of ports");
  return ports;
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535;
}

/** Checks the type of fields that have nothing to do with access; the client would refuse the file otherwise. */
export function checkFlags(fields: ObjectFields, names: readonly string[]): void {
  for (const name of names) flagAt(fields, name);
}
