import { NOTHING_WRITTEN, UserError } from "../errors.ts";

/** An installation writes a hundred objects; so many are named. */
const MOST = 12;

/**
 * The error that ended a command, and what the command had changed by then, which stays: what failed came afterwards.
 * @param written a text for each object, in the order in which they were written
 */
export function afterWriting(error: unknown, written: readonly string[]): unknown {
  if (!(error instanceof UserError) || written.length === 0) return error;
  const rest = written.length - MOST;
  const hints = [
    ...error.hints.filter((hint) => hint !== NOTHING_WRITTEN),
    "Done before this:",
    ...written.slice(0, MOST).map((change) => `  ${change}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
  // Of an interruption nothing is said but what it leaves.
  const lines =
    error.kind === "interrupted" && error.message === "interrupted" ? ["interrupted after a change"] : error.lines;
  return new UserError(error.kind, lines, hints, { cause: error });
}
