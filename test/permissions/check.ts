// npm run permissions:check
// What each command asks for, on a real API server: the table that the product has is what the audit log says, whoever may do
// exactly that gets the same result as who may do everything, and with one right less the command says what it lacks.
import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { all as plugins } from "../../plugins/all.ts";
import { clusterRole, rights, type Right } from "../../lib/commands/permissions/cluster-role.ts";
import { requests } from "../../lib/commands/permissions/requests.ts";
import { permissionsTable } from "../../lib/commands/permissions/table.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bindHolders } from "./holders.ts";
import { prepare, recorded, recordedRequests, requestsSource, withWaiting, type Requests } from "./record.ts";
import { scenarios, type Scenario } from "./scenarios.ts";
import { LICENCE_KEY, startPermissionsCluster } from "./world.ts";
import { root } from "../e2e/example-cluster.ts";

t.setTimeout(1_800_000);
const folder = t.testdir({});
const cluster = await startPermissionsCluster(folder);
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
const PART = 37;
const seed = Number(process.env["KUBECTL_MIRRORD_SEED"] ?? 20_786);
const lacking = all.flatMap((scenario, index) =>
  rightsFor(scenario).map((lacks, number): Lacking => ({ user: `less-${index}-${number}`, index, lacks })),
);
const chosen = lacking.filter((_, number) => isLong || (number + seed) % PART === 0);

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

/** Without what differs from one run to the next: times, ages, ids. */
const comparable = (text: string): string =>
  text
    .replaceAll(/\b(\d+[dhms] ?)+/g, "#")
    .replaceAll(/\b[0-9A-F]{6,16}\b/g, "ID")
    .replaceAll(/-[a-z2-7]{20}|-[a-z0-9]{5}\b/g, "-ID")
    .replaceAll(/\d+/g, "#")
    .replaceAll(/ +/g, " ");

async function run(user: string, scenario: Scenario, ...groups: string[]) {
  await prepare(cluster, scenario);
  const { ran } = await cluster.run(cluster.plane.token(user, ...groups), scenario.words, scenario);
  return { code: ran.code, stdout: comparable(ran.stdout), stderr: comparable(ran.stderr) };
}

const found: Requests = new Map();
t.comment(`seed ${seed}: one right less ${chosen.length} times of ${lacking.length}`);

for (const [index, scenario] of all.entries()) {
  const line = scenario.words.join(" ").replaceAll(folder, "");
  t.test(`${line}: whoever may do exactly what it needs`, async (t) => {
    await prepare(cluster, scenario);
    const { ran, requests: sent } = await recorded(cluster, scenario, `exact-${index}`);
    found.set(scenario.command, new Set([...(found.get(scenario.command) ?? []), ...sent]));
    const exact = { code: ran.code, stdout: comparable(ran.stdout), stderr: comparable(ran.stderr) };
    if (scenario.isOwn === true) {
      for (const request of await recordedRequests(cluster, scenario)) found.get(scenario.command)?.add(request);
    }
    t.ok([0, 1, 130].includes(exact.code), exact.stderr);
    t.notMatch(exact.stderr, /forbidden|you may not/i);
    // What is about oneself has another answer for somebody who may everything.
    if (scenario.isOwn !== true && (isLong || (index + seed) % 4 === 0)) {
      t.same(await run("administrator", scenario, "system:masters"), exact, "it ends as for an administrator");
    }
    for (const { user, lacks } of chosen.filter((each) => each.index === index)) {
      const less = await run(user, scenario);
      const what = `without ${lacks.verb} ${lacks.resource}`;
      t.not(less.code, 70, `${what}: ${less.stderr}`);
      if (scenario.isOwn === true) continue;
      if (less.code !== exact.code || less.stdout !== exact.stdout) {
        t.match(less.stdout + less.stderr, naming(lacks), what);
      }
    }
  });
}

/** The words of RBAC for what is held, the type's name for what is sent. */
function naming({ verb, resource }: Right): RegExp {
  if (verb === "manage") return /administrator/;
  if (verb === "bind" || verb === "escalate") return /RBAC permissions not currently held|bind/;
  if (verb === "impersonate") return /impersonate/;
  return new RegExp(`${resource.replace(/s?$/, "")}|not currently held`, "i");
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
    for (const text of [cluster.said(), written]) {
      t.ok(text.length > 1000);
      t.same(
        secrets.filter((secret) => text.includes(secret)).map((secret) => secret.slice(0, 12)),
        [],
      );
    }
  },
);
