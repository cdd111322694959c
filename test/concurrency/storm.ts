// Many administrators who change the same grants, teams and collections of one company at once, on a real API server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect } from "../../lib/commands/connect.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { runGrant } from "../commands/grant-world.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { random } from "../rbac/random.ts";
import { until } from "../until.ts";
import { makeCompany, mergePatch, organizationsPath } from "./company.ts";
import { bindingFaults, readCompany, type CompanyState } from "./company-state.ts";
import { crashes, idleness, orderFaults, type Ran } from "./storm-judgement.ts";
import {
  anyCommand,
  namespaces,
  nomad,
  nomadMembers,
  organizations,
  people,
  roaming,
  startingPaths,
  teams,
} from "./storm-operations.ts";

const program = join(import.meta.dirname, "../../plugins/kubectl-mirrord.ts");

export interface StormOptions {
  seconds: number;
  administrators: number;
  /** Of these so many are processes of their own for each command. */
  processes: number;
  /** Whether teams move between organizations, with the grants to them. */
  movesTeams: boolean;
  seed: number;
}

export interface Storm {
  ran: readonly Ran[];
  /** Of each kind of wrong there is nothing when all is well. */
  faults: { bindings: string[]; order: string[]; drift: string[]; crashes: string[]; idleness: string[] };
}

type Act = (words: readonly string[]) => Promise<{ code: number | null; said: string }>;

export async function runStorm(plane: ControlPlane, options: StormOptions): Promise<Storm> {
  await prepare(plane);
  const before = await readCompany(plane);
  const ran: Ran[] = [];
  const end = performance.now() + options.seconds * 1000;
  const names = Array.from({ length: options.administrators }, (_, at) => `admin-${at}`);
  await Promise.all(
    names.map(async (administrator, at) => {
      const token = plane.token(administrator, "system:masters");
      const { act, close } = at < options.processes ? inProcesses(plane, token) : await inThisProcess(plane, token);
      const choices = random(options.seed * 1000 + at);
      while (performance.now() < end) {
        const command = anyCommand(choices, options);
        const started = performance.now();
        const answer = await act(command.words);
        ran.push({ ...command, administrator, started, ended: performance.now(), ...answer });
      }
      close();
    }),
  );
  const state = await collected(plane);
  return {
    ran,
    faults: {
      bindings: bindingFaults(state),
      order: orderFaults(ran, before, state),
      drift: await drift(plane),
      crashes: crashes(ran),
      idleness: idleness(ran),
    },
  };
}

/** The state when the garbage collector has taken what belonged to grants that are gone. */
async function collected(plane: ControlPlane): Promise<CompanyState> {
  return await until("what belongs to nothing is collected", async () => {
    const state = await readCompany(plane);
    const uids = new Set(state.grants.map(({ metadata }) => metadata.uid));
    return state.bindings.every(({ metadata }) => uids.has(metadata.ownerReferences?.[0]?.uid)) && state;
  });
}

async function prepare(plane: ControlPlane): Promise<void> {
  await makeCompany(plane, {
    organizations,
    teams,
    people,
    namespaces: [...namespaces, ...roaming],
    collections: startingPaths,
  });
  const members = teams.map((name) => ({ name, members: people }));
  await mergePatch(plane, `${organizationsPath}/${organizations[0]}`, {
    spec: { teams: [...members, { name: nomad, members: nomadMembers }] },
  });
}

async function inThisProcess(plane: ControlPlane, token: string): Promise<{ act: Act; close(): void }> {
  const context = { env: {}, signal: new AbortController().signal, warn: () => undefined };
  const flags = { server: plane.server, certificateAuthority: plane.caFile, token };
  const cluster: Cluster = await connect(flags, context);
  return {
    act: async (words) => {
      try {
        const { code, stdout, stderr } = await runGrant(words, { cluster, now: Date.now });
        return { code, said: stdout + stderr };
      } catch (error) {
        return { code: 70, said: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      }
    },
    close: () => cluster.close(),
  };
}

function inProcesses(plane: ControlPlane, token: string): { act: Act; close(): void } {
  const connection = ["--server", plane.server, "--certificate-authority", plane.caFile, "--token", token];
  return { act: async (words) => await run(plane, ["grant", ...words, ...connection]), close: () => undefined };
}

async function run(plane: ControlPlane, words: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, KUBECONFIG: plane.kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number | null, said: stdout + stderr };
}

async function drift(plane: ControlPlane): Promise<string[]> {
  const { code, said } = await run(plane, ["audit", "drift"]);
  return code === 0 ? [] : said.split("\n");
}
