import { BUG_EXIT_CODE, UserError } from "../errors.ts";
import { maskCredentials } from "../text/mask-credentials.ts";

export interface Report {
  /** For stderr; none when there is nothing to say. */
  lines: readonly string[];
  exitCode: number;
}

/** What a failure looks like to the user. Anything that is not a UserError is a bug of ours, and says where. */
export function report(error: unknown): Report {
  if (error instanceof UserError) return { lines: explain(error), exitCode: error.exitCode };
  const [first = "", ...stack] = error instanceof Error ? describe(error) : [maskCredentials(String(error))];
  const last =
    "This is a fault in kubectl-mirrord; it says nothing about access. Please report it with the lines above.";
  return { lines: [`bug: ${first}`, ...stack, last], exitCode: BUG_EXIT_CODE };
}

/** What kubectl prints without `error: ` in front. Source: StandardErrorMessage in kubectl pkg/cmd/util/helpers.go. */
const KUBECTL_WORDS =
  /^(error: |Error from server|Error in configuration|Unable to connect to the server|The connection to the server |The request is invalid|The \S+ "[^"]*" is invalid)/;

function explain({ kind, message, lines, hints }: UserError): string[] {
  if (kind === "interrupted" && message === "interrupted") return [];
  const [first = "", ...rest] = lines;
  return [KUBECTL_WORDS.test(message) ? first : `error: ${first}`, ...rest, ...hints];
}

/** The message on one line whatever is in it, then the frames of the stack, which are lines of V8's own. */
function describe(error: Error): string[] {
  const { name, message, stack = "", cause } = error;
  const end = stack.indexOf(message) + message.length;
  const frames = stack.slice(end).split("\n").slice(1);
  const [first = "", ...causes] = cause instanceof Error ? describe(cause) : [];
  return [
    `${name}: ${maskCredentials(message)}`,
    ...frames,
    ...(first === "" ? [] : [`caused by: ${first}`]),
    ...causes,
  ];
}
