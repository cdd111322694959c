/** What a failure means to whoever called; each has one exit code (design: 0 and 1 are answers, never failures). */
const exitCodes = {
  /** The command line is wrong, or lacks a flag that says it is meant. */
  usage: 2,
  /** It could not be found out: no cluster, no permission to ask, an incomplete answer. */
  undetermined: 3,
  /** The API server refused a write, or only part of it was done. */
  refused: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type FailureKind = keyof typeof exitCodes;

/** A bug of ours: never to be confused with the answer "no" (1). */
export const BUG_EXIT_CODE = 70;

/** The last word on a change that did not begin. */
export const NOTHING_WRITTEN = "Nothing was written.";

/**
 * The only error that users are meant to see. The message says what happened, without a prefix and without a
 * final stop; the hint says what to run or change next. Each is one line or a list of them: a line feed within one is a
 * value's, and is shown escaped. Thrown where the fact is known, printed only by lib/cli/run.ts.
 */
export class UserError extends Error {
  readonly kind: FailureKind;
  /** Of the message. */
  readonly lines: readonly string[];
  readonly hints: readonly string[];

  constructor(
    kind: FailureKind,
    message: string | readonly string[],
    hint: string | readonly string[] = [],
    options?: ErrorOptions,
  ) {
    const lines = [message].flat();
    super(lines.join("\n"), options);
    this.name = "UserError";
    this.kind = kind;
    this.lines = lines;
    this.hints = [hint].flat();
  }

  /** The hints in one text; undefined when there are none. */
  get hint(): string | undefined {
    return this.hints.length === 0 ? undefined : this.hints.join("\n");
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }
}

/** The command line, or a file that it names, is wrong. */
export const usageError = (
  message: string | readonly string[],
  hint?: string | readonly string[],
  options?: ErrorOptions,
): UserError => new UserError("usage", message, hint, options);
