import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";
import { notEvaluated, spend, type Budget } from "./template-limits.ts";

/** What an expression can be; `missing` is a variable that nobody set. */
export type Value = Scalar | readonly Value[];
type Scalar = string | number | boolean | Missing;
type Missing = { readonly missing: string };

/** Lists within lists; a statement for each level makes any number of them. */
const MAX_NESTING = 100;

/** As Tera's `if` sees it: an unset variable, 0, an empty text or list are false. */
export function isTrue(value: Value): boolean {
  if (isMissing(value)) return false;
  return Array.isArray(value) ? value.length > 0 : value !== "" && value !== 0 && value !== false;
}

export function isMissing(value: Value): value is Missing {
  return typeof value === "object" && "missing" in value;
}

/** As `{{ }}` prints it. Throws UserError "usage" for a variable that nobody set, and for lists nested too deep. */
export function printedValue(value: Value, budget: Budget): string {
  return writtenValue(value, { budget, separator: ", ", scalar: (one) => String(known(one)) });
}

/** The same as JSON. */
export function encodedValue(value: Value, budget: Budget): string {
  return writtenValue(value, { budget, separator: ",", scalar: (one) => JSON.stringify(known(one)) });
}

export function isSame(one: Value, other: Value, budget: Budget): boolean {
  const style: Style = { budget, separator: ",", scalar: (each) => JSON.stringify(each) };
  return writtenValue(one, style) === writtenValue(other, style);
}

interface Style {
  budget: Budget;
  separator: string;
  scalar(value: Scalar): string;
}

/** A list that holds another one twice, which holds another one twice …, is written out: each item counts each time. */
function writtenValue(value: Value, style: Style, depth = 0): string {
  const { budget, separator, scalar } = style;
  if (typeof value !== "object" || isMissing(value)) {
    const text = scalar(value);
    spend(budget, text.length + 1);
    return text;
  }
  if (depth === MAX_NESTING) throw notEvaluated(`a list nested deeper than ${MAX_NESTING} levels`);
  spend(budget, 2 + value.length * separator.length);
  return `[${value.map((item) => writtenValue(item, style, depth + 1)).join(separator)}]`;
}

function known(value: Scalar): Exclude<Scalar, Missing> {
  if (typeof value === "object") throw unknownVariable(value);
  return value;
}

export function unknownVariable({ missing }: Missing): UserError {
  const hint =
    missing === "git_branch"
      ? "Check out a branch, set MIRRORD_BRANCH_NAME, or write {{ git_branch | default(value='…') }}."
      : "The variables are key and git_branch; others come from get_env(name='…').";
  return usageError(`the template variable ${JSON.stringify(missing)} is not known`, hint);
}
