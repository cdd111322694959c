import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";

/** What one rendering may still read and make: characters, items of lists, parts of the text, variables of a loop. */
export interface Budget {
  left: number;
}

/** Far more than a configuration needs, and well below a second: a few lines double a text at each step. */
const MAX_WORK = 1_000_000;

export const newBudget = (): Budget => ({ left: MAX_WORK });

/** Throws UserError "usage" once the budget is used up. Where the size is known before, it is spent before. */
export function spend(budget: Budget, amount: number): void {
  budget.left -= amount;
  if (budget.left < 0) throw notEvaluated("a template of that size");
}

export function notEvaluated(what: string): UserError {
  return usageError(
    `${what} is not evaluated here`,
    "Give a rendered file, or say what matters with flags instead of -f.",
  );
}
