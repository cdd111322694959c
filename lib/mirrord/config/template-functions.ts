import { entryOf } from "../../json.ts";
import { usageError } from "../../errors.ts";
import { notEvaluated, spend, type Budget } from "./template-limits.ts";
import { encodedValue, isMissing, printedValue, type Value } from "./template-value.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A function or a filter with its arguments. */
interface Call {
  name: string;
  given: Readonly<Record<string, Value>>;
  budget: Budget;
}

/** Throws UserError "usage" for a variable that is not set and has no default, and for functions that are not evaluated here. */
export function callFunction(call: Call, env: Environment): Value {
  if (call.name !== "get_env") throw notEvaluated(`the template function ${call.name}()`);
  const variable = textArgument(call, "name");
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
  const result = value ?? call.given["default"];
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

/**
 * The pattern, once a search for it in the text is paid for. At worst each of its letters is compared with each of the text; a
 * hundred such comparisons take as long as one character of other work.
 */
function searched(text: string, pattern: string, budget: Budget): string {
  spend(budget, Math.ceil((text.length * pattern.length) / 100));
  return pattern;
}

export function contains(text: string, pattern: string, budget: Budget): boolean {
  spend(budget, text.length);
  return text.includes(searched(text, pattern, budget));
}

type Filter = (value: string, call: Call) => Value;

const filters: Readonly<Record<string, Filter>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
  trim_start: (text) => text.trimStart(),
  trim_end: (text) => text.trimEnd(),
  trim_start_matches: (text, call) => withoutRepeated(text, textArgument(call, "pat"), "start"),
  trim_end_matches: (text, call) => withoutRepeated(text, textArgument(call, "pat"), "end"),
  replace: (text, call) => {
    const [from, to] = [textArgument(call, "from"), textArgument(call, "to")];
    return text.replaceAll(searched(text, from, call.budget), () => {
      spend(call.budget, to.length);
      return to;
    });
  },
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
  truncate: (text, { given, budget }) => {
    const characters = [...text];
    const length = given["length"] ?? 255;
    const end = given["end"] ?? "…";
    if (typeof length !== "number") throw notEvaluated("truncate without a number");
    return characters.length <= length ? text : characters.slice(0, length).join("") + printedValue(end, budget);
  },
  split: (text, call) => {
    const pattern = textArgument(call, "pat");
    // Rust finds the empty text between all characters, and before and behind them.
    return pattern === "" ? ["", ...text, ""] : text.split(searched(text, pattern, call.budget));
  },
  int: (text) => (/^[-+]?\d+$/.test(text.trim()) ? Number(text) : 0),
  float: (text) => (Number.isFinite(Number(text)) ? Number(text) : 0),
  as_str: (text) => text,
  safe: (text) => text,
  escape: (text) =>
    text.replaceAll(
      /[&<>"'/]/g,
      (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "/": "&#x2F;" })[one] ?? one,
    ),
  urlencode_strict: (text) => encodeURIComponent(text.toWellFormed()),
};

const listFilters: Readonly<Record<string, (value: readonly Value[], call: Call) => Value>> = {
  first: ([first = ""]) => first,
  last: (values) => values.at(-1) ?? "",
  join: (values, { given, budget }) => {
    const separator = printedValue(given["sep"] ?? "", budget);
    spend(budget, separator.length * values.length);
    return values.map((value) => printedValue(value, budget)).join(separator);
  },
  reverse: (values) => values.toReversed(),
  length: ({ length }) => length,
};

/** Throws UserError "usage" for a filter that is not evaluated here. Source: Tera 1, built-in filters. */
export function applyFilter(value: Value, call: Call): Value {
  const result = filtered(value, call);
  if (typeof result === "string" || Array.isArray(result)) spend(call.budget, result.length);
  return result;
}

function filtered(value: Value, call: Call): Value {
  const { name, budget } = call;
  if (name === "default") return isMissing(value) ? argument(call, "value") : value;
  if (name === "length" && typeof value === "string") return [...printedValue(value, budget)].length;
  if (name === "reverse" && typeof value === "string") return [...printedValue(value, budget)].toReversed().join("");
  if (name === "json_encode") return encodedValue(value, budget);
  if (name === "abs" && typeof value === "number") return Math.abs(value);
  const ofList = Array.isArray(value) ? entryOf(listFilters, name) : undefined;
  if (ofList !== undefined && Array.isArray(value)) return ofList(value, call);
  const filter = entryOf(filters, name);
  if (filter === undefined) throw notEvaluated(`the template filter ${name}`);
  return filter(printedValue(value, budget), call);
}

interface TestCall {
  name: string;
  given: readonly Value[];
  budget: Budget;
}

/** Throws UserError "usage" for a test that is not evaluated here. Source: Tera 1, built-in tests. */
export function passesTest(value: Value, { name, given, budget }: TestCall): boolean {
  const printed = (one: Value = "") => printedValue(one, budget);
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
      return printed(value).startsWith(printed(given[0]));
    case "ending_with":
      return printed(value).endsWith(printed(given[0]));
    case "containing":
      return Array.isArray(value)
        ? value.map(printed).includes(printed(given[0]))
        : contains(printed(value), printed(given[0]), budget);
    default:
      throw notEvaluated(`the template test ${name}`);
  }
}

function argument({ name, given }: Call, wanted: string): Value {
  const value = given[wanted];
  if (value === undefined) throw usageError(`the template's ${name} needs the argument ${wanted}`);
  return value;
}

function textArgument(call: Call, wanted: string): string {
  return printedValue(argument(call, wanted), call.budget);
}
