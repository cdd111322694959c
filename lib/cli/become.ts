import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;

/**
 * Becomes another program: on POSIX the process is replaced, so that terminal, signals, process id and exit code are the
 * program's own and this never comes back. On Windows it is a child that gets the same terminal and every signal, and its
 * exit code is what this resolves to.
 */
export async function become(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<number> {
  // execve takes no undefined values.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  if (process.execve !== undefined && platform !== "win32") process.execve(file, [file, ...args], given);
  return await runChild(file, args, given);
}

/** Signals are the child's from here on. */
async function runChild(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(file, [...args], { env, stdio: "inherit" });
  for (const signal of forwarded) {
    const before = process.listeners(signal);
    // Ours first: a signal that finds nobody listening, if only for a moment, is lost or ends this process.
    process.on(signal, () => child.kill(signal));
    for (const listener of before) process.off(signal, listener);
  }
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
