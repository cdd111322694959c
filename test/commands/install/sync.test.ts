import t from "tap";
import { bindableRoles, withBindable } from "../../../lib/access/sync-role.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { parseDocuments } from "../../../lib/yaml.ts";
import { installedCluster } from "../../install/installed-cluster.ts";
import { apiFailure, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { runInstall, schemaErrors } from "./install-world.ts";

const rbac = "rbac.authorization.k8s.io";
const role = (name: string, verbs: string[], labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRole",
  metadata: { name, labels },
  rules: [{ apiGroups: [""], resources: ["configmaps"], verbs }],
});
const managed = { "app.kubernetes.io/managed-by": "kubectl-mirrord" };
const given = ["--sync", "--sync-image", "registry/sync:1", "-y"];
const find = (cluster: MemoryCluster, kind: string, name: string) =>
  cluster.objects().find((each) => each.kind === kind && each.metadata.name === name);
const bindable = (cluster: MemoryCluster) => {
  const found = find(cluster, "ClusterRole", "mirrord-access-sync");
  return found === undefined ? [] : bindableRoles(found).filter((name) => !name.startsWith("mirrord-operator"));
};

/** What the access model guards grants by. */
const guard: KubernetesObject[] = [
  { kind: "ValidatingAdmissionPolicy", spec: {} },
  { kind: "ValidatingAdmissionPolicyBinding", spec: { validationActions: ["Deny"] } },
].map((each) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  metadata: { name: "kubectl-mirrord-grants" },
  ...each,
}));

t.test("it is installed alone, the same again writes nothing, and the image is known from then on", async (t) => {
  const cluster = installedCluster();
  const operators = cluster.objects().length;
  const ran = await runInstall(cluster, given);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /runs grant sync every five minutes/);
  t.match(ran.stderr, /nothing keeps others from writing grants \(policy kubectl-mirrord-grants\)/);
  t.equal(cluster.objects().length, operators + 6);
  t.match(cluster.writes[0], /Namespace/);
  t.match(cluster.writes.at(-1), /CronJob/);
  cluster.put(...guard);
  const before = cluster.writes.length;
  const again = await runInstall(cluster, ["--sync", "-y"]);
  t.match(again.stdout, /Nothing was changed/);
  t.notMatch(again.stderr, /nothing keeps others/);
  t.equal(cluster.writes.length, before);
  const other = await runInstall(cluster, ["--sync", "--sync-image", "registry/sync:2", "--dry-run=client"]);
  t.match(other.stdout, /cronjob.batch\/mirrord-access in namespace mirrord-access configured \(dry run\)/);
  const differs = await runInstall(cluster, ["--sync", "--sync-image", "registry/sync:2", "--diff"]);
  t.equal(differs.code, 1);
  t.match(differs.stdout, /\+ .*registry\/sync:2/);
  t.equal(cluster.writes.length, before, "only shown");
});

t.test("roles that may be bound: of this project, of grants, and those that were added", async (t) => {
  const cluster = installedCluster();
  cluster.put(
    role("mirrord:role:dba", ["get"], managed),
    role("mirrord:role:king", ["escalate"], managed),
    role("added", ["get"]),
  );
  await runInstall(cluster, given);
  t.ok(bindable(cluster).includes("mirrord:role:dba"));
  t.notOk(bindable(cluster).includes("mirrord:role:king"));
  const sync = find(cluster, "ClusterRole", "mirrord-access-sync");
  if (sync !== undefined) cluster.put(["added", "gone"].reduce(withBindable, sync));
  const again = await runInstall(cluster, ["--sync", "-y"]);
  t.match(again.stderr, /may not bind clusterrole mirrord:role:king, whose holder could give himself everything/);
  t.ok(bindable(cluster).includes("added"), "what was added stays");
  t.notOk(bindable(cluster).includes("gone"), "what is not there any more goes");
});

t.test("what cannot be is said before anything is written", async (t) => {
  const cases: [words: string[], code: number, stderr: RegExp][] = [
    [["--sync", "-y"], 2, /no image is known[^]*--sync-image IMAGE/],
    [["--sync", "--sync-image", "", "-y"], 2, /--sync-image "" is not an image/],
    [["--sync", "--sync-image", "a b", "-y"], 2, /is not an image/],
    [["--sync-image", "a"], 2, /--sync-image is for --sync/],
    [["-o", "yaml", "--sync", "--license-secret", "x"], 2, /no image is known/],
  ];
  for (const [words, code, stderr] of cases) {
    const cluster = installedCluster();
    const ran = await runInstall(cluster, words);
    t.equal(ran.code, code, words.join(" "));
    t.match(ran.stderr, stderr);
    t.same(cluster.writes, []);
  }
  const declined = installedCluster();
  const ran = await runInstall(declined, given.slice(0, -1), (world) => ({
    ask: { ...world.ask, confirm: async () => false },
  }));
  t.equal(ran.code, 1);
  t.match(ran.stderr, /To be done:[^]*CronJob[^]*Nothing was written/);
  t.same(declined.writes, []);
});

t.test("grants that may not be listed keep it from being installed: their roles would be left out", async (t) => {
  const cluster = installedCluster();
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === "RoleBinding") throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  t.not((await runInstall(cluster, given)).code, 0);
  t.same(cluster.writes, []);
});

t.test("with values the operator comes first; -o prints both", async (t) => {
  const cluster = installedCluster();
  const ran = await runInstall(cluster, [
    ...given,
    "--set",
    "operator.replicas=1",
    "--license-secret",
    "x",
    "--no-wait",
  ]);
  t.match(ran.stdout, /The objects are applied[^]*runs grant sync/);
  const printed = await runInstall(cluster, ["-o", "yaml", "--license-secret", "x", ...given.slice(0, -1)]);
  t.equal(printed.code, 0, printed.stderr);
  const kinds = parseDocuments(printed.stdout, { source: "stdout", dialect: "helm" }).map(
    (each) => (each as KubernetesObject).kind,
  );
  t.equal(kinds.at(-1), "CronJob");
  t.ok(kinds.includes("Deployment"));
});

t.test("status says when it last ran, and uninstall leaves it unless it is told not to", async (t) => {
  const cluster = installedCluster();
  t.match((await runInstall(cluster, ["status"])).stdout, /Grant sync: +does not run/);
  await runInstall(cluster, given);
  t.match((await runInstall(cluster, ["status"])).stdout, /Grant sync: +has not succeeded yet/);
  const job = find(cluster, "CronJob", "mirrord-access");
  if (job !== undefined) cluster.put({ ...job, status: { lastSuccessfulTime: "2026-11-22T12:00:00Z" } });
  const { stdout } = await runInstall(cluster, ["status", "-o", "json"]);
  t.match(JSON.parse(stdout), { sync: { runs: true, lastSuccess: "2026-11-22T12:00:00Z" } });
  t.equal(schemaErrors("install-status.json", stdout), "No errors");
  t.match((await runInstall(cluster, ["status"])).stdout, /last succeeded at 2026-11-22T12:00:00Z/);

  const kept = await runInstall(cluster, ["uninstall", "--dry-run", "-o", "json"]);
  t.equal(schemaErrors("install-uninstall.json", kept.stdout), "No errors");
  const { kept: items } = JSON.parse(kept.stdout) as { kept: { why: string; kind: string }[] };
  t.same(
    items.filter(({ why }) => why === "sync").map(({ kind }) => kind),
    ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ClusterRoleBinding", "CronJob", "Namespace"],
  );
  t.match((await runInstall(cluster, ["uninstall", "--dry-run"])).stdout, /what runs grant sync \(--sync deletes it\)/);

  const gone = await runInstall(cluster, ["uninstall", "--sync", "-y"]);
  t.equal(gone.code, 0, gone.stderr);
  t.same(
    cluster.objects().filter(({ metadata }) => /mirrord-access/.test(`${metadata.namespace}/${metadata.name}`)),
    [],
  );
});

t.test(
  "a CronJob under that name that somebody else made is not taken out, nor a namespace with more in it",
  async (t) => {
    const cluster = installedCluster();
    await runInstall(cluster, given);
    const job = find(cluster, "CronJob", "mirrord-access");
    if (job !== undefined) cluster.put({ ...job, metadata: { ...job.metadata, labels: {} } });
    await runInstall(cluster, ["uninstall", "--sync", "-y"]);
    t.ok(find(cluster, "CronJob", "mirrord-access"));
  },
);

t.test("what waits for its account or its role to come is refused, and nothing is written", async (t) => {
  const home = { apiVersion: "v1", kind: "Namespace", metadata: { name: "mirrord-access" } };
  const binding: KubernetesObject = {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "mallory" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "mirrord-access-sync" },
    subjects: [{ kind: "User", apiGroup: rbac, name: "mallory" }],
  };
  const metadata = { name: "x", namespace: "mirrord-access" };
  const job: KubernetesObject = { apiVersion: "batch/v1", kind: "Job", metadata, spec: {} };
  for (const [each, says] of [
    [binding, /beforehand that grant sync would[^]*mallory binds mirrord-access-sync to mallory/],
    [job, /job x in namespace mirrord-access can run as the account of grant sync/],
  ] as const) {
    const cluster = installedCluster();
    cluster.put(home, each);
    const ran = await runInstall(cluster, given);
    t.match(ran, { code: 2, stderr: says });
    t.match(ran.stderr, /Delete it[^]*Nothing was written/);
    t.same(cluster.writes, []);
    await cluster.delete(
      each === job
        ? { group: "batch", version: "v1", resource: "jobs", kind: "Job", namespaced: true }
        : {
            group: rbac,
            version: "v1",
            resource: "clusterrolebindings",
            kind: "ClusterRoleBinding",
            namespaced: false,
          },
      each.metadata.name ?? "",
      each.metadata.namespace,
    );
    t.match(await runInstall(cluster, given), { code: 0 }, "once it is gone, sync comes");
  }
});

t.test("rights in its namespace are named, and what was bound when its role was there is nobody's trap", async (t) => {
  const cluster = installedCluster();
  t.match(await runInstall(cluster, given), { code: 0 });
  cluster.put({
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: { name: "x", namespace: "mirrord-access" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "mirrord-access-sync" },
    subjects: [{ kind: "User", apiGroup: rbac, name: "mallory" }],
  });
  t.match(await runInstall(cluster, given), {
    code: 0,
    stderr: /rolebinding x in namespace mirrord-access binds mirrord-access-sync to mallory: whoever may run/,
  });
});
