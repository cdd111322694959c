import { isJsonObject, setField } from "../../json.ts";
import { fieldPath, shown } from "../../kubernetes/object-fields.ts";
import { nearest } from "../../text/suggest.ts";
import { isPlainScalar } from "../../yaml-dialects.ts";
import type { Report } from "./decoded.ts";
import { asBoolean, asInteger, inferred } from "./plain-scalar.ts";

/** Where a value stands, and who is told what is wrong with it. */
export interface Place {
  path: string;
  /** Quoted scalars, too, are read as what is wanted there: YAML, outside of values that are held before they are read. */
  isYaml: boolean;
  report: Report;
}

/**
 * What one value of a configuration has to look like, in the terms of the client's parser (Rust's serde). Gives the value as that
 * parser would hold it (a YAML `yes` is true where a boolean is wanted), and reports what the parser refuses.
 */
export type Shape = (value: unknown, place: Place) => unknown;

/** A Rust `String`. YAML's plain scalars are taken as they are written: `key: 123` is "123". */
export const text: Shape = (value, place) => {
  if (typeof value === "string") return value;
  if (isPlainScalar(value) && inferred(value) !== null) return value.plain;
  return refused(place, "is not a string");
};

export const flag: Shape = (value, place) => {
  const source = scalarText(value, place);
  const read = source === undefined ? value : asBoolean(source);
  return typeof read === "boolean" ? read : refused(place, "is not true or false");
};

/** An integer from `least` to `most`, both included; `most` may be beyond what a number holds exactly. */
function integer(least: number, most: number): Shape {
  return (value, place) => {
    const source = scalarText(value, place);
    const read = source === undefined ? value : asInteger(source);
    if (typeof read !== "number" || !Number.isInteger(read)) return refused(place, "is not a whole number");
    return read < least || read > most ? refused(place, `is ${read}, not from ${least} to ${most}`) : read;
  };
}

export const u16 = integer(0, 65_535);
export const u32 = integer(0, 2 ** 32 - 1);
export const u64 = integer(0, 2 ** 64);
export const i32 = integer(-(2 ** 31), 2 ** 31 - 1);

export function word(...words: string[]): Shape {
  return (value, place) => {
    const read = isPlainScalar(value) ? value.plain : value;
    if (typeof read === "string" && words.includes(read)) return read;
    return refused(place, `is ${shown(read)}, not ${words.join(", ")}`);
  };
}

export function list(item: Shape): Shape {
  return (value, place) => {
    if (!Array.isArray(value)) return refused(place, "is not a list");
    return value.map((each: unknown, index) => item(each, { ...place, path: `${place.path}[${index}]` }));
  };
}

export function pair(item: Shape): Shape {
  return (value, place) => {
    if (!Array.isArray(value) || value.length !== 2) return refused(place, "is not a pair");
    return value.map((each: unknown, index) => item(each, { ...place, path: `${place.path}[${index}]` }));
  };
}

/** An object with any keys. */
export function map(item: Shape): Shape {
  return (value, place) => {
    if (!isObject(value)) return refused(place, "is not an object");
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, item(each, at(place, key))]));
  };
}

export interface StructOptions {
  /** Keys that have to be there, and are not null. */
  required?: readonly string[];
  /** Keys that may be left out, but are not null. */
  notNull?: readonly string[];
  /** The parser passes over keys that it does not know. */
  open?: boolean;
}

/** A Rust struct: every key but the required ones may be left out or null; a key that is not known is refused. */
export function struct(fields: Readonly<Record<string, Shape>>, options: StructOptions = {}): Shape {
  const { required = [], notNull = [], open = false } = options;
  return (value, place) => {
    if (!isObject(value)) return refused(place, "is not an object");
    const missing = required.filter((key) => !Object.hasOwn(value, key));
    if (missing.length > 0) refused(place, `needs ${missing.join(", ")}`);
    const decoded: Record<string, unknown> = {};
    for (const [key, each] of Object.entries(value)) {
      const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (shape === undefined) {
        if (open) setField(decoded, key, deepInferred(each));
        else reportUnknownKey(at(place, key), key, Object.keys(fields));
      } else if (isNull(each) && !required.includes(key) && !notNull.includes(key)) decoded[key] = null;
      else decoded[key] = shape(each, at(place, key));
    }
    return decoded;
  };
}

/** Several keys of a struct that have one shape. */
export function same(shape: Shape, ...names: string[]): Record<string, Shape> {
  return Object.fromEntries(names.map((name) => [name, shape]));
}

/** `true`, `false`, or what the shape says: `ToggleableConfig` of the client. */
export function toggle(shape: Shape): Shape {
  return (value, place) => {
    const read = isPlainScalar(value) ? inferred(value) : value;
    return typeof read === "boolean" ? read : shape(read, place);
  };
}

/**
 * The first shape that fits, as serde's untagged enums. When none does, the one that came furthest says why, if there is one;
 * else `what` says what is wanted.
 */
export function anyOf(what: string, ...shapes: Shape[]): Shape {
  return (value, place) => {
    const read = deepInferred(value);
    const attempts: Problem[][] = [];
    for (const shape of shapes) {
      const problems: Problem[] = [];
      const report = (path: string, problem: string) => problems.push({ path, problem });
      const decoded = shape(read, { path: place.path, isYaml: false, report });
      if (problems.length === 0) return decoded;
      attempts.push(problems);
    }
    const inside = attempts.filter((problems) => problems.every(({ path }) => path !== place.path));
    const [closest, other] = inside.toSorted((one, another) => one.length - another.length);
    if (closest === undefined || other?.length === closest.length) return refused(place, `is not ${what}`);
    for (const { path, problem } of closest) place.report(path, problem);
    return undefined;
  };
}

interface Problem {
  path: string;
  problem: string;
}

/** One shape for each word of the field `tag`, as serde's internally tagged enums. */
export function tagged(tag: string, shapes: Readonly<Record<string, Shape>>, other?: Shape): Shape {
  return (value, place) => {
    const read = deepInferred(value);
    if (!isJsonObject(read)) return refused(place, "is not an object");
    const name = read[tag];
    if (typeof name !== "string") return refused(place, `needs ${tag}`);
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : other;
    if (shape === undefined) {
      return refused(at(place, tag), `is ${shown(name)}, not ${Object.keys(shapes).join(", ")}`);
    }
    return shape(read, { ...place, isYaml: false });
  };
}

/** Also null where the shape alone does not say so. */
export function nullable(shape: Shape): Shape {
  return (value, place) => (isNull(value) ? null : shape(value, place));
}

/** Whatever it is; scalars as YAML infers them. */
export const anything: Shape = (value) => deepInferred(value);

/** One text, or a list of texts: `VecOrSingle` of the client. */
export const texts: Shape = anyOf("a string or a list of strings", text, list(text));

export const ports: Shape = anyOf("a port or a list of ports", u16, list(u16));

function isObject(value: unknown): value is Record<string, unknown> {
  return isJsonObject(value) && !isPlainScalar(value);
}

/** What is written, where a scalar is still to be read; undefined for a value that has its type. */
function scalarText(value: unknown, { isYaml }: Place): string | undefined {
  if (isPlainScalar(value)) return value.plain;
  return isYaml && typeof value === "string" ? value : undefined;
}

function isNull(value: unknown): boolean {
  return value === null || (isPlainScalar(value) && inferred(value) === null);
}

function deepInferred(value: unknown): unknown {
  if (isPlainScalar(value)) return inferred(value);
  if (Array.isArray(value)) return value.map(deepInferred);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, deepInferred(each)]));
}

function at(place: Place, key: string): Place {
  return { ...place, path: fieldPath(place, key) };
}

function refused({ path, report }: Place, problem: string): undefined {
  report(path === "" ? "a mirrord configuration" : path, problem);
  return undefined;
}

function reportUnknownKey({ path, report }: Place, key: string, known: readonly string[]): void {
  const near = nearest(key, known);
  report(path, `is no key that mirrord knows (${near === undefined ? known.join(", ") : `did you mean ${near}?`})`);
}
