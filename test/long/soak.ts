// `grant sync --watch` and `session watch` for many minutes while a company and its sessions change at random: no change is
// missed, memory does not grow, and the requests are counted.
//   node test/long/soak.ts --minutes 30 --seed 1
import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { collectionLabels } from "../../lib/access/collection.ts";
import { connect } from "../../lib/commands/connect.ts";
import { runGrant } from "../commands/grant-world.ts";
import { makeCompany, mergePatch, organizationsPath, post } from "../concurrency/company.ts";
import { bindingFaults, readCompany } from "../concurrency/company-state.ts";
import type { AuditEvent } from "../control-plane/audit-log.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { startProbed, type ProbedProcess } from "../e2e/probed-process.ts";
import { startWatching, type Watching } from "../e2e/watching.ts";
import { installOperator, type OperatorStandIn } from "../operator/start.ts";
import { random, type Random } from "../rbac/random.ts";
import { until } from "../until.ts";
import { printFigure } from "./figures.ts";
import { trend } from "./trend.ts";

const numbers = (count: number): number[] => [...Array(count).keys()];
const company = {
  organizations: ["acme", "beta", "corp"],
  teams: ["web", "data"],
  people: ["ann", "bob", "eve"],
  namespaces: numbers(24).map((at) => `ns-${at}`),
  collections: ["prod/web", "prod/data", "dev"],
};
const visitors = numbers(12).map((at) => `visitor-${at}`);
const SESSIONS = 200;
const CHANGED_SESSIONS = 10;
const LOOKS = 80;
/** Of the heap from the second quarter to the last one. */
const MOST_GROWTH = 1.1;

interface Look {
  atMinutes: number;
  bytes: number;
  rss: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: "string", default: "30" }, seed: { type: "string", default: "1" } },
  });
  const plane = await startControlPlane({ auditLog: true });
  const operator = await installOperator(plane);
  try {
    await soak(plane, operator, { minutes: Number(values.minutes), choices: random(Number(values.seed)) });
  } finally {
    await operator.stop();
    await plane.stop();
  }
}

async function soak(
  plane: ControlPlane,
  operator: OperatorStandIn,
  { minutes, choices }: { minutes: number; choices: Random },
): Promise<void> {
  await makeCompany(plane, company);
  await makeGrants(plane);
  const ids = numbers(SESSIONS).map((at) => addSession(operator, at));
  const sync = startProbed(kubeconfigFor(plane, "syncer"), ["grant", "sync", "--watch", "-y"]);
  sync.stdout.resume();
  const watch = startWatching(kubeconfigFor(plane, "watcher"), ["-A", "-o", "json", "--interval", "200ms"]);
  const looks: Record<"sync" | "watch", Look[]> = { sync: [], watch: [] };
  const counts = { changes: 0, sessions: 0 };
  await watch.until(SESSIONS);
  await settled(plane, sync);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 60_000;
  while (elapsed() < minutes) {
    for (let left = 1 + choices.below(3); left > 0; left -= 1) counts.changes += await changeCompany(plane, choices);
    counts.sessions += await changeSessions(operator, watch, ids, choices);
    await settled(plane, sync);
    if (elapsed() < (looks.sync.length * minutes) / LOOKS) continue;
    for (const [name, process] of Object.entries({ sync, watch })) {
      const { heapUsed, rss } = await process.memory();
      looks[name as keyof typeof looks].push({ atMinutes: elapsed(), bytes: heapUsed, rss });
    }
  }
  const codes = [await sync.stop(), await watch.stop()];
  printFigure("minutes", minutes);
  printFigure("changes of organizations, namespaces and bindings", counts.changes);
  printFigure("changes of sessions", counts.sessions);
  printFigure("changes missed", 0);
  await printRequests(plane);
  const growths = [printMemory("grant sync --watch", looks.sync), printMemory("session watch", looks.watch)];
  if (codes.some((code) => code !== 0 && code !== 130))
    throw new Error(`exit codes: ${codes.join()}; ${sync.stderr()}`);
  if (growths.some((growth) => growth > MOST_GROWTH)) throw new Error(`memory grew: ${growths.join(" and ")} times`);
}

/** By a user of its own, so that the API server's audit log tells them apart. */
function kubeconfigFor(plane: ControlPlane, user: string): string {
  const config = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as Record<string, unknown>;
  const file = join(plane.kubeconfig, "..", `${user}.kubeconfig`);
  const context = { name: user, context: { cluster: firstCluster(config), user } };
  const users = [{ name: user, user: { token: plane.token(user, "system:masters") } }];
  writeFileSync(file, JSON.stringify({ ...config, users, contexts: [context], "current-context": user }), {
    mode: 0o600,
  });
  return file;
}

const firstCluster = (config: Record<string, unknown>): string =>
  (config["clusters"] as { name: string }[])[0]?.name ?? "";

async function makeGrants(plane: ControlPlane): Promise<void> {
  const context = { env: {}, signal: new AbortController().signal, warn: () => undefined };
  const cluster = await connect({ kubeconfig: plane.kubeconfig }, context);
  const teams = company.organizations.flatMap((name) => company.teams.map((team) => `team:${name}/${team}`));
  const grants = teams.flatMap((team) => company.collections.map((path) => [team, "--collection", path]));
  for (const words of [...grants, ["org:acme", "--ns", "ns-0", "--role", "view"], ["jim", "--ns", "ns-1"]]) {
    const { code, stderr } = await runGrant([...words, "--accept-label-risk"], { cluster });
    if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  }
  cluster.close();
}

/** Resolves when the bindings are what the grants say: a change that sync misses is waited for in vain. */
async function settled(plane: ControlPlane, sync: ProbedProcess): Promise<void> {
  let faults: string[] = [];
  await until("the cluster is what its grants say", async () => {
    if (sync.child.exitCode !== null) throw new Error(`sync ended: ${sync.stderr()}`);
    faults = bindingFaults(await readCompany(plane));
    return faults.length === 0;
  }).catch((error: unknown) => {
    throw new Error(`${faults.join("\n")}\n${sync.stderr()}`, { cause: error });
  });
}

/** How many changes were made. */
async function changeCompany(plane: ControlPlane, choices: Random): Promise<number> {
  const organization = choices.pickAny(company.organizations) ?? "";
  const name = choices.pickAny(company.namespaces) ?? "";
  const some = () => choices.some([...company.people, ...visitors], 1, 5);
  const { bindings } = await readCompany(plane);
  const binding = choices.pickAny(bindings);
  const bindingPath = `/apis/rbac.authorization.k8s.io/v1/namespaces/${binding?.metadata.namespace}/rolebindings/${binding?.metadata.name}`;
  const changes: [() => Promise<unknown>, ...(() => Promise<unknown>)[]] = [
    async () =>
      await mergePatch(plane, `${organizationsPath}/${organization}`, {
        spec: { teams: company.teams.map((team) => ({ name: team, members: some() })) },
      }),
    async () => await mergePatch(plane, `/api/v1/namespaces/${name}`, { metadata: { labels: otherLabels(choices) } }),
    async () => await apiRequest(plane, { token: plane.admin.token, method: "DELETE", path: bindingPath }),
    async () =>
      await mergePatch(plane, bindingPath, {
        subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "mallory" }],
      }),
    async () => await replaceNamespace(plane, choices),
  ];
  await choices.pick(changes)();
  return 1;
}

/** A merge patch that puts a namespace into another collection, and out of the one in which it was. */
function otherLabels(choices: Random): Record<string, string | null> {
  const none = Object.fromEntries(
    company.collections.flatMap((path) => Object.keys(collectionLabels(path))).map((label) => [label, null]),
  );
  return { ...none, ...collectionLabels(choices.pickAny(company.collections) ?? "") };
}

let born = 0;

/** One that comes, and the one that came before it goes. */
async function replaceNamespace(plane: ControlPlane, choices: Random): Promise<void> {
  const labels = collectionLabels(choices.pickAny(company.collections) ?? "");
  await post(plane, "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: `born-${born}`, labels },
  });
  born += 1;
  if (born > 1)
    await apiRequest(plane, {
      token: plane.admin.token,
      method: "DELETE",
      path: `/api/v1/namespaces/born-${born - 2}`,
    });
}

const addSession = ({ control }: OperatorStandIn, at: number): string =>
  control.addSession({
    namespace: company.namespaces[at % 24] ?? "",
    target: "deployment.web",
    user: `user-${at % 50}`,
  });

/** Some come, others change, others go; each is told once. Resolves to how many. */
async function changeSessions(
  operator: OperatorStandIn,
  watch: Watching,
  ids: string[],
  choices: Random,
): Promise<number> {
  watch.lines.length = 0;
  const start = choices.below(ids.length - 2 * CHANGED_SESSIONS);
  const changing = ids.slice(start, start + CHANGED_SESSIONS);
  const going = ids.splice(start + CHANGED_SESSIONS, CHANGED_SESSIONS);
  const coming = going.map(() => addSession(operator, choices.below(1000)));
  ids.push(...coming);
  for (const id of changing) operator.control.lockPorts(id, [1 + choices.below(60_000)]);
  for (const id of going) operator.control.endSession(id);
  const expected = [
    ...changing.map((id) => `MODIFIED ${id}`),
    ...going.map((id) => `DELETED ${id}`),
    ...coming.map((id) => `ADDED ${id}`),
  ];
  await watch.until(expected.length);
  if (watch.lines.toSorted().join() !== expected.toSorted().join())
    throw new Error(`session watch told ${watch.lines.join(", ")} and not ${expected.join(", ")}`);
  return expected.length;
}

/** From the audit log, which is long: line by line. */
async function printRequests(plane: ControlPlane): Promise<void> {
  const counts = new Map<string, number>();
  for await (const line of createInterface({ input: createReadStream(plane.auditLog) })) {
    const { stage, user, verb } = JSON.parse(line) as AuditEvent;
    const isWatchBegun = verb === "watch" && stage === "ResponseStarted";
    if (stage !== "ResponseComplete" || isWatchBegun) continue;
    counts.set(user.username, (counts.get(user.username) ?? 0) + 1);
  }
  printFigure("API requests of grant sync --watch", counts.get("syncer") ?? 0);
  printFigure("API requests of session watch", counts.get("watcher") ?? 0);
}

/** How many times as much is in use at the end as in the second quarter. */
function printMemory(command: string, looks: readonly Look[]): number {
  const mebibytes = (bytes: number) => Number((bytes / 2 ** 20).toFixed(1));
  const { early, late, perMinute } = trend(looks);
  printFigure(`heap of ${command} in the second quarter, MiB`, mebibytes(early));
  printFigure(`heap of ${command} in the last quarter, MiB`, mebibytes(late));
  printFigure(`growth of the heap of ${command}, KiB a minute`, Number((perMinute / 1024).toFixed(1)));
  printFigure(`peak RSS of ${command}, MiB`, mebibytes(Math.max(...looks.map(({ rss }) => rss))));
  return late / early;
}

await main();
