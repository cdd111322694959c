import { usageError } from "../errors.ts";
import { entryOf, isJsonObject, listIn, objectIn, setField, textsIn, type JsonObject } from "../json.ts";
import { nearest } from "../text/suggest.ts";
import { values, type ValueRule, type ValueType } from "./values-table.ts";

/** The values of one installation: what was given, and the defaults where nothing was. */
export interface Values {
  /** The whole of them, nested; for templates. */
  all: JsonObject;
  text(path: string): string;
  flag(path: string): boolean;
  number(path: string): number | undefined;
  object(path: string): JsonObject;
  labels(path: string): Record<string, string>;
  list(path: string): unknown[];
  texts(path: string): string[];
  get(path: string): unknown;
}

const words: Readonly<Record<ValueType, string>> = {
  text: "a text",
  boolean: "true or false",
  integer: "a whole number",
  quantity: "a text or a number",
  texts: "a list of texts",
  list: "a list",
  object: "an object",
  labels: "an object of texts",
  environment: "an object: by name a text, a number, true or false, or {valueFrom}",
  "text-or-object": "a text or an object",
};

const isScalar = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);
const isText = (value: unknown): value is string => typeof value === "string";

const checks: Readonly<Record<ValueType, (value: unknown) => boolean>> = {
  text: isText,
  boolean: (value) => typeof value === "boolean",
  integer: (value) => Number.isSafeInteger(value),
  quantity: (value) => isText(value) || typeof value === "number",
  texts: (value) => Array.isArray(value) && value.every(isText),
  list: (value) => Array.isArray(value),
  object: isJsonObject,
  labels: (value) => isJsonObject(value) && Object.values(value).every((one) => one === null || isText(one)),
  environment: (value) =>
    isJsonObject(value) && Object.values(value).every((one) => isScalar(one) || isJsonObject(one)),
  "text-or-object": (value) => isText(value) || isJsonObject(value),
};

const isMap = ({ type }: ValueRule) => ["labels", "object", "environment"].includes(type);

/**
 * Checks what was given against the table and adds the defaults. `null` takes a value back, as in Helm. An object whose keys
 * are free (labels) is merged with its default.
 * @throws UserError "usage" with every fault; a value itself is never shown
 */
export function readValues(given: JsonObject): Values {
  const faults: string[] = [];
  const set = new Map<string, unknown>();
  collect(given, "", set, faults);
  if (faults.length > 0) {
    throw usageError(["the values are not what can be installed:", ...faults], "See: kubectl mirrord install values");
  }
  return valuesOf(set);
}

function collect(given: JsonObject, prefix: string, set: Map<string, unknown>, faults: string[]): void {
  for (const [key, value] of Object.entries(given)) {
    const path = `${prefix}${key}`;
    const rule = entryOf(values, path);
    if (rule !== undefined) {
      if (value === null || checks[rule.type](value)) set.set(path, value);
      else faults.push(`${path} is ${kindOf(value)}, and has to be ${words[rule.type]}`);
    } else if (!isGroup(path)) faults.push(`there is no value ${path}${suggestion(path)}`);
    else if (isJsonObject(value)) collect(value, `${path}.`, set, faults);
    // As in Helm, null takes all back that is within.
    else if (value === null) for (const name of within(path)) set.set(name, null);
    else faults.push(`${path} is ${kindOf(value)}, and has to be an object`);
  }
}

/** Whether a value is true or false. */
export const isSwitch = (path: string): boolean => entryOf(values, path)?.type === "boolean";

const within = (path: string) => Object.keys(values).filter((name) => name.startsWith(`${path}.`));

const isGroup = (path: string) => within(path).length > 0;

/** The nearest whole path, or the one that ends in the same words elsewhere. */
function suggestion(path: string): string {
  const paths = Object.keys(values);
  const last = path.slice(path.lastIndexOf(".") + 1);
  const parent = path.slice(0, path.length - last.length);
  const siblings = paths
    .filter((one) => one.startsWith(parent))
    .map((one) => one.slice(parent.length).split(".")[0] ?? "");
  const sibling = nearest(last, siblings);
  const meant =
    (sibling === undefined ? undefined : `${parent}${sibling}`) ??
    nearest(path, paths) ??
    paths.find((one) => one.endsWith(`.${last}`));
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isJsonObject(value)) return "an object";
  const kinds: Readonly<Record<string, string>> = { string: "a text", number: "a number", boolean: "true or false" };
  return kinds[typeof value] ?? "nothing";
}

function valuesOf(set: ReadonlyMap<string, unknown>): Values {
  const merged = new Map(
    Object.entries(values).map(([path, rule]) => [path, mergedValue(rule, set.has(path) ? set.get(path) : undefined)]),
  );
  const get = (path: string) => {
    if (!merged.has(path)) throw new Error(`there is no value ${path}`);
    return merged.get(path);
  };
  return {
    all: nested(merged),
    get,
    text: (path) => {
      const value = get(path);
      return isText(value) ? value : "";
    },
    flag: (path) => get(path) === true,
    number: (path) => {
      const value = get(path);
      return typeof value === "number" ? value : undefined;
    },
    object: (path) => objectIn(get(path)),
    labels: (path) => textMap(get(path)),
    list: (path) => listIn(get(path)),
    texts: (path) => textsIn(get(path)),
  };
}

/** Nothing is set by null; of an object with free keys, one key is taken back by null. */
function mergedValue(rule: ValueRule, value: unknown): unknown {
  if (value === undefined) return rule.default;
  if (value === null || !isMap(rule)) return value ?? undefined;
  const both = { ...objectIn(rule.default), ...objectIn(value) };
  return Object.fromEntries(Object.entries(both).filter(([, one]) => one !== null));
}

function nested(flat: ReadonlyMap<string, unknown>): JsonObject {
  const all: JsonObject = {};
  for (const [path, value] of flat) {
    if (value === undefined) continue;
    const keys = path.split(".");
    let parent = all;
    for (const word of keys.slice(0, -1)) {
      const child = isJsonObject(parent[word]) ? parent[word] : {};
      parent[word] = child;
      parent = child;
    }
    parent[keys.at(-1) ?? ""] = value;
  }
  return all;
}

/** The texts of an object. */
function textMap(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, one] of Object.entries(objectIn(value))) if (isText(one)) setField(texts, key, one);
  return texts;
}

/** A text, number or boolean as a text; undefined for all else. */
export function scalarText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
