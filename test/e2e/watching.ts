// `session watch` as a process of its own, whose lines are counted and whose memory can be asked for.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { withoutProgress } from "./comparable.ts";

const root = join(import.meta.dirname, "..", "..");

/** Loaded before the program: answers its parent with what is in use after a collection. */
const answerMemory = `
  process.on("message", () => {
    gc();
    gc();
    const { heapUsed, rss } = process.memoryUsage();
    process.send({ heapUsed, rss });
  });
  process.channel.unref();
`;

export interface Watching {
  /** `ADDED 1A2B`, as they came. */
  lines: string[];
  stderr(): string;
  /** Resolves when there are so many lines; rejects when it ended before. */
  until(count: number): Promise<void>;
  /** Bytes, after a collection. */
  memory(): Promise<{ heapUsed: number; rss: number }>;
  /** Ctrl-C: its exit code. */
  stop(): Promise<number | null>;
}

export function startWatching(kubeconfig: string, words: readonly string[]): Watching {
  const probe = `data:text/javascript,${encodeURIComponent(answerMemory)}`;
  const plugin = join(root, "plugins", "kubectl-mirrord-session.ts");
  const child = spawn(process.execPath, ["--expose-gc", "--import", probe, plugin, "watch", ...words], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: string[] = [];
  let stderr = "";
  let wanted: { count: number; met: () => void } | undefined;
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const output = child.stdout;
  if (output === null) throw new Error("no stdout");
  createInterface({ input: output }).on("line", (line) => {
    const { type, session } = JSON.parse(line) as { type: string; session: { id: string } };
    lines.push(`${type} ${session.id}`);
    if (wanted !== undefined && lines.length >= wanted.count) wanted.met();
  });
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return {
    lines,
    stderr: () => withoutProgress(stderr),
    async until(count) {
      if (lines.length >= count) return;
      const enough = new Promise<"enough">((resolve) => (wanted = { count, met: () => resolve("enough") }));
      if ((await Promise.race([enough, ended])) !== "enough")
        throw new Error(`the watch ended after ${lines.length} lines: ${stderr}`);
    },
    async memory() {
      const answer = once(child, "message");
      child.send("memory");
      const [memory] = await answer;
      return memory as { heapUsed: number; rss: number };
    },
    async stop() {
      child.kill("SIGINT");
      return await ended;
    },
  };
}
