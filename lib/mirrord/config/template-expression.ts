import { usageError } from "../../errors.ts";
import { notEvaluated, type Budget } from "./template-limits.ts";
import { isMissing, isSame, isTrue, printedValue, unknownVariable, type Value } from "./template-value.ts";
import { applyFilter, callFunction, contains, passesTest, type Environment } from "./template-functions.ts";
import { expectEnd, next, peek, takes, tokenize, unreadable, type Tokens } from "./template-tokens.ts";

const MAX_DEPTH = 100;

export interface Scope {
  variables: Map<string, Value>;
  env: Environment;
  /** Of the whole text: all that is evaluated takes from it. */
  budget: Budget;
}

/** The value of an expression that stands alone. Throws UserError "usage". Source of the grammar: Tera 1. */
export function evaluate(source: string, scope: Scope): Value {
  const tokens = tokenize(source, scope.budget);
  const value = readExpression(tokens, scope);
  expectEnd(tokens);
  return value;
}

/** Lowest first: or, and, not; comparisons; filters; `~`, then the arithmetic of numbers. */
function readExpression(tokens: Tokens, scope: Scope): Value {
  tokens.depth += 1;
  if (tokens.depth > MAX_DEPTH) throw notEvaluated("a template nested deeper than 100 levels");
  let value = readAnd(tokens, scope);
  while (takes(tokens, "or")) {
    const other = readAnd(tokens, scope);
    value = isTrue(value) || isTrue(other);
  }
  tokens.depth -= 1;
  return value;
}

function readAnd(tokens: Tokens, scope: Scope): Value {
  let value = readNot(tokens, scope);
  while (takes(tokens, "and")) {
    const other = readNot(tokens, scope);
    value = isTrue(value) && isTrue(other);
  }
  return value;
}

function readNot(tokens: Tokens, scope: Scope): Value {
  let negations = 0;
  while (takes(tokens, "not")) negations += 1;
  const value = readComparison(tokens, scope);
  return negations === 0 ? value : isTrue(value) === (negations % 2 === 0);
}

const comparisons: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  "<": (one, other) => one < other,
  ">": (one, other) => one > other,
  "<=": (one, other) => one <= other,
  ">=": (one, other) => one >= other,
};

function readComparison(tokens: Tokens, scope: Scope): Value {
  const value = readFiltered(tokens, scope);
  if (takes(tokens, "is")) {
    const negated = takes(tokens, "not");
    const test = { name: next(tokens), given: takes(tokens, "(") ? readList(tokens, scope, ")") : [] };
    return passesTest(value, { ...test, budget: scope.budget }) !== negated;
  }
  const operator = peek(tokens) ?? "";
  if (takes(tokens, "==")) return isSame(value, readFiltered(tokens, scope), scope.budget);
  if (takes(tokens, "!=")) return !isSame(value, readFiltered(tokens, scope), scope.budget);
  if (takes(tokens, "in")) return isIn(value, readFiltered(tokens, scope), scope.budget);
  if (operator === "not" && tokens.list[tokens.at + 1] === "in") {
    tokens.at += 2;
    return !isIn(value, readFiltered(tokens, scope), scope.budget);
  }
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined) return value;
  tokens.at += 1;
  return compare(asNumber(value, tokens), asNumber(readFiltered(tokens, scope), tokens));
}

function isIn(value: Value, whole: Value, budget: Budget): boolean {
  if (typeof whole === "string") return contains(whole, printedValue(value, budget), budget);
  return Array.isArray(whole) && whole.some((each: Value) => isSame(each, value, budget));
}

function readFiltered(tokens: Tokens, scope: Scope): Value {
  let value = readSum(tokens, scope);
  for (;;) {
    if (takes(tokens, "|")) {
      const filter = { name: next(tokens), given: takes(tokens, "(") ? readArguments(tokens, scope) : {} };
      value = applyFilter(value, { ...filter, budget: scope.budget });
    } else if (takes(tokens, "~")) {
      // What is text already is not copied: a chain of these is linear in what it makes.
      const before = typeof value === "string" ? value : printedValue(value, scope.budget);
      value = before + printedValue(readSum(tokens, scope), scope.budget);
    } else return value;
  }
}

function readSum(tokens: Tokens, scope: Scope): Value {
  let value = readProduct(tokens, scope);
  for (;;) {
    if (takes(tokens, "+")) value = asNumber(value, tokens) + asNumber(readProduct(tokens, scope), tokens);
    else if (takes(tokens, "-")) value = asNumber(value, tokens) - asNumber(readProduct(tokens, scope), tokens);
    else return value;
  }
}

function readProduct(tokens: Tokens, scope: Scope): Value {
  let value = readPrimary(tokens, scope);
  for (;;) {
    if (takes(tokens, "*")) value = asNumber(value, tokens) * asNumber(readPrimary(tokens, scope), tokens);
    else if (takes(tokens, "/")) value = asNumber(value, tokens) / divisor(tokens, scope);
    else if (takes(tokens, "%")) value = asNumber(value, tokens) % divisor(tokens, scope);
    else return value;
  }
}

function divisor(tokens: Tokens, scope: Scope): number {
  const number = asNumber(readPrimary(tokens, scope), tokens);
  if (number === 0) throw usageError(`the template {{ ${tokens.source.slice(0, 60)} }} divides by 0`);
  return number;
}

function readPrimary(tokens: Tokens, scope: Scope): Value {
  const word = next(tokens);
  if (word === "(") {
    const value = readExpression(tokens, scope);
    if (!takes(tokens, ")")) throw unreadable(tokens);
    return value;
  }
  if (word === "[") return readList(tokens, scope, "]");
  if (word === "-" && /^\d/.test(peek(tokens) ?? "")) return -Number(next(tokens));
  if (/^['"`]/.test(word)) return word.slice(1, -1);
  if (/^\d/.test(word)) return Number(word);
  if (/^(true|True|false|False)$/.test(word)) return word.toLowerCase() === "true";
  if (!/^[A-Za-z_]/.test(word)) throw unreadable(tokens);
  if (!takes(tokens, "(")) return scope.variables.get(word) ?? { missing: word };
  return callFunction({ name: word, given: readArguments(tokens, scope), budget: scope.budget }, scope.env);
}

/** `name='X', default='y')`: the opening parenthesis is taken already. */
function readArguments(tokens: Tokens, scope: Scope): Record<string, Value> {
  const given: [string, Value][] = [];
  while (!takes(tokens, ")")) {
    const name = next(tokens);
    if (!takes(tokens, "=")) throw unreadable(tokens);
    given.push([name, readExpression(tokens, scope)]);
    if (!takes(tokens, ",") && peek(tokens) !== ")") throw unreadable(tokens);
  }
  return Object.fromEntries(given);
}

function readList(tokens: Tokens, scope: Scope, close: string): Value[] {
  const values: Value[] = [];
  while (!takes(tokens, close)) {
    values.push(readExpression(tokens, scope));
    if (!takes(tokens, ",") && peek(tokens) !== close) throw unreadable(tokens);
  }
  return values;
}

function asNumber(value: Value, tokens: Tokens): number {
  if (typeof value === "number") return value;
  if (isMissing(value)) throw unknownVariable(value);
  throw usageError(`the template {{ ${tokens.source.slice(0, 60)} }} counts with what is no number`);
}
