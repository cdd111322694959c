// What each command asks for, on a real API server: the table that the product has is what the audit log says, whoever may do
// exactly that gets the same result as who may do everything, and with one right less the command says what it lacks. A run of
// all tests takes a seeded part of the rights away; with KUBECTL_MIRRORD_LONG=1 each of them goes, or those of
// KUBECTL_MIRRORD_PART=2/10. test/commands/one-right-less takes every read away, in memory.
import t, { type Test } from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { all as plugins } from "../../plugins/all.ts";
import { clusterRole, rights, type Right } from "../../lib/commands/permissions/cluster-role.ts";
import { requests } from "../../lib/commands/permissions/requests.ts";
import { permissionsTable } from "../../lib/commands/permissions/table.ts";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindHolders } from "./holders.ts";
import { naming, newLines } from "./naming.ts";
import { prepare, recorded, recordedRequests, requestsSource, withWaiting, type Requests } from "./record.ts";
import { scenarios, type Scenario } from "./scenarios.ts";
import { LICENCE_KEY, startPermissionsCluster } from "./world.ts";
import { root } from "../e2e/example-cluster.ts";

t.setTimeout(1_800_000);
// Not t.testdir: parts of the long run are this file several times at once.
const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-permissions-"));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const everything: string[] = [];
const cluster = await startPermissionsCluster(folder, (text) => everything.push(text));
t.teardown(() => cluster.stop());

const all = scenarios(folder);
const rightsFor = ({ command, extra = [] }: Scenario): Right[] => {
  const found = permissionsTable.find((each) => each.command === command);
  return found === undefined ? [] : rights([...(clusterRole(found).rules ?? []), ...extra]);
};
const ruleFor = ({ verb, group, resource, names }: Right) => ({
  verbs: [verb],
  apiGroups: [group],
  resources: [resource],
  ...(names.length === 0 ? {} : { resourceNames: [...names] }),
});

/** Somebody who lacks one of the rights of a run: everybody in a long run, else a part of them. */
interface Lacking {
  user: string;
  index: number;
  lacks: Right;
}
const isLong = process.env["KUBECTL_MIRRORD_LONG"] !== undefined;
const PART = 211;
const seed = Number(process.env["KUBECTL_MIRRORD_SEED"] ?? 20_786);
const lacking = all.flatMap((scenario, index) =>
  rightsFor(scenario).map((lacks, number): Lacking => ({ user: `less-${index}-${number}`, index, lacks })),
);
const [part = 1, parts = 1] = (process.env["KUBECTL_MIRRORD_PART"] ?? "1/1").split("/").map(Number);
/** A run that ends with a request which it may not send goes on without it: such a run would have no end. */
const isEndless = ({ index, lacks }: Lacking): boolean => all[index]?.until?.source.startsWith(lacks.resource) === true;
const chosen = lacking
  .filter((_, number) => (isLong ? number % parts === part - 1 : (number + seed) % PART === 0))
  .filter((each) => !isEndless(each));
/** Of so many one is compared with what an administrator gets. */
const COMPARED = 20;
const isCompared = (index: number): boolean => isLong || (index + seed) % COMPARED === 0;

await bindHolders(cluster.plane, [
  ...all.map((scenario, index) => ({ user: `exact-${index}`, rules: rightsFor(scenario).map(ruleFor) })),
  ...chosen.map(({ user, index, lacks }) => ({
    user,
    rules: rightsFor(all[index]!)
      .filter((right) => JSON.stringify(right) !== JSON.stringify(lacks))
      .map(ruleFor),
  })),
]);

const stored = await cluster.kubectl("admin", ["get", "secrets", "-A", "-o", "json"]);
const { items } = JSON.parse(stored.stdout) as { items: { data?: Record<string, string> }[] };

/**
 * Without what differs from one run to the next: times, ages, ids, and what of a plan was there already, such as roles that grants
 * share and that the run before has left.
 */
const comparable = (text: string): string =>
  text
    .replaceAll(/^ *(unchanged|created) +[#\d].*\n/gm, "")
    .replaceAll(/-[a-z2-7]{20}|-[a-z0-9]{5}\b/g, "-ID")
    .replaceAll(/\b(\d+[dhms] ?)+/g, "#")
    .replaceAll(/\b[0-9A-F]{6,16}\b/g, "ID")
    .replaceAll(/\d+/g, "#")
    .replaceAll(/ +/g, " ");

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}
const outcome = ({ code, stdout, stderr }: Outcome): Outcome => ({
  code,
  stdout: comparable(stdout),
  stderr: comparable(stderr),
});

/** What came of one scenario. */
interface Seen {
  exact: Outcome;
  /** As who may do everything; where that is compared. */
  administrator: Outcome | undefined;
  less: (Lacking & { outcome: Outcome })[];
}

const reads = new Set(["get", "list", "watch"]);
/** It changes nothing, so that others find what it found. */
const isReading = (scenario: Scenario): boolean =>
  scenario.edit === undefined &&
  rightsFor(scenario).every(({ verb, resource }) => reads.has(verb) || resource.endsWith("reviews"));

const found: Requests = new Map();
const remember = ({ command }: Scenario, sent: readonly string[]): void =>
  void found.set(command, new Set([...(found.get(command) ?? []), ...sent]));
t.comment(`seed ${seed}: one right less ${chosen.length} times of ${lacking.length}`);

/** @param prepared what it is to find is there, and stays */
async function see(scenario: Scenario, index: number, prepared: boolean): Promise<Seen> {
  const ready = async () => (prepared ? undefined : await prepare(cluster, scenario));
  const run = async (user: string, ...groups: string[]): Promise<Outcome> => {
    await ready();
    const { ran } = await cluster.run(cluster.plane.token(user, ...groups), scenario.words, scenario);
    return outcome(ran);
  };
  // What is about oneself has another answer for somebody who may do everything.
  const compared = scenario.isOwn !== true && isCompared(index);
  const administrator = compared ? await run("administrator", "system:masters") : undefined;
  const less: Seen["less"] = [];
  for (const each of chosen.filter((one) => one.index === index)) less.push({ ...each, outcome: await run(each.user) });
  // The last one, so that the next scenario finds what this one leads to.
  await ready();
  const { ran, requests: sent } = await recorded(cluster, scenario, `exact-${index}`);
  remember(scenario, sent);
  if (scenario.isOwn === true) remember(scenario, await recordedRequests(cluster, scenario));
  return { exact: outcome(ran), administrator, less };
}

function judge(t: Test, scenario: Scenario, { exact, administrator, less }: Seen): void {
  t.ok([0, 1, 130, ...(scenario.isUndetermined === true ? [3] : [])].includes(exact.code), exact.stderr);
  t.notMatch(exact.stderr, /forbidden|you may not/i);
  if (administrator !== undefined) t.same(administrator, exact, "it ends as for an administrator");
  for (const { lacks, outcome: got } of less) {
    const what = `without ${lacks.verb} ${lacks.resource}`;
    t.not(got.code, 70, `${what}: ${got.stderr}`);
    if (scenario.isOwn === true) continue;
    const said = newLines(got.stdout + got.stderr, exact.stdout + exact.stderr);
    if (got.code !== exact.code || got.stdout !== exact.stdout) t.match(said, naming(lacks), what);
  }
}

/** Scenarios that find the same and leave it as it is stand together; each other one stands alone. */
const together: { scenario: Scenario; index: number }[][] = [];
for (const [index, scenario] of all.entries()) {
  const last = together.at(-1)?.[0]?.scenario;
  const isSame =
    last !== undefined &&
    isReading(last) &&
    isReading(scenario) &&
    last.prepare === scenario.prepare &&
    JSON.stringify(last.before) === JSON.stringify(scenario.before);
  if (isSame) together.at(-1)?.push({ scenario, index });
  else together.push([{ scenario, index }]);
}

const SIDE_BY_SIDE = 4;

for (const group of together) {
  const lines = group.map(({ scenario }) => scenario.words.join(" ").replaceAll(folder, ""));
  t.test(`whoever may do exactly what it needs: ${lines.join(" | ")}`, async (t) => {
    const [first] = group;
    const alone = first === undefined || !isReading(first.scenario);
    if (!alone) await prepare(cluster, first.scenario);
    const waiting = [...group];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { scenario, index } = next;
        judge(t, scenario, await see(scenario, index, !alone));
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  });
}

t.test("what each command sends is what the product says of it; else: npm run permissions", async (t) => {
  t.equal(readFileSync(join(root, "lib/commands/permissions/requests.ts"), "utf8"), requestsSource(withWaiting(found)));
  t.same(Object.keys(requests).toSorted(), [...found.keys()].toSorted());
});

t.test("every command that reaches a cluster has a run", async (t) => {
  const walk = async (verb: Verb): Promise<Command[]> => {
    const command = await load(verb);
    return [command, ...(await Promise.all(command.verbs.map(walk))).flat()];
  };
  const reaching = (await walk(dispatcher(plugins, "kubectl-mirrord", ""))).filter(
    ({ flags, run: runs }) => runs !== undefined && "server" in flags,
  );
  const known = new Set(all.map(({ command }) => command));
  t.same(
    reaching.map(({ name }) => name).filter((name) => !known.has(name)),
    [],
  );
});

t.test(
  "nothing that any command printed or wrote holds a secret: a token, the licence key, what is in a Secret",
  async (t) => {
    const { plane } = cluster;
    const values = items.flatMap(({ data = {} }) => Object.values(data)).filter((value) => value.length > 8);
    t.ok(values.length > 0);
    const secrets = [
      plane.admin.token,
      ...all.map((_, index) => plane.token(`exact-${index}`)),
      LICENCE_KEY,
      ...values,
      ...values.map((value) => Buffer.from(value, "base64").toString("latin1")),
    ];
    const written = readFileSync(join(folder, "snapshot.json"), "latin1");
    for (const text of [everything.join("\n"), written]) {
      t.ok(text.length > 1000);
      t.same(
        secrets.filter((secret) => text.includes(secret)).map((secret) => secret.slice(0, 12)),
        [],
      );
    }
  },
);
