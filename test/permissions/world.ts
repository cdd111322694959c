// A real cluster with everything in it that a command may ask for, and commands run on it in this process as anybody.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import { connect } from "../../lib/commands/connect.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import type { Lines } from "../../lib/view/lines.ts";
import type { Ran } from "../commands/grant-world.ts";
import { UserError } from "../../lib/errors.ts";
import { startEmptyCluster, type EmptyCluster } from "../e2e/empty-cluster.ts";
import { root } from "../e2e/example-cluster.ts";

export interface PermissionsCluster extends EmptyCluster {
  /** `kubectl mirrord …` in this process, by this bearer token. */
  run(token: string, words: readonly string[], change?: RunChange): Promise<Run>;
}

export interface Run {
  ran: Ran;
  /** How many requests were answered. */
  requests: number;
}

export interface RunChange {
  /** What an editor makes of the text. */
  edit?: (text: string) => string;
  /** The command goes on until it is interrupted: when this is in what it printed, or in the address of a request. */
  until?: RegExp;
  /** In place of the API server's own address. */
  server?: string;
  /** Interrupts it. */
  signal?: AbortSignal;
}

/** In the file `key`. */
export const LICENCE_KEY = "Licence0f7b2c9d4eKey";

const program = dispatcher(all, "kubectl-mirrord", "");

/**
 * @param folder for files that commands are given
 * @param say hears all that commands print, the log of their requests as well
 */
export async function startPermissionsCluster(
  folder: string,
  say: (text: string) => void = () => {},
): Promise<PermissionsCluster> {
  const cluster = await startEmptyCluster();
  const { plane } = cluster;
  const run = async (
    token: string,
    words: readonly string[],
    { edit, until, server = plane.server, signal }: RunChange = {},
  ): Promise<Run> => {
    const world = fakeWorld();
    const abort = new AbortController();
    signal?.addEventListener("abort", () => abort.abort(new UserError("interrupted", "interrupted")));
    let requests = 0;
    Object.assign(world, { now: () => new Date(), signal: abort.signal });
    if (edit !== undefined) world.edit = async (text) => edit(text);
    const { note } = world;
    const look = (text: string) => {
      if (until?.test(text) === true) abort.abort(new UserError("interrupted", "interrupted"));
    };
    const interrupted = (show: (lines: Lines) => void) => (lines: Lines) => {
      show(lines);
      look(world.stdout + world.stderr);
    };
    const trace = (text: string) => {
      requests += 1;
      say(text);
      look(text);
    };
    for (const way of ["print", "redraw", "note"] as const) world[way] = interrupted(world[way]);
    world.document = interrupted(world.document as (lines: Lines) => void);
    const connected: { close(): void }[] = [];
    world.connect = async (flags) => {
      const reached = await connect(
        { ...flags, server, certificateAuthority: plane.caFile, token },
        { env: {}, signal: world.signal, warn: (text) => world.warn(text), trace },
      );
      connected.push(reached);
      return reached;
    };
    world.exec = async () => 0;
    const [session] = cluster.operator.sessions();
    const typed = words.map((word) => (word === "SESSION" ? (session?.id ?? word) : word));
    const code = await execute(program, typed, world).catch((error: unknown) => {
      const { lines, exitCode } = report(error);
      note(lines);
      return exitCode;
    });
    // A process closes them when it ends. This one runs thousands of commands.
    for (const reached of connected) reached.close();
    say(world.stdout);
    say(world.stderr);
    return { ran: { code, stdout: world.stdout, stderr: world.stderr }, requests };
  };
  const key = join(folder, "key");
  writeFileSync(key, LICENCE_KEY);
  const set = async (...words: string[]) => {
    const { ran } = await run(plane.admin.token, words);
    if (ran.code !== 0) throw new Error(`${words.join(" ")}: ${ran.stderr}`);
  };
  await set("install", "--license-key-file", key, "-y", "--timeout", "10m");
  for (const file of ["dev.yaml", "qa.yaml", "people.yaml"]) {
    const applied = await cluster.kubectl("admin", ["apply", "-f", join(root, "examples", file)]);
    if (applied.code !== 0) throw new Error(applied.stderr);
  }
  await cluster.kubectl("admin", ["wait", "--for=condition=Available", "--timeout=5m", "deploy/web", "-n", "dev"]);
  return { ...cluster, run };
}
