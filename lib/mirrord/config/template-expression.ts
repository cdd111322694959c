import { usageError } from "../../errors.ts";
import { isTrue, printedValue, type Value } from "./template-value.ts";
import { applyFilter, callFunction, passesTest, type Environment } from "./template-functions.ts";
import { expectEnd, next, notEvaluated, peek, takes, tokenize, unreadable, type Tokens } from "./template-tokens.ts";

const MAX_DEPTH = 100;

export interface Scope {
  variables: Record<string, Value>;
  env: Environment;
}

/** The value of an expression that stands alone. Throws UserError "usage". Source of the grammar: Tera 1. */
export function evaluate(source: string, scope: Scope): Value {
  const tokens = tokenize(source);
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
    return passesTest(next(tokens), value, takes(tokens, "(") ? readList(tokens, scope, ")") : []) !== negated;
  }
  const operator = peek(tokens) ?? "";
  if (takes(tokens, "==")) return isSame(value, readFiltered(tokens, scope));
  if (takes(tokens, "!=")) return !isSame(value, readFiltered(tokens, scope));
  if (takes(tokens, "in")) return isIn(value, readFiltered(tokens, scope));
  if (operator === "not" && tokens.list[tokens.at + 1] === "in") {
    tokens.at += 2;
    return !isIn(value, readFiltered(tokens, scope));
  }
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined) return value;
  tokens.at += 1;
  return compare(asNumber(value, tokens), asNumber(readFiltered(tokens, scope), tokens));
}

function isSame(one: Value, other: Value): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isIn(value: Value, whole: Value): boolean {
  if (typeof whole === "string") return whole.includes(printedValue(value));
  return Array.isArray(whole) && whole.some((each: Value) => isSame(each, value));
}

function readFiltered(tokens: Tokens, scope: Scope): Value {
  let value = readSum(tokens, scope);
  for (;;) {
    if (takes(tokens, "|")) {
      const name = next(tokens);
      value = applyFilter(name, value, takes(tokens, "(") ? readArguments(tokens, scope) : {});
    } else if (takes(tokens, "~")) value = printedValue(value) + printedValue(readSum(tokens, scope));
    else return value;
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
  if (takes(tokens, "(")) return callFunction(word, readArguments(tokens, scope), scope.env);
  return Object.hasOwn(scope.variables, word) ? (scope.variables[word] ?? { missing: word }) : { missing: word };
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
  printedValue(value);
  throw usageError(`the template {{ ${tokens.source.slice(0, 60)} }} counts with what is no number`);
}
