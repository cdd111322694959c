import process from "node:process";
import { isatty } from "node:tty";
import { BUG_EXIT_CODE, UserError } from "../errors.ts";
import type { Verb } from "./grammar/command.ts";
import { execute } from "./execute.ts";
import { processWorld, type LoadConnect } from "./process-world.ts";
import { report } from "./report.ts";

/** After Ctrl-C, for a command to say what was done and what was not. */
const GRACE_MILLISECONDS = 500;

const signalExitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** An executable's whole life: the only place that listens to signals, prints errors and ends the process. */
export function run(verb: Verb, loadConnect?: LoadConnect): void {
  const abort = new AbortController();
  const { stdout, stderr, env } = process;
  const world = processWorld({
    stdin: () => process.stdin,
    stdout,
    stderr,
    isTerminal: { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) },
    columns: stdout.columns,
    noteColumns: stderr.columns,
    env,
    signal: abort.signal,
    loadConnect,
  });
  let exitCode: number | undefined;
  let interrupted: number | undefined;

  const end = (code: number): void => {
    if (exitCode !== undefined) return;
    exitCode = interrupted ?? code;
    void flushed(stdout, stderr).then(() => {
      world.close();
      process.exit(exitCode);
    });
  };
  const fail = (error: unknown): void => {
    const { lines, exitCode: code } = report(error);
    if (lines.length > 0 && (interrupted === undefined || error instanceof UserError)) world.note(lines);
    end(code);
    exitCode = interrupted ?? code; // a failure outweighs the answer that came before it
  };
  const interrupt = (code: number): void => {
    if (interrupted !== undefined) process.exit(code);
    interrupted = code;
    abort.abort(new UserError("interrupted", "interrupted"));
    setTimeout(() => {
      world.close();
      process.exit(code);
    }, GRACE_MILLISECONDS);
  };

  process.exitCode = BUG_EXIT_CODE;
  process.on("uncaughtException", fail);
  // Whoever waits for something that will not come may hear of this too, and first.
  process.on("beforeExit", () => {
    setImmediate(() => {
      if (exitCode === undefined) fail(new Error("the command ended without an answer"));
    });
  });
  for (const [signal, code] of Object.entries(signalExitCodes)) process.on(signal, () => interrupt(code));
  stdout.on("error", (error) => {
    if (!isGone(error)) fail(new UserError("undetermined", `cannot write to stdout: ${error.message}`));
  });
  stderr.on("error", () => {});

  execute(verb, process.argv.slice(2), world).then(end, fail);
}

/** Nobody reads any more (`| head -1`): no reason to complain, nor to stop half way through a change. */
function isGone(error: NodeJS.ErrnoException): boolean {
  return error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
}

/** A pipe may still hold what was written, and process.exit would drop it. */
async function flushed(...streams: readonly NodeJS.WriteStream[]): Promise<void> {
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))));
}
