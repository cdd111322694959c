import { spawn } from "node:child_process";
import process from "node:process";

/**
 * Runs another program in this terminal, with this one's streams, and waits for it; resolves to its exit code, 128 for a
 * signal. Rejects where it cannot be started.
 */
export async function runProgram(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(file, [...args], { env, stdio: "inherit" });
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 128));
  });
}

/** A command line of the user's (`code --wait`), run by their shell with one more word. */
export async function runShell(line: string, word: string, env: NodeJS.ProcessEnv): Promise<number> {
  if (process.platform === "win32") return await runProgram("cmd", ["/C", `${line} "${word}"`], env);
  return await runProgram("/bin/sh", ["-c", `${line} "$1"`, "sh", word], env);
}
