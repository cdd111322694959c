// Many administrators who change the same grants, teams and collections of one company at once, on a real API server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect } from "../../lib/commands/connect.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { runGrant } from "../commands/grant-world.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { random } from "../rbac/random.ts";
import { until } from "../until.ts";
import { makeCompany, mergePatch, organizationsPath } from "./company.ts";
import { bindingFaults, readCompany, type CompanyState } from "./company-state.ts";
import { whyNotSerial, type Operation } from "./serial-order.ts";
import {
  anyCommand,
  collections,
  grantKey,
  namespaces,
  nomad,
  organizations,
  people,
  roaming,
  roamingPaths,
  teams,
  type Command,
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
  faults: { bindings: string[]; order: string[]; drift: string[]; crashes: string[] };
}

interface Ran extends Command {
  administrator: string;
  started: number;
  ended: number;
  code: number | null;
  said: string;
}

type Act = (words: readonly string[]) => Promise<{ code: number | null; said: string }>;

export async function runStorm(plane: ControlPlane, options: StormOptions): Promise<Storm> {
  await prepare(plane);
  const initial = stateKeys(await readCompany(plane));
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
  const why = whyNotSerial(ran.filter(hasDone).map(operation), initial, stateKeys(state));
  return {
    ran,
    faults: {
      bindings: bindingFaults(state),
      order: why === undefined ? [] : [...why.split("\n"), ...namedIn(why, ran)],
      drift: await drift(plane),
      crashes: ran
        .filter(({ code }) => code === 70 || code === null)
        .map(({ words, said }) => `${words.join(" ")}: ${said}`),
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
    collections: [...collections.slice(0, 3), ...collections.slice(0, 2), roamingPaths[0] ?? "", roamingPaths[0] ?? ""],
  });
  const members = teams.map((name) => ({ name, members: people }));
  await mergePatch(plane, `${organizationsPath}/${organizations[0]}`, {
    spec: { teams: [...members, { name: nomad, members: people.slice(0, 2) }] },
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

/** Exit codes 2 and 3: it was refused before anything was written, or found nothing to do, unless it says what it did. */
const hasDone = ({ code, said }: Ran): boolean => code === 0 || code === 1 || code === 4 || isPart(said);
const isPart = (said: string): boolean => /^(?:Done|Sent, and not confirmed)\b/m.test(said);

/** Every command about what an explanation names, with what it said: also those that are not part of the order. */
function namedIn(why: string, ran: readonly Ran[]): string[] {
  const keys = new Set(why.split("\n").map((line) => line.replace(/ is ".*/, "")));
  const about = ran.filter(({ writes }) => [...writes.keys()].some((key) => keys.has(key)));
  return about
    .toSorted((one, other) => one.started - other.started)
    .map((one) => `${operation(one).name}: ${one.said.replaceAll("\n", " / ")}`);
}

/** The team that moves has several names: nothing was found under one of them, and under another there may be a grant. */
const isElsewhere = ({ words, said }: Pick<Ran, "words" | "said">): boolean =>
  words.some((word) => word.endsWith(`/${nomad}`)) && /^no grant of /m.test(said);

const operation = ({ administrator, words, writes, started, ended, code, said }: Ran): Operation => ({
  name: `${administrator}: ${words.join(" ")} (${Math.round(started)} to ${Math.round(ended)}, exit code ${code})`,
  started,
  ended,
  writes: isElsewhere({ words, said }) ? new Map() : writes,
  isUncertain: code !== 0 && code !== 1,
});

async function drift(plane: ControlPlane): Promise<string[]> {
  const { code, said } = await run(plane, ["audit", "drift"]);
  return code === 0 ? [] : said.split("\n");
}

interface Organization {
  teams?: { name: string; members?: string[] }[];
}

/** The state in the words of the commands' keys. */
function stateKeys(state: CompanyState): ReadonlyMap<string, string> {
  const spec = (object: KubernetesObject) => (object["spec"] ?? {}) as Organization;
  const places = (names: readonly string[]) =>
    state.namespaces.filter(({ metadata }) => names.includes(metadata.name ?? ""));
  const path = ({ metadata }: KubernetesObject) =>
    (metadata.labels?.["kubectl-mirrord.io/collection"] ?? "").replaceAll(".", "/");
  const having = state.organizations.filter((object) => spec(object).teams?.some(({ name }) => name === nomad));
  return new Map([
    ...state.grants.flatMap(grantKeys).map((key) => [key, "yes"] as const),
    ...state.organizations.flatMap((object) =>
      (spec(object).teams ?? []).flatMap(({ name, members = [] }) =>
        members.map((member) => [`member ${teamName(object, name)} ${member}`, "yes"] as const),
      ),
    ),
    [`team ${nomad}`, having.map(({ metadata }) => metadata.name ?? "").join(" and ")],
    ...places(namespaces).map((each) => [`collection ${each.metadata.name}`, path(each)] as const),
    ["collection roam", [...new Set(places(roaming).map(path))].join(" and ")],
  ]);
}

const teamName = ({ metadata }: KubernetesObject, team: string): string =>
  team === nomad ? `team:${nomad}` : `team:${metadata.name}/${team}`;

function grantKeys({ metadata }: KubernetesObject): string[] {
  const annotations = metadata.annotations ?? {};
  if (annotations["kubectl-mirrord.io/revoked-at"] !== undefined) return [];
  const {
    subject,
    role = "user",
    namespaces: named = [],
    selectors = [],
  } = JSON.parse(annotations["kubectl-mirrord.io/intent"] ?? "") as {
    subject: { kind: string; name: string };
    role?: string;
    namespaces?: string[];
    selectors?: string[];
  };
  const prefixes: Readonly<Record<string, string>> = { Team: "team:", Organization: "org:" };
  const name = `${prefixes[subject.kind] ?? ""}${subject.name}`.replace(/^team:\w+\/nomad$/, `team:${nomad}`);
  const paths = selectors.map((label) => label.replace("collection.kubectl-mirrord.io/", "").replaceAll(".", "/"));
  return [...named, ...paths].map((place) => grantKey(name, role, place));
}
