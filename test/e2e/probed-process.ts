// A command that goes on until it is interrupted, as a process of its own whose memory can be asked for.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
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
  // Whoever started it is gone.
  process.on("disconnect", () => process.exit(1));
  process.channel.unref();
`;

export interface ProbedProcess {
  child: ChildProcess;
  stdout: Readable;
  stderr(): string;
  /** Resolves to the exit code. */
  ended: Promise<number | null>;
  /** Bytes, after a collection. */
  memory(): Promise<{ heapUsed: number; rss: number }>;
  /** Ctrl-C: its exit code. */
  stop(): Promise<number | null>;
}

/** @param words the plugin's own: `session watch …` */
export function startProbed(kubeconfig: string, words: readonly string[]): ProbedProcess {
  const probe = `data:text/javascript,${encodeURIComponent(answerMemory)}`;
  const program = join(root, "plugins", "kubectl-mirrord.ts");
  const child = spawn(process.execPath, ["--expose-gc", "--import", probe, program, ...words], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  if (child.stdout === null) throw new Error("no stdout");
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return {
    child,
    stdout: child.stdout,
    stderr: () => withoutProgress(stderr),
    ended,
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
