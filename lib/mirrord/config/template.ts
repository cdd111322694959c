import { UserError } from "../../errors.ts";

/** What a template may ask for. */
export interface TemplateContext {
  /** Left out, the variable is unknown: `default(value='…')` helps then, anything else fails as in the client. */
  variables: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Renders the parts of the Tera language that mirrord's documentation uses: variables, `get_env(name=…, default=…)`, string
 * literals joined by `~`, the filters below, comments, raw blocks and whitespace control. Time linear in the text.
 * Throws UserError "usage" for what the client would refuse too, and for what is not evaluated here (`{% if %}`, other filters).
 */
export function renderTemplate(text: string, context: TemplateContext): string {
  const out: string[] = [];
  let at = 0;
  for (;;) {
    const open = nextTag(text, at);
    if (open < 0) return out.join("") + text.slice(at);
    const kind = text.slice(open, open + 2);
    const trimsBefore = text[open + 2] === "-";
    const before = text.slice(at, open);
    out.push(trimsBefore ? before.trimEnd() : before);
    const close = text.indexOf(closers[kind] ?? "", open + 2);
    if (close < 0) throw new UserError("usage", `the template ${JSON.stringify(excerpt(text, open))} does not end`);
    const trimsAfter = text[close - 1] === "-" && close > open + 2;
    const inner = text.slice(open + (trimsBefore ? 3 : 2), trimsAfter ? close - 1 : close);
    at = close + 2;
    if (kind === "{{") out.push(evaluate(inner, context));
    if (kind === "{%") {
      const end = rawEnd(text, at, inner);
      out.push(text.slice(at, end.from));
      at = end.to;
    }
    if (trimsAfter) while (/\s/.test(text[at] ?? "")) at += 1;
  }
}

const closers: Record<string, string> = { "{{": "}}", "{%": "%}", "{#": "#}" };

function nextTag(text: string, from: number): number {
  for (let at = text.indexOf("{", from); at >= 0; at = text.indexOf("{", at + 1)) {
    const mark = text[at + 1];
    if (mark === "{" || mark === "%" || mark === "#") return at;
  }
  return -1;
}

function excerpt(text: string, at: number): string {
  return text.slice(at, at + 40);
}

function rawEnd(text: string, from: number, statement: string): { from: number; to: number } {
  if (statement.trim() !== "raw") {
    throw notEvaluated(`the template statement {% ${statement.trim().slice(0, 40)} %}`);
  }
  const end = /\{%-?\s*endraw\s*-?%\}/g;
  end.lastIndex = from;
  const found = end.exec(text);
  if (found === null) throw new UserError("usage", "the template block {% raw %} does not end");
  return { from: found.index, to: found.index + found[0].length };
}

function notEvaluated(what: string): UserError {
  return new UserError(
    "usage",
    `${what} is not evaluated here`,
    "Give a rendered file, or say what matters with flags instead of -f.",
  );
}

type Value = { text: string } | { missing: string };

interface Tokens {
  source: string;
  list: string[];
  at: number;
  context: TemplateContext;
}

const token = /\s*(?:('[^']*'|"[^"]*"|`[^`]*`)|([A-Za-z_][A-Za-z0-9_.]*)|(\d+(?:\.\d+)?)|([()=,|~]))/y;

function evaluate(source: string, context: TemplateContext): string {
  const tokens: Tokens = { source: source.trim(), list: [], at: 0, context };
  token.lastIndex = 0;
  while (token.lastIndex < tokens.source.length) {
    const [found] = token.exec(tokens.source) ?? [];
    if (found === undefined) throw notEvaluated(`the template {{ ${tokens.source.slice(0, 40)} }}`);
    tokens.list.push(found.trim());
  }
  const value = readExpression(tokens);
  if (tokens.at < tokens.list.length) throw unreadable(tokens);
  return textOf(value);
}

function unreadable({ source }: Tokens): UserError {
  return new UserError("usage", `cannot read the template {{ ${source.slice(0, 60)} }}`);
}

function textOf(value: Value): string {
  if ("text" in value) return value.text;
  const hint =
    value.missing === "git_branch"
      ? "Check out a branch, set MIRRORD_BRANCH_NAME, or write {{ git_branch | default(value='…') }}."
      : "The variables are key and git_branch; others come from get_env(name='…').";
  throw new UserError("usage", `the template variable ${JSON.stringify(value.missing)} is not known`, hint);
}

function readExpression(tokens: Tokens): Value {
  let value = readFiltered(tokens);
  while (takes(tokens, "~")) value = { text: textOf(value) + textOf(readFiltered(tokens)) };
  return value;
}

function readFiltered(tokens: Tokens): Value {
  let value = readPrimary(tokens);
  while (takes(tokens, "|")) {
    const name = next(tokens);
    value = applyFilter(name, value, takes(tokens, "(") ? readArguments(tokens) : {});
  }
  return value;
}

function readPrimary(tokens: Tokens): Value {
  const word = next(tokens);
  if (word === "(") {
    const value = readExpression(tokens);
    if (!takes(tokens, ")")) throw unreadable(tokens);
    return value;
  }
  if (/^['"`]/.test(word)) return { text: word.slice(1, -1) };
  if (/^\d/.test(word) || word === "true" || word === "false") return { text: word };
  if (!/^[A-Za-z_]/.test(word)) throw unreadable(tokens);
  if (takes(tokens, "(")) return callFunction(word, readArguments(tokens), tokens.context);
  const value = Object.hasOwn(tokens.context.variables, word) ? tokens.context.variables[word] : undefined;
  return value === undefined ? { missing: word } : { text: value };
}

/** `name='X', default='y')`: the opening parenthesis is taken already. */
function readArguments(tokens: Tokens): Record<string, string> {
  const given: [string, string][] = [];
  while (!takes(tokens, ")")) {
    const name = next(tokens);
    if (!takes(tokens, "=")) throw unreadable(tokens);
    given.push([name, textOf(readExpression(tokens))]);
    if (!takes(tokens, ",") && tokens.list[tokens.at] !== ")") throw unreadable(tokens);
  }
  return Object.fromEntries(given);
}

function callFunction(name: string, given: Record<string, string>, { env }: TemplateContext): Value {
  if (name !== "get_env") throw notEvaluated(`the template function ${name}()`);
  const variable = argument("get_env", given, "name");
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
  const text = value ?? given["default"];
  if (text !== undefined) return { text };
  throw new UserError(
    "usage",
    `the template needs the environment variable ${variable}, which is not set`,
    `Set it, or write get_env(name='${variable}', default='…').`,
  );
}

function applyFilter(name: string, value: Value, given: Record<string, string>): Value {
  if (name === "default") return "text" in value ? value : { text: argument("default", given, "value") };
  const text = textOf(value);
  switch (name) {
    case "lower":
      return { text: text.toLowerCase() };
    case "upper":
      return { text: text.toUpperCase() };
    case "trim":
      return { text: text.trim() };
    case "trim_start":
      return { text: text.trimStart() };
    case "trim_end":
      return { text: text.trimEnd() };
    case "replace":
      return { text: text.replaceAll(argument(name, given, "from"), () => argument(name, given, "to")) };
    default:
      throw notEvaluated(`the template filter ${name}`);
  }
}

function argument(of: string, given: Record<string, string>, name: string): string {
  const value = given[name];
  if (value === undefined) throw new UserError("usage", `the template's ${of} needs the argument ${name}`);
  return value;
}

function next(tokens: Tokens): string {
  const word = tokens.list[tokens.at];
  if (word === undefined) throw unreadable(tokens);
  tokens.at += 1;
  return word;
}

function takes(tokens: Tokens, word: string): boolean {
  if (tokens.list[tokens.at] !== word) return false;
  tokens.at += 1;
  return true;
}
