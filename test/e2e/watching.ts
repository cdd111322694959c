// `session watch` as a process of its own, whose lines are counted and whose memory can be asked for.
import { createInterface } from "node:readline";
import { startProbed, type ProbedProcess } from "./probed-process.ts";

export interface Watching extends Pick<ProbedProcess, "stderr" | "memory" | "stop"> {
  /** `ADDED 1A2B`, as they came. */
  lines: string[];
  /** Resolves when there are so many lines; rejects when it ended before. */
  until(count: number): Promise<void>;
}

export function startWatching(kubeconfig: string, words: readonly string[]): Watching {
  const { stdout, stderr, ended, memory, stop } = startProbed(kubeconfig, ["session", "watch", ...words]);
  const lines: string[] = [];
  let wanted: { count: number; met: () => void } | undefined;
  createInterface({ input: stdout }).on("line", (line) => {
    const { type, session } = JSON.parse(line) as { type: string; session: { id: string } };
    lines.push(`${type} ${session.id}`);
    if (wanted !== undefined && lines.length >= wanted.count) wanted.met();
  });
  return {
    lines,
    stderr,
    memory,
    stop,
    async until(count) {
      if (lines.length >= count) return;
      const enough = new Promise<"enough">((resolve) => (wanted = { count, met: () => resolve("enough") }));
      if ((await Promise.race([enough, ended])) !== "enough")
        throw new Error(`the watch ended after ${lines.length} lines: ${stderr()}`);
    },
  };
}
