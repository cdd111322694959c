import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;

/**
 * Becomes another program: on POSIX the process is replaced, so that terminal, signals, process id and exit code are the
 * program's own and this never comes back. Elsewhere it is a child that gets the same terminal and every signal, and its
 * exit code is what this resolves to.
 */
export async function become(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // execve takes no undefined values.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  if (process.execve !== undefined && process.platform !== "win32") process.execve(file, [file, ...args], given);
  return await runChild(file, args, given);
}

/** Signals are the child's from here on. Exported for tests on systems that can replace a process. */
export async function runChild(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(file, [...args], { env, stdio: "inherit" });
  for (const signal of forwarded) {
    process.removeAllListeners(signal);
    process.on(signal, () => child.kill(signal));
  }
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
