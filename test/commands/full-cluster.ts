// A cluster in memory with everything in it that a command may read, and a run of every command that only reads.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { modelObjects } from "../../lib/install/access-model/objects.ts";
import { guardObjects } from "../../lib/install/access-model/policies.ts";
import { asWritten, exemptionObjects } from "../../lib/install/secure-defaults/objects.ts";
import { policyObjects } from "../../lib/install/secure-defaults/policies.ts";
import { syncObjects } from "../../lib/install/sync/objects.ts";
import { connect } from "../../lib/commands/connect.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { readDocuments } from "../../lib/kube/manifests/documents.ts";
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld, type FakeWorld } from "../cli/fake-world.ts";
import { bound } from "../access/rbac-objects.ts";
import { completed, installationObjects, operatorAnswer } from "../install/installed-cluster.ts";
import { memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleMemory } from "./grant-world.ts";

export const program = dispatcher(all, "kubectl-mirrord", "");

const examples = globSync("examples/*.yaml", { cwd: join(import.meta.dirname, "../..") })
  .toSorted()
  .flatMap((path) => readDocuments(readFileSync(join(import.meta.dirname, "../..", path), "utf8"), path))
  .flatMap(({ objects }) => objects);

const made = [
  "grant org create acme",
  "grant team create acme/web",
  "grant team add acme/web bob",
  "grant collection create shop/web",
  "grant collection create shop/spare",
  "grant collection assign shop/web --ns qa -y",
  "grant role create reader --allow get,list:pods -y",
  "grant admin add ann",
  "grant jim --ns dev --for 8h --reason INC-42 -y",
  "grant kim --ns qa --target deploy/web",
  "grant team:acme/web --ns dev",
  "grant ola --collection shop/web",
  "grant dave --ns dev --role reader",
  "grant sa:ci/runner --selector env=test --role view --accept-label-risk -y --force",
  "policy create p1 -n dev --block steal -y",
  "policy create everywhere --cluster-wide --block steal -y",
];

const sessionId = "1F2E3D4C5B6A7988";

/** One session of jim's, as the operator lists it. */
const session: KubernetesObject = {
  apiVersion: "operator.metalbear.co/v1",
  kind: "Session",
  metadata: { name: sessionId, namespace: "dev" },
  spec: {
    session: {
      id: sessionId,
      duration_secs: 60,
      user: "jim/jim@laptop",
      target: "deployment/web",
      namespace: "dev",
      locked_ports: [[80, "steal", "x-user: jim"]],
    },
  },
};

function secureDefaultsObjects(): KubernetesObject[] {
  const { policies, bindings } = policyObjects({ enforcement: "audit", localClasses: [] });
  const operator = { namespace: "mirrord", name: "mirrord-operator", ephemeralAgents: false };
  return [...policies, ...bindings, ...exemptionObjects({ operator })].map(asWritten);
}

/** Everything is there: an installation, the access model, the secure defaults, grants of every kind, policies, a session. */
export async function fullCluster(): Promise<MemoryCluster> {
  const guards = guardObjects();
  const cluster = exampleMemory(
    ...examples,
    ...installationObjects(),
    ...[
      ...modelObjects({ readers: [] }),
      ...guards.policies,
      ...guards.bindings,
      ...syncObjects({ image: "sync", bindable: [] }),
    ].map(completed),
    ...secureDefaultsObjects(),
    operatorAnswer(),
    session,
    bound("backend", "cluster-admin", { group: "oidc:backend" }),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "runner", namespace: "ci" } },
  );
  for (const line of made) {
    const world = fakeWorld({ cluster });
    const code = await execute(program, line.split(" "), world);
    if (code !== 0) throw new Error(`${line}: ${code}: ${world.stdout}${world.stderr}`);
  }
  return cluster;
}

/** A run of every command that reads a cluster and writes nothing to it, without its `-o`. */
export const readingLines: readonly string[] = [
  "install status",
  "install verify",
  "install secure-defaults report",
  "grant list",
  "grant describe jim",
  "grant explain jim deploy/web -n dev",
  "grant matrix",
  "grant org list",
  "grant org describe acme",
  "grant team list",
  "grant team describe acme/web",
  "grant collection list",
  "grant collection describe shop/web",
  "grant collection tree",
  "grant admin list",
  "grant role list",
  "grant role describe reader",
  "grant whoami",
  "can-i steal deploy/web -n dev --as jim --as-group=",
  "can-i --list -A --as jim --as-group=",
  "session list -A",
  `session describe ${sessionId}`,
  "session status",
  "session stats",
  "policy list -A",
  "policy get -n dev",
  "policy describe p1 -n dev",
  "policy test deploy/web -n dev",
  "policy test --all -n dev",
  "policy lint -A",
  "audit",
  "audit who-can steal deploy/web -n dev",
  "audit who-can get secrets -A",
  "audit matrix",
  "audit matrix deploy/web -n dev",
  "audit privileged",
  "audit findings",
  "audit unused --days 1 --log docs/logs/api-server.log",
  "audit drift",
  "audit diff --overlay examples/dev.yaml",
];

/** Plans of what would be written: they read what they are made of. */
export const planningLines: readonly string[] = [
  "grant nia --ns dev --dry-run",
  "grant nia --ns dev --for 8h --dry-run",
  "grant nia --collection shop/web --dry-run",
  "grant nia --ns dev --target deploy/web --dry-run",
  "grant team:acme/web --ns qa --dry-run",
  "grant sync --dry-run",
  "grant revoke jim --dry-run",
  "grant extend jim --for 9h --dry-run -y",
];

/** Writes of every kind, each to be run on a copy of the cluster: what they say afterwards is read, too. */
export const writingLines: readonly string[] = [
  "grant nia --ns dev",
  "grant nia --ns dev --for 8h --accept-weak-expiry",
  "grant nia --ns dev --target deploy/web",
  "grant nia --ns qa --role view",
  "grant nia --ns qa --role minimal",
  "grant nia --ns qa --privileged hostPID",
  "grant nia --ns dev --role reader",
  "grant nia --collection shop/web",
  "grant nia -A -y",
  "grant nia -l env=test --accept-label-risk",
  "grant team:acme/web --ns dev --target deploy/web",
  "grant sync -y",
  "grant extend jim --for 9h -y",
  "grant revoke jim",
  "grant revoke jim --ns dev --kill-sessions",
  "grant org create gamma",
  "grant org add acme user:lea",
  "grant org delete acme --cascade -y",
  "grant team add acme/web lea",
  "grant team remove acme/web bob -y",
  "grant team delete acme/web --cascade -y",
  "grant collection assign shop/web --ns dev -y",
  "grant collection unassign shop/web --ns qa -y",
  "grant collection move shop/spare shop/used -y",
  "grant collection delete shop/web --cascade -y",
  "grant role create writer --allow create:pods -y",
  "grant role delete reader --cascade -y",
  "grant admin add lea",
  "policy create p2 -n dev --block steal -y",
  "policy delete p1 -n dev -y",
  "install uninstall -y --crds --sync --ignore-sessions",
  "install --access-model=off -y",
  "install --secure-defaults=off -y",
];

/** Commands that change a cluster or start something, or that go on until they are interrupted. */
export const writing: ReadonlySet<string> = new Set([
  "install",
  "install upgrade",
  "install uninstall",
  ...["create", "add", "remove", "move", "delete"].flatMap((verb) => [`grant org ${verb}`, `grant team ${verb}`]),
  ...["create", "assign", "unassign", "move", "delete"].map((verb) => `grant collection ${verb}`),
  ...["create", "edit", "delete"].map((verb) => `grant role ${verb}`),
  "grant admin add",
  "grant admin remove",
  "session watch",
  "session kill",
  ...["create", "edit", "apply", "delete", "diff"].map((verb) => `policy ${verb}`),
  "audit usage",
  "audit snapshot",
]);

/** As the dispatcher runs it, on a cluster in memory; `--manifests` and `--overlay` read their own folders. */
export async function runOn(
  cluster: Cluster,
  words: readonly string[],
  world: FakeWorld = fakeWorld(),
): Promise<number> {
  world.connect = async (flags) =>
    (flags.manifests ?? []).length > 0
      ? await connect(flags, { env: {}, signal: world.signal, warn: (text) => world.warn(text) })
      : cluster;
  return await execute(program, words, world);
}

/** Every command there is. */
export async function commandsBelow(verb: Verb = program): Promise<Command[]> {
  const command = await load(verb);
  return [command, ...(await Promise.all(command.verbs.map((each) => commandsBelow(each)))).flat()];
}

/** A run on a copy of a cluster; `beforeRead` throws what a read of it fails with. An error is said, and its exit code the run's. */
export async function runOnCopy(
  whole: MemoryCluster,
  line: string,
  beforeRead: (verb: "get" | "list", type: ResourceType) => void,
): Promise<{ code: number; stdout: string; said: string }> {
  const copy = memoryCluster(...whole.objects());
  const cluster: Cluster = {
    ...copy,
    async get(type, ...place) {
      beforeRead("get", type);
      return await copy.get(type, ...place);
    },
    async *list(type, options) {
      beforeRead("list", type);
      yield* copy.list(type, options);
    },
  };
  const world = fakeWorld();
  const code = await runOn(cluster, line.split(" "), world).catch((error: unknown) => {
    const { lines, exitCode } = report(error);
    world.note(lines);
    return exitCode;
  });
  return { code, stdout: world.stdout, said: world.stdout + world.stderr };
}
