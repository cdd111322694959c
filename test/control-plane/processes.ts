import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Also true of another user's process, and of one that has ended but not been waited for. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Whether the process runs and its command line holds the text: a process id alone may have passed to a
 * stranger. An ended process that was not waited for has no command line.
 */
export function isRunningWith(pid: number, text: string): boolean {
  return isRunning(pid) && commandLine(pid).includes(text);
}

function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-o", "command=", "-ww", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}
