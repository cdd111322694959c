import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { execute } from "../../../../lib/cli/execute.ts";
import type { ConnectOptions, World } from "../../../../lib/cli/world.ts";
import { audit } from "../../../../lib/commands/audit/index.ts";
import { connect as connectFolder } from "../../../../lib/commands/connect.ts";
import { UserError } from "../../../../lib/errors.ts";
import type { Cluster } from "../../../../lib/kube/cluster.ts";
import { fakeWorld } from "../../../cli/fake-world.ts";

export interface Context {
  name: string;
  /** Left out: as the context. */
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** The path of a kubeconfig with these contexts. */
export function kubeconfig(t: Test, contexts: readonly (string | Context)[], current = ""): string {
  const entries = contexts.map((each) => (typeof each === "string" ? { name: each } : each));
  const once = (values: readonly string[]): string[] => [...new Set(values)];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": current,
    clusters: once(entries.map(({ name, cluster = name }) => cluster)).map((name) => ({
      name,
      cluster: { server: "https://127.0.0.1:1" },
    })),
    users: once(entries.map(({ name, user = name }) => user)).map((name) => ({ name, user: { token: "t" } })),
    contexts: entries.map(({ name, cluster = name, user = name, namespace = "" }) => ({
      name,
      context: { cluster, user, namespace },
    })),
  };
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-contexts-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "config");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** What `world.connect` does with each context. */
export type Clusters = Readonly<Record<string, Cluster | ((options: ConnectOptions) => Promise<Cluster>)>>;

/** A world in which each context is another cluster, and `--manifests` a folder. */
export function severalWorld(clusters: Clusters): { screen: ReturnType<typeof fakeWorld>; world: World } {
  const screen = fakeWorld();
  const connect = async (options: ConnectOptions): Promise<Cluster> => {
    screen.connectedWith.push(options);
    if ((options.manifests ?? []).length > 0)
      return await connectFolder(options, { env: {}, signal: screen.signal, warn: (text) => screen.warn(text) });
    const cluster = clusters[options.context ?? ""];
    if (cluster === undefined) throw new Error(`no cluster ${options.context}`);
    return typeof cluster === "function" ? await cluster(options) : cluster;
  };
  return { screen, world: { ...screen, connect } };
}

/**
 * What `audit WORDS` prints, and its exit code. However slow the machine is, the time of `--cluster-timeout` is over when only the
 * silent clusters are left.
 */
export async function runOnSeveral(clusters: Clusters, ...words: string[]) {
  const { screen, world } = severalWorld(clusters);
  const limit = Number.parseInt(words[words.indexOf("--cluster-timeout") + 1] ?? "", 10);
  const restore = holdTimers(limit, Object.values(clusters).filter((each) => each === silent).length);
  try {
    const code = await execute(audit, words, world);
    return { code, stdout: screen.stdout, stderr: screen.stderr, connectedWith: screen.connectedWith };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const stderr = `${error.message}\n${error.hint ?? ""}`;
    return { code: error.exitCode, stdout: screen.stdout, stderr, connectedWith: screen.connectedWith };
  } finally {
    restore();
  }
}

/** Timers of so many milliseconds end as soon as all but `last` of them have been cleared. What this returns undoes it. */
function holdTimers(limit: number, last: number): () => void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const held = new Map<unknown, () => void>();
  const setHeld = (act: (...given: unknown[]) => void, milliseconds?: number, ...given: unknown[]) => {
    if (milliseconds !== limit) return set(act, milliseconds, ...given);
    const timer = set(() => {}, 2 ** 30);
    held.set(timer, () => act(...given));
    return timer;
  };
  const clearHeld = (timer?: NodeJS.Timeout) => {
    clear(timer);
    if (!held.delete(timer) || held.size !== last) return;
    const ending = [...held.values()];
    held.clear();
    for (const end of ending) end();
  };
  Object.assign(globalThis, { setTimeout: setHeld, clearTimeout: clearHeld });
  return () => void Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
}

/** A cluster that nobody reaches. */
export const unreachable = (): Promise<Cluster> =>
  Promise.reject(new UserError("undetermined", "The connection to the server 127.0.0.1:1 was refused"));

/** One that never answers, until the signal ends it. */
export const silent = (options: ConnectOptions): Promise<Cluster> =>
  new Promise((_resolve, reject) => {
    options.signal?.addEventListener("abort", () => reject(new UserError("interrupted", "interrupted")));
  });
