import { entryOf } from "../../json.ts";
import { usageError } from "../../errors.ts";
import { isMissing, printedValue, type Value } from "./template-value.ts";
import { notEvaluated } from "./template-tokens.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws UserError "usage" for a variable that is not set and has no default, and for functions that are not evaluated here. */
export function callFunction(name: string, given: Readonly<Record<string, Value>>, env: Environment): Value {
  if (name !== "get_env") throw notEvaluated(`the template function ${name}()`);
  const variable = printedValue(argument("get_env", given, "name"));
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
  const result = value ?? given["default"];
  if (result !== undefined) return result;
  throw usageError(
    `the template needs the environment variable ${variable}, which is not set`,
    `Set it, or write get_env(name='${variable}', default='…').`,
  );
}

function withoutRepeated(text: string, pattern: string, side: "start" | "end"): string {
  const step = pattern.length;
  if (step === 0) return text;
  let [from, to] = [0, text.length];
  if (side === "start") while (text.startsWith(pattern, from)) from += step;
  else while (to >= step && text.slice(to - step, to) === pattern) to -= step;
  return text.slice(from, to);
}

type Filter = (value: string, given: Readonly<Record<string, Value>>) => Value;

const filters: Readonly<Record<string, Filter>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
  trim_start: (text) => text.trimStart(),
  trim_end: (text) => text.trimEnd(),
  trim_start_matches: (text, given) =>
    withoutRepeated(text, printedValue(argument("trim_start_matches", given, "pat")), "start"),
  trim_end_matches: (text, given) =>
    withoutRepeated(text, printedValue(argument("trim_end_matches", given, "pat")), "end"),
  replace: (text, given) =>
    text.replaceAll(printedValue(argument("replace", given, "from")), () =>
      printedValue(argument("replace", given, "to")),
    ),
  capitalize: (text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase(),
  title: (text) => text.toLowerCase().replaceAll(/(?<![\p{L}\p{N}'])\p{L}/gu, (letter) => letter.toUpperCase()),
  // Letters with marks become plain ones, everything else a single dash.
  slugify: (text) =>
    text
      .normalize("NFKD")
      .replaceAll(/\p{M}/gu, "")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, ""),
  truncate: (text, given) => {
    const characters = [...text];
    const length = given["length"] ?? 255;
    const end = given["end"] ?? "…";
    if (typeof length !== "number") throw notEvaluated("truncate without a number");
    return characters.length <= length ? text : characters.slice(0, length).join("") + printedValue(end);
  },
  split: (text, given) => text.split(printedValue(argument("split", given, "pat"))),
  int: (text) => (/^[-+]?\d+$/.test(text.trim()) ? Number(text) : 0),
  float: (text) => (Number.isFinite(Number(text)) ? Number(text) : 0),
  as_str: (text) => text,
  safe: (text) => text,
  escape: (text) =>
    text.replaceAll(
      /[&<>"'/]/g,
      (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "/": "&#x2F;" })[one] ?? one,
    ),
  urlencode_strict: (text) => encodeURIComponent(text),
};

const listFilters: Readonly<
  Record<string, (value: readonly Value[], given: Readonly<Record<string, Value>>) => Value>
> = {
  first: ([first = ""]) => first,
  last: (values) => values.at(-1) ?? "",
  join: (values, given) => values.map(printedValue).join(printedValue(given["sep"] ?? "")),
  reverse: (values) => values.toReversed(),
  length: ({ length }) => length,
};

/** Throws UserError "usage" for a filter that is not evaluated here. Source: Tera 1, built-in filters. */
export function applyFilter(name: string, value: Value, given: Readonly<Record<string, Value>>): Value {
  if (name === "default") return isMissing(value) ? argument("default", given, "value") : value;
  if (name === "length" && typeof value === "string") return [...value].length;
  if (name === "reverse" && typeof value === "string") return [...value].toReversed().join("");
  if (name === "json_encode" && !isMissing(value)) return JSON.stringify(value);
  if (name === "abs" && typeof value === "number") return Math.abs(value);
  const ofList = Object.hasOwn(listFilters, name) && Array.isArray(value) ? listFilters[name] : undefined;
  if (ofList !== undefined && Array.isArray(value)) return ofList(value, given);
  const filter = entryOf(filters, name);
  if (filter === undefined) throw notEvaluated(`the template filter ${name}`);
  return filter(printedValue(value), given);
}

/** Throws UserError "usage" for a test that is not evaluated here. Source: Tera 1, built-in tests. */
export function passesTest(name: string, value: Value, given: readonly Value[]): boolean {
  const [first = ""] = given;
  switch (name) {
    case "defined":
      return !isMissing(value);
    case "undefined":
      return isMissing(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "odd":
      return typeof value === "number" && Math.abs(value % 2) === 1;
    case "even":
      return typeof value === "number" && value % 2 === 0;
    case "starting_with":
      return printedValue(value).startsWith(printedValue(first));
    case "ending_with":
      return printedValue(value).endsWith(printedValue(first));
    case "containing":
      return Array.isArray(value)
        ? value.map(printedValue).includes(printedValue(first))
        : printedValue(value).includes(printedValue(first));
    default:
      throw notEvaluated(`the template test ${name}`);
  }
}

function argument(of: string, given: Readonly<Record<string, Value>>, name: string): Value {
  const value = given[name];
  if (value === undefined) throw usageError(`the template's ${of} needs the argument ${name}`);
  return value;
}
