import { isJsonObject } from "../../../json.ts";
import { nearest } from "../../../text/suggest.ts";
import { isDeepStrictEqual } from "node:util";
import { shown } from "../../../kubernetes/object-fields.ts";
import type { StructuralSchema } from "./crds.ts";
import { compileRustRegex } from "../rust-regex.ts";

/** One place at which an object is not what its schema says. */
export interface SchemaFault {
  /** `spec.network.outgoing.allow[0].ports`. */
  path: string;
  problem: string;
  /** `unknown-field`: the server drops it without a word, unless it is asked to be strict. */
  reason: "unknown-field" | "value";
}

interface Walk {
  faults: SchemaFault[];
  limit: number;
}

/**
 * The faults of what stands beside apiVersion, kind and metadata; at most `limit`. CEL rules and formats are not evaluated.
 * Source: apiextensions-apiserver pkg/apiserver/validation and pkg/apiserver/schema.
 */
export function checkSpec(value: unknown, schema: StructuralSchema, limit: number): SchemaFault[] {
  const walk: Walk = { faults: [], limit };
  check(value, schema, "", walk);
  return walk.faults;
}

function report(walk: Walk, path: string, problem: string, reason: SchemaFault["reason"] = "value"): void {
  if (walk.faults.length < walk.limit) walk.faults.push({ path, problem, reason });
}

function check(value: unknown, schema: StructuralSchema, path: string, walk: Walk): void {
  if (walk.faults.length >= walk.limit) return;
  if (value === null) {
    if (schema.nullable !== true) report(walk, path, `is null; it must be ${typeText(schema)}`);
    return;
  }
  if (!hasType(value, schema)) return report(walk, path, `is ${described(value)}; it must be ${typeText(schema)}`);
  checkEnum(value, schema, path, walk);
  if (typeof value === "number") checkNumber(value, schema, path, walk);
  else if (typeof value === "string") checkText(value, schema, path, walk);
  else if (Array.isArray(value)) checkList(value, schema, path, walk);
  else if (isJsonObject(value)) checkObject(value, schema, path, walk);
  checkCombinations(value, schema, path, walk);
}

function hasType(value: unknown, schema: StructuralSchema): boolean {
  if (schema["x-kubernetes-int-or-string"] === true) return typeof value === "string" || Number.isInteger(value);
  switch (schema.type) {
    case undefined:
      return true;
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    default:
      return typeof value === schema.type;
  }
}

function typeText({ type, ...schema }: StructuralSchema): string {
  if (schema["x-kubernetes-int-or-string"] === true) return "a number or a string";
  if (type === undefined) return "set";
  if (type === "array") return "a list";
  if (type === "boolean") return "true or false";
  return type === "object" || type === "integer" ? `an ${type}` : `a ${type}`;
}

function described(value: unknown): string {
  return typeof value === "string" ? `the string ${shown(value)}` : shown(value);
}

function checkEnum(value: unknown, schema: StructuralSchema, path: string, walk: Walk): void {
  const allowed = Array.isArray(schema.enum) ? schema.enum : undefined;
  if (allowed === undefined || allowed.some((one) => isDeepStrictEqual(one, value))) return;
  report(walk, path, `is ${shown(value)}, and the installed definition knows only ${allowed.map(shown).join(", ")}`);
}

const numberAt = (schema: StructuralSchema, keyword: string): number | undefined => {
  const limit = schema[keyword];
  return typeof limit === "number" ? limit : undefined;
};

function checkNumber(value: number, schema: StructuralSchema, path: string, walk: Walk): void {
  const minimum = numberAt(schema, "minimum");
  const maximum = numberAt(schema, "maximum");
  const step = numberAt(schema, "multipleOf");
  const tooSmall = minimum !== undefined && (schema["exclusiveMinimum"] === true ? value <= minimum : value < minimum);
  const tooLarge = maximum !== undefined && (schema["exclusiveMaximum"] === true ? value >= maximum : value > maximum);
  if (tooSmall) report(walk, path, `is ${value}, less than ${minimum}`);
  if (tooLarge) report(walk, path, `is ${value}, more than ${maximum}`);
  if (step !== undefined && !Number.isInteger(value / step)) report(walk, path, `is ${value}, no multiple of ${step}`);
}

function checkText(value: string, schema: StructuralSchema, path: string, walk: Walk): void {
  checkSize([...value].length, schema, "Length", ["character", "characters"], path, walk);
  const { pattern } = schema;
  if (typeof pattern !== "string") return;
  // Go's expressions are RE2's, which this engine reads but for their rarest forms; those are left to the server.
  const regex = compileRustRegex(pattern);
  if (regex.state === "ready" && regex.find(value) === "no") report(walk, path, `does not match ${shown(pattern)}`);
}

function checkSize(
  size: number,
  schema: StructuralSchema,
  suffix: "Length" | "Items" | "Properties",
  [one, many]: readonly [one: string, many: string],
  path: string,
  walk: Walk,
): void {
  const minimum = numberAt(schema, `min${suffix}`);
  const maximum = numberAt(schema, `max${suffix}`);
  const counted = `${size} ${size === 1 ? one : many}`;
  if (minimum !== undefined && size < minimum) report(walk, path, `has ${counted}, fewer than ${minimum}`);
  if (maximum !== undefined && size > maximum) report(walk, path, `has ${counted}, more than ${maximum}`);
}

function checkList(value: readonly unknown[], schema: StructuralSchema, path: string, walk: Walk): void {
  checkSize(value.length, schema, "Items", ["entry", "entries"], path, walk);
  const { items } = schema;
  if (items !== undefined) value.forEach((item, index) => check(item, items, `${path}[${index}]`, walk));
  const kind = schema["x-kubernetes-list-type"];
  const names: unknown = schema["x-kubernetes-list-map-keys"];
  const keys = Array.isArray(names) ? names.map(String) : [];
  if (kind !== "set" && kind !== "map") return;
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const key = JSON.stringify(kind === "map" && isJsonObject(item) ? keys.map((name) => item[name]) : item);
    if (seen.has(key)) report(walk, `${path}[${index}]`, "is there twice");
    seen.add(key);
  }
}

function checkObject(
  value: Readonly<Record<string, unknown>>,
  schema: StructuralSchema,
  path: string,
  walk: Walk,
): void {
  const { properties = {}, additionalProperties: additional, required } = schema;
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  checkSize(Object.keys(value).length, schema, "Properties", ["field", "fields"], path, walk);
  for (const name of Array.isArray(required) ? required.map(String) : []) {
    if (!Object.hasOwn(value, name) || value[name] === undefined) report(walk, at(name), "is missing; it is required");
  }
  for (const [name, field] of Object.entries(value)) {
    if (walk.faults.length >= walk.limit) return;
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    // A null where null may not stand is dropped when there is a default to take its place.
    if (field === undefined || (field === null && known?.default !== undefined && known.nullable !== true)) continue;
    if (known !== undefined) check(field, known, at(name), walk);
    else if (typeof additional === "object") check(field, additional, `${path}[${shown(name)}]`, walk);
    else if (additional !== true && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
      report(walk, at(name), unknownField(name, Object.keys(properties)), "unknown-field");
    }
  }
}

function unknownField(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  return `is not in the installed definition, so the server would drop it${meant}`;
}

// `allOf` and its like only narrow values down in a structural schema; they never declare fields.
function checkCombinations(value: unknown, schema: StructuralSchema, path: string, walk: Walk): void {
  const branches = (keyword: string): StructuralSchema[] => {
    const list = schema[keyword];
    return Array.isArray(list) ? list.filter(isJsonObject) : [];
  };
  const fits = (branch: StructuralSchema) =>
    checkSpec(value, branch, walk.limit).every(({ reason }) => reason === "unknown-field");
  if (!branches("allOf").every(fits)) report(walk, path, "is not all that it has to be at once");
  const [any, one] = [branches("anyOf"), branches("oneOf")];
  if (any.length > 0 && !any.some(fits)) report(walk, path, "is none of what it may be");
  if (one.length > 0 && one.filter(fits).length !== 1) report(walk, path, "is not exactly one of what it may be");
  const { not } = schema;
  if (isJsonObject(not) && fits(not)) report(walk, path, "is what it may not be");
}
