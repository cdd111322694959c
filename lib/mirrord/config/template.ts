import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";
import { evaluate, type Scope } from "./template-expression.ts";
import { newBudget, notEvaluated, spend, type Budget } from "./template-limits.ts";
import { next, takes, tokenize } from "./template-tokens.ts";
import { isTrue, printedValue, type Value } from "./template-value.ts";

/** What a template may ask for. */
export interface TemplateContext {
  /** Left out, the variable is unknown: `default(value='…')` helps then, anything else fails as in the client. */
  variables: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Renders a file as the client does, with Tera: variables, `get_env(name=…, default=…)`, arithmetic, comparisons and tests, the usual
 * filters, `{% if %}`, `{% for %}`, `{% set %}`, `{% raw %}`, comments and whitespace control. Time and memory linear in the text; what
 * its templates make is limited as a whole (template-limits.ts). Throws UserError "usage" for what the client would refuse too, for
 * what is not evaluated here (macros, includes, dates), and beyond the limit.
 */
export function renderTemplate(text: string, context: TemplateContext): string {
  const budget = newBudget();
  const template: Template = { parts: parseParts(text, budget), out: [], budget, blocks: 0, loops: 0 };
  const scope: Scope = { variables: new Map(Object.entries(context.variables)), env: context.env, budget };
  renderBlock(template, 0, scope, []);
  return template.out.join("");
}

const MAX_BLOCKS = 100;

/** Literal text, the expression of `{{ }}`, or the statement of `{% %}`. */
interface Part {
  kind: "text" | "output" | "statement";
  source: string;
}

const closers: Readonly<Record<string, string>> = { "{{": "}}", "{%": "%}", "{#": "#}" };

function parseParts(text: string, budget: Budget): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    spend(budget, 1);
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
  /** What is printed so far. */
  out: string[];
  budget: Budget;
  /** Blocks around the current part, and how many of them are loops. */
  blocks: number;
  loops: number;
}

/**
 * Renders from `start` to the first statement of `until`, or to the end of the text; without a scope it only looks for
 * that end, as what is not taken is not evaluated.
 * @returns where the statement stands that ended it
 */
function renderBlock(template: Template, start: number, scope: Scope | undefined, until: readonly string[]): number {
  const { parts, out, budget } = template;
  for (let at = start; at < parts.length; at += 1) {
    spend(budget, 1);
    const { kind, source } = parts[at] ?? { kind: "text", source: "" };
    if (kind === "statement") {
      const word = keyword(source);
      if (until.includes(word)) return at;
      at = renderStatement(template, at, word, scope);
    } else if (scope === undefined) continue;
    else if (kind === "output") out.push(printedValue(evaluate(source, scope), budget));
    else {
      // Text is printed once, however long the file is; only loops make more of it.
      if (template.loops > 0) spend(budget, source.length);
      out.push(source);
    }
  }
  if (until.length > 0) throw usageError(`the template block before {% ${until.at(-1) ?? ""} %} does not end`);
  return parts.length;
}

function renderStatement(template: Template, at: number, word: string, scope: Scope | undefined): number {
  const source = template.parts[at]?.source ?? "";
  if (word === "if" || word === "for") {
    if ((template.blocks += 1) > MAX_BLOCKS) throw notEvaluated(`more than ${MAX_BLOCKS} blocks within each other`);
    const end = word === "if" ? renderIf(template, at, scope) : renderFor(template, at, scope);
    template.blocks -= 1;
    return end;
  }
  if (word !== "set" && word !== "set_global")
    throw notEvaluated(`the template statement {% ${source.slice(0, 40)} %}`);
  const [before = "", name = ""] = /^\w+\s+([A-Za-z_]\w*)\s*=(?=[^=])/.exec(source) ?? [];
  if (name === "") throw unexpected(template.parts[at]);
  spend(template.budget, before.length);
  if (scope !== undefined) scope.variables.set(name, evaluate(source.slice(before.length), scope));
  return at;
}

function renderIf(template: Template, start: number, scope: Scope | undefined): number {
  let isDone = false;
  let at = start;
  for (;;) {
    const source = template.parts[at]?.source ?? "";
    const word = keyword(source);
    if (word === "endif") return at;
    const isTaken: boolean =
      scope !== undefined && !isDone && (word === "else" || isTrue(evaluate(source.slice(word.length), scope)));
    at = renderBlock(template, at + 1, isTaken ? scope : undefined, ["elif", "else", "endif"]);
    isDone ||= isTaken;
  }
}

function renderFor(template: Template, start: number, scope: Scope | undefined): number {
  const { budget } = template;
  const tokens = tokenize((template.parts[start]?.source ?? "").slice("for".length), budget);
  const name = next(tokens);
  if (!takes(tokens, "in")) throw unexpected(template.parts[start]);
  const expression = tokens.list.slice(tokens.at).join(" ");
  const list: Value = scope === undefined ? [] : evaluate(expression, scope);
  if (!Array.isArray(list)) throw notEvaluated("a loop over what is no list");
  const until = ["else", "endfor"];
  const end = renderBlock(template, start + 1, undefined, until);
  template.loops += 1;
  for (const item of list) {
    if (scope === undefined) break;
    // What an iteration sets is gone with it.
    spend(budget, scope.variables.size);
    renderBlock(template, start + 1, { ...scope, variables: new Map(scope.variables).set(name, item) }, until);
  }
  template.loops -= 1;
  if (keyword(template.parts[end]?.source ?? "") === "endfor") return end;
  return renderBlock(template, end + 1, list.length === 0 ? scope : undefined, ["endfor"]);
}

function keyword(source: string): string {
  return /^[a-z_]*/.exec(source)?.[0] ?? "";
}

function unexpected(part: Part | undefined): UserError {
  return usageError(`cannot read the template {% ${(part?.source ?? "").slice(0, 60)} %}`);
}
