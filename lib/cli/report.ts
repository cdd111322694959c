import { BUG_EXIT_CODE, UserError } from "../errors.ts";

export interface Report {
  /** For stderr; empty when there is nothing to say. */
  text: string;
  exitCode: number;
}

/** What a failure looks like to the user. Anything that is not a UserError is a bug of ours, and says where. */
export function report(error: unknown): Report {
  if (error instanceof UserError) return { text: explain(error), exitCode: error.exitCode };
  const stack = error instanceof Error ? describe(error) : String(error);
  return {
    text: `bug: ${stack}\nThis is a fault in kubectl-mirrord; it says nothing about access. Please report it with the lines above.`,
    exitCode: BUG_EXIT_CODE,
  };
}

/** What kubectl prints without `error: ` in front. Source: StandardErrorMessage in kubectl pkg/cmd/util/helpers.go. */
const KUBECTL_WORDS =
  /^(error: |Error from server|Error in configuration|Unable to connect to the server|The connection to the server |The request is invalid|The \S+ "[^"]*" is invalid)/;

function explain({ kind, message, hint }: UserError): string {
  if (kind === "interrupted" && message === "interrupted") return "";
  const first = KUBECTL_WORDS.test(message) ? message : `error: ${message}`;
  return hint === undefined ? first : `${first}\n${hint}`;
}

function describe(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own}\ncaused by: ${describe(error.cause)}` : own;
}
