import type { ConnectOptions, World } from "../../lib/cli/world.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { lineText } from "../../lib/view/lines.ts";

export interface FakeWorld extends World {
  stdout: string;
  stderr: string;
  connectedWith: ConnectOptions[];
  /** The texts of files that stay. */
  kept: string[];
}

/** A world without a process: what is written is kept, and nothing can be asked. */
export function fakeWorld(
  given: { cluster?: Partial<Cluster>; env?: NodeJS.ProcessEnv; columns?: number; terminal?: boolean } = {},
): FakeWorld {
  const world: FakeWorld = {
    stdout: "",
    stderr: "",
    connectedWith: [],
    kept: [],
    now: () => new Date("2026-11-22T12:00:00Z"),
    connect: async (options) => {
      world.connectedWith.push(options);
      if (given.cluster === undefined) throw new Error("no cluster here");
      return given.cluster as Cluster;
    },
    print: (lines) => void (world.stdout += lineText(lines)),
    redraw: (lines) => void (world.stdout += `\u001b[H\u001b[2J\u001b[3J${lineText(lines)}`),
    document: (text) => void (world.stdout += text),
    printed: async () => true,
    warn: (text) => void (world.stderr += `Warning: ${lineText(text)}`),
    note: (lines) => void (world.stderr += lineText(lines)),
    wrote() {},
    ask: {
      confirm: () => Promise.reject(new Error("nobody to ask")),
      select: () => Promise.reject(new Error("nobody to ask")),
      input: () => Promise.reject(new Error("nobody to ask")),
    },
    progress: () => ({ update() {}, end() {} }),
    exec: () => Promise.reject(new Error("nothing to run")),
    edit: () => Promise.reject(new Error("no editor")),
    keep: async (text, name) => {
      world.kept.push(text);
      return `/kept/${name}`;
    },
    compare: () => Promise.reject(new Error("no program to compare with")),
    signal: new AbortController().signal,
    env: given.env ?? {},
    isTerminal: { stdin: false, stdout: given.terminal ?? false, stderr: given.terminal ?? false },
    columns: given.columns ?? 80,
  };
  return world;
}
