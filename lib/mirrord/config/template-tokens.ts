import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";
import { notEvaluated, spend, type Budget } from "./template-limits.ts";

/** The words of one `{{ … }}` or `{% … %}`. A text keeps its quotes, so that it is told from a name. */
export interface Tokens {
  source: string;
  list: string[];
  at: number;
  /** Expressions within expressions that are being read. */
  depth: number;
}

const token =
  /\s*(?:('[^']*'|"[^"]*"|`[^`]*`)|([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)|(\d+(?:\.\d+)?)|(==|!=|<=|>=|[()=,|~<>+\-*/%[\]]))/y;

/** Throws UserError "usage" for what is no word of Tera. Each character counts: a loop reads them again. */
export function tokenize(text: string, budget: Budget): Tokens {
  spend(budget, text.length);
  const source = text.trim();
  const list: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const [found] = token.exec(source) ?? [];
    if (found === undefined) throw notEvaluated(`the template {{ ${source.slice(0, 40)} }}`);
    list.push(found.trim());
  }
  return { source, list, at: 0, depth: 0 };
}

export function peek({ list, at }: Tokens): string | undefined {
  return list[at];
}

export function next(tokens: Tokens): string {
  const word = tokens.list[tokens.at];
  if (word === undefined) throw unreadable(tokens);
  tokens.at += 1;
  return word;
}

/** Takes the word if it is the next one. */
export function takes(tokens: Tokens, word: string): boolean {
  if (tokens.list[tokens.at] !== word) return false;
  tokens.at += 1;
  return true;
}

export function expectEnd(tokens: Tokens): void {
  if (tokens.at < tokens.list.length) throw unreadable(tokens);
}

export function unreadable({ source }: Tokens): UserError {
  return usageError(`cannot read the template {{ ${source.slice(0, 60)} }}`);
}
