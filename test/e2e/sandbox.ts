// `npm run cluster`, and what it says can be tried.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { root } from "./example-cluster.ts";

export interface Sandbox {
  /** The lines to paste, in their order. */
  commands: string[];
  /** As somebody would paste it, after what it says has to be exported. */
  paste(command: string): { status: number | null; stdout: string; stderr: string };
  /** Presses Ctrl-C; resolves to how it ended, and what it said on stderr. */
  interrupt(): Promise<{ exit: unknown[]; complaints: string }>;
  kill(): void;
}

export async function startSandbox(...words: string[]): Promise<Sandbox> {
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const child = spawn(process.execPath, [join(root, "scripts/cluster.ts"), ...words], { stdio: [...stdio] });
  const exited = once(child, "exit");
  const complaints = text(child.stderr);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith("Ctrl-C")) break;
  }
  const exports = lines.filter((line) => line.startsWith("  export "));
  if (exports.length === 0) throw new Error(await complaints);
  return {
    commands: lines.filter((line) => line.startsWith("  kubectl mirrord ")).map((line) => line.trim()),
    paste: (command) => spawnSync("sh", ["-c", [...exports, command].join("\n")], { encoding: "utf8" }),
    async interrupt() {
      child.kill("SIGINT");
      return { exit: await exited, complaints: await complaints };
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
