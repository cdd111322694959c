import {
  fieldAt,
  fieldsAt,
  listAt,
  fieldPath,
  textAt,
  textsAt,
  type ObjectFields,
} from "../../kubernetes/object-fields.ts";

/** The fields of an object that may also be written as one boolean; `undefined` fields for a boolean or nothing. */
export interface Toggle {
  enabled: boolean | undefined;
  fields: ObjectFields | undefined;
}

/** Reads `true`, `false`, null, or an object. */
export function toggleAt(fields: ObjectFields, name: string): Toggle {
  const value = fieldAt(fields, name);
  if (typeof value === "boolean") return { enabled: value, fields: undefined };
  return { enabled: undefined, fields: value === undefined ? undefined : fieldsAt(fields, name) };
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
