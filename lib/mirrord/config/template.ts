import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";
import { evaluate, type Scope } from "./template-expression.ts";
import { next, notEvaluated, takes, tokenize } from "./template-tokens.ts";
import { isTrue, printedValue, type Value } from "./template-value.ts";

/** What a template may ask for. */
export interface TemplateContext {
  /** Left out, the variable is unknown: `default(value='…')` helps then, anything else fails as in the client. */
  variables: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Renders a file as the client does, with Tera: variables, `get_env(name=…, default=…)`, arithmetic, comparisons and tests, the usual
 * filters, `{% if %}`, `{% for %}`, `{% set %}`, `{% raw %}`, comments and whitespace control. Time linear in the text.
 * Throws UserError "usage" for what the client would refuse too, and for what is not evaluated here (macros, includes, dates).
 */
export function renderTemplate(text: string, context: TemplateContext): string {
  const parts = parseParts(text);
  const scope: Scope = { variables: { ...context.variables }, env: context.env };
  const { out, end } = renderBlock({ parts, budget: { steps: MAX_STEPS, depth: 0 } }, 0, scope, []);
  if (end < parts.length) throw unexpected(parts[end]);
  return out.join("");
}

/** Loops within loops end somewhere. */
const MAX_STEPS = 100_000;
const MAX_BLOCKS = 100;

/** Literal text, the expression of `{{ }}`, or the statement of `{% %}`. */
interface Part {
  kind: "text" | "output" | "statement";
  source: string;
}

const closers: Readonly<Record<string, string>> = { "{{": "}}", "{%": "%}", "{#": "#}" };

function parseParts(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = nextTag(text, at);
    if (open < 0) return [...parts, { kind: "text", source: text.slice(at) }];
    const kind = text.slice(open, open + 2);
    const trimsBefore = text[open + 2] === "-";
    const before = text.slice(at, open);
    parts.push({ kind: "text", source: trimsBefore ? before.trimEnd() : before });
    const close = text.indexOf(closers[kind] ?? "", open + 2);
    if (close < 0) {
      throw usageError(`the template ${JSON.stringify(text.slice(open, open + 40))} does not end`);
    }
    const trimsAfter = text[close - 1] === "-" && close > open + 2;
    const inner = text.slice(open + (trimsBefore ? 3 : 2), trimsAfter ? close - 1 : close).trim();
    at = close + 2;
    if (kind === "{{") parts.push({ kind: "output", source: inner });
    if (kind === "{%" && inner !== "raw") parts.push({ kind: "statement", source: inner });
    if (kind === "{%" && inner === "raw") {
      const end = rawEnd(text, at);
      parts.push({ kind: "text", source: text.slice(at, end.from) });
      at = end.to;
    }
    if (trimsAfter) while (/\s/.test(text[at] ?? "")) at += 1;
  }
}

function nextTag(text: string, from: number): number {
  for (let at = text.indexOf("{", from); at >= 0; at = text.indexOf("{", at + 1)) {
    const mark = text[at + 1];
    if (mark === "{" || mark === "%" || mark === "#") return at;
  }
  return -1;
}

function rawEnd(text: string, from: number): { from: number; to: number } {
  const end = /\{%-?\s*endraw\s*-?%\}/g;
  end.lastIndex = from;
  const found = end.exec(text);
  if (found === null) throw usageError("the template block {% raw %} does not end");
  return { from: found.index, to: found.index + found[0].length };
}

interface Template {
  parts: readonly Part[];
  budget: { steps: number; depth: number };
}

/** What a block printed, and where the statement stands that ended it. */
interface Rendered {
  out: string[];
  end: number;
}

/**
 * Renders from `start` to the first statement of `until`, or to the end of the text; without a scope it only looks for
 * that end, as what is not taken is not evaluated.
 */
function renderBlock(template: Template, start: number, scope: Scope | undefined, until: readonly string[]): Rendered {
  const { parts, budget } = template;
  const out: string[] = [];
  let at = start;
  while (at < parts.length) {
    if ((budget.steps -= 1) < 0) throw notEvaluated("a template of that size");
    const { kind, source } = parts[at] ?? { kind: "text", source: "" };
    if (kind === "text") {
      if (scope !== undefined) out.push(source);
    } else if (kind === "output") {
      if (scope !== undefined) out.push(printedValue(evaluate(source, scope)));
    } else {
      const word = keyword(source);
      if (until.includes(word)) return { out, end: at };
      const block = renderStatement(template, at, word, scope);
      for (const text of block.out) out.push(text);
      at = block.end;
    }
    at += 1;
  }
  if (until.length > 0) throw usageError(`the template block before {% ${until.at(-1) ?? ""} %} does not end`);
  return { out, end: at };
}

function renderStatement(template: Template, at: number, word: string, scope: Scope | undefined): Rendered {
  const source = template.parts[at]?.source ?? "";
  if (word === "if" || word === "for") {
    if ((template.budget.depth += 1) > MAX_BLOCKS)
      throw notEvaluated(`more than ${MAX_BLOCKS} blocks within each other`);
    const block = word === "if" ? renderIf(template, at, scope) : renderFor(template, at, scope);
    template.budget.depth -= 1;
    return block;
  }
  if (word !== "set" && word !== "set_global")
    throw notEvaluated(`the template statement {% ${source.slice(0, 40)} %}`);
  const [, name = "", expression = ""] = /^\w+\s+([A-Za-z_]\w*)\s*=([^=].*)$/s.exec(source) ?? [];
  if (name === "") throw unexpected(template.parts[at]);
  if (scope !== undefined) scope.variables[name] = evaluate(expression, scope);
  return { out: [], end: at };
}

function renderIf(template: Template, start: number, scope: Scope | undefined): Rendered {
  let out: string[] = [];
  let isDone = false;
  let at = start;
  for (;;) {
    const source = template.parts[at]?.source ?? "";
    const word = keyword(source);
    if (word === "endif") return { out, end: at };
    const isTaken: boolean =
      scope !== undefined && !isDone && (word === "else" || isTrue(evaluate(source.slice(word.length), scope)));
    const block = renderBlock(template, at + 1, isTaken ? scope : undefined, ["elif", "else", "endif"]);
    if (isTaken) out = block.out;
    isDone ||= isTaken;
    at = block.end;
  }
}

function renderFor(template: Template, start: number, scope: Scope | undefined): Rendered {
  const tokens = tokenize((template.parts[start]?.source ?? "").slice("for".length));
  const name = next(tokens);
  if (!takes(tokens, "in")) throw unexpected(template.parts[start]);
  const expression = tokens.list.slice(tokens.at).join(" ");
  const list: Value = scope === undefined ? [] : evaluate(expression, scope);
  if (!Array.isArray(list)) throw notEvaluated("a loop over what is no list");
  const out: string[] = [];
  const until = ["else", "endfor"];
  let block = renderBlock(template, start + 1, undefined, until);
  for (const item of list) {
    if (scope === undefined) break;
    block = renderBlock(template, start + 1, { ...scope, variables: { ...scope.variables, [name]: item } }, until);
    for (const text of block.out) out.push(text);
  }
  if (keyword(template.parts[block.end]?.source ?? "") === "endfor") return { out, end: block.end };
  const otherwise = renderBlock(template, block.end + 1, list.length === 0 ? scope : undefined, ["endfor"]);
  return { out: list.length === 0 && scope !== undefined ? otherwise.out : out, end: otherwise.end };
}

function keyword(source: string): string {
  return /^[a-z_]*/.exec(source)?.[0] ?? "";
}

function unexpected(part: Part | undefined): UserError {
  return usageError(`cannot read the template {% ${(part?.source ?? "").slice(0, 60)} %}`);
}
