// What is said of a plan that was not carried out to its end.

import { NOTHING_WRITTEN, UserError } from "../../errors.ts";
import { ApiError } from "../../kubernetes/api-error.ts";
import { describeObject } from "../../kubernetes/object.ts";
import type { Change, Plan } from "../cluster.ts";
import type { Outcome } from "./apply.ts";

/** Whether the server may have done what was sent, although this came back. With a 4xx it says that it did not. */
export const mayBeDone = (error: unknown): boolean => !(error instanceof ApiError && error.status < 500);

/**
 * The error that ends a plan: kind "refused", or "interrupted". Its hints list the steps that are done, those that may be, and
 * those that are not. What is no UserError is a bug, and stays as it is.
 * @param unclear steps that were sent and not answered
 */
export function failure(
  plan: Plan,
  { outcomes, unclear }: { outcomes: readonly Outcome[]; unclear: readonly Change[] },
  error: unknown,
): unknown {
  // A pause that is cut short wraps the reason of the signal.
  const cause = error instanceof Error && error.name === "AbortError" ? error.cause : error;
  if (!(cause instanceof UserError)) return error;
  const kind = cause.kind === "interrupted" ? "interrupted" : "refused";
  const done = outcomes.filter(({ written }) => written).map(({ change }) => change);
  if (done.length + unclear.length === 0)
    return new UserError(kind, cause.lines, [...cause.hints, NOTHING_WRITTEN], { cause });
  const undone = plan.filter(
    (change) => change.action !== "unchanged" && !done.includes(change) && !unclear.includes(change),
  );
  const hints = [
    ...cause.hints,
    ...list("Done", done),
    ...unconfirmed(unclear),
    ...list("Not done", undone),
    "Run the same command again to finish.",
  ];
  const last = cause.lines.length - 1;
  const end = done.length === 0 ? "part of it may be done" : "only part was done";
  const lines = cause.lines.map((line, at) => (at === last ? `${line}; ${end}` : line));
  return new UserError(kind, lines, hints, { cause });
}

const list = (title: string, changes: readonly Change[]): string[] =>
  changes.length === 0 ? [] : [`${title}:`, ...changes.map((change) => `  ${changeText(change)}`)];

/** What is said of steps that were sent and not answered. */
export const unconfirmed = (unclear: readonly Change[]): string[] =>
  list("Sent, and not confirmed (it may be done)", unclear);

/** `create rolebinding.rbac.authorization.k8s.io/NAME in namespace NS` */
export const changeText = (change: Change): string => `${change.action} ${describeObject(change)}`;

/** A text for each step that was written. */
export const changeTexts = (outcomes: readonly Outcome[]): string[] =>
  outcomes.filter(({ written }) => written).map(({ change }) => changeText(change));
