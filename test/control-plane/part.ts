import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Program } from "./binaries.ts";
import { rememberPart } from "./leftovers.ts";

export interface Part {
  pid: number;
  kill(): void;
  /** Resolves, never rejects, when the part has ended. */
  exited: Promise<PartExited>;
}

/** A part ended although nobody told it to, or never started. */
export class PartExited extends Error {
  readonly portTaken: boolean;

  constructor(name: string, how: string, log: string) {
    super(`${name} ended (${how}):\n${log.split("\n").slice(-15).join("\n")}`);
    this.name = "PartExited";
    this.portTaken = log.includes("address already in use");
  }
}

/** Starts one program of the control plane; its output goes to a log file in the folder. */
export function startPart(folder: string, name: string, program: Program, flags: readonly string[]): Part {
  const [path, ...leading] = program;
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, "w", 0o600);
  // Our own build ends with its standard input (main.go), should this process be killed. Go's default collects garbage so often
  // that an API server takes half as much time again for a command.
  const child = spawn(path, [...leading, ...flags], {
    cwd: folder,
    env: { GOGC: "400", ...process.env, EXIT_WITH_STDIN: "1" },
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  child.stdin?.on("error", () => {});
  if (child.pid !== undefined) rememberPart(folder, name, child.pid);
  const exited = once(child, "exit").then(
    ([code, signal]) => new PartExited(name, `exit ${String(code ?? signal)}`, readLog(logFile)),
    (error: unknown) => new PartExited(name, `${basename(path)}: ${String(error)}`, ""),
  );
  return { pid: child.pid ?? 0, kill: () => child.kill("SIGKILL"), exited };
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd();
  } catch {
    return "";
  }
}
