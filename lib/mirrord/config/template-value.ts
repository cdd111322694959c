import { usageError } from "../../errors.ts";

/** What an expression can be; `missing` is a variable that nobody set. */
export type Value = string | number | boolean | readonly Value[] | { readonly missing: string };

/** As Tera's `if` sees it: an unset variable, 0, an empty text or list are false. */
export function isTrue(value: Value): boolean {
  if (isMissing(value)) return false;
  return Array.isArray(value) ? value.length > 0 : value !== "" && value !== 0 && value !== false;
}

export function isMissing(value: Value): value is { readonly missing: string } {
  return typeof value === "object" && "missing" in value;
}

/** As `{{ }}` prints it. Throws UserError "usage" for a variable that nobody set. */
export function printedValue(value: Value): string {
  if (typeof value !== "object") return String(value);
  if (!isMissing(value)) return `[${value.map(printedValue).join(", ")}]`;
  const hint =
    value.missing === "git_branch"
      ? "Check out a branch, set MIRRORD_BRANCH_NAME, or write {{ git_branch | default(value='…') }}."
      : "The variables are key and git_branch; others come from get_env(name='…').";
  throw usageError(`the template variable ${JSON.stringify(value.missing)} is not known`, hint);
}
