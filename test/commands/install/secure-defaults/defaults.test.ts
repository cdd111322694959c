import t from "tap";
import type { KubernetesObject } from "../../../../lib/kubernetes/object.ts";
import { ownRole } from "../../../../lib/access/roles.ts";
import { apiFailure, type MemoryCluster } from "../../../kube/memory-cluster.ts";
import { installedCluster } from "../../../install/installed-cluster.ts";
import { runInstall, schemaErrors } from "../install-world.ts";

const object = (kind: string, name: string, fields: object = {}, namespace?: string): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...fields,
});

const spaces = ["mirrord", "dev", "longhorn-system"].map((name) => object("Namespace", name));

function clusterWith(...more: KubernetesObject[]): MemoryCluster {
  const cluster = installedCluster();
  cluster.put(...spaces, ...more);
  return cluster;
}

const ours = (cluster: MemoryCluster, kind: string) =>
  cluster
    .objects()
    .filter((each) => each.kind === kind && /^(mirrord:|kubectl-mirrord-)/.test(each.metadata.name ?? ""))
    .map(({ metadata }) => metadata.name ?? "");

const actions = (cluster: MemoryCluster) => {
  const bindings = cluster.objects().filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding");
  return new Set(
    bindings.map(({ spec }) => JSON.stringify((spec as { validationActions: string[] }).validationActions)),
  );
};

const enforce = ["--secure-defaults=enforce", "-y"];

t.test("audit writes everything, and refuses nothing but what would undo it", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, ["--secure-defaults=audit", "-y"]);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /Secure defaults: audit/);
  t.equal(ours(cluster, "ValidatingAdmissionPolicy").length, 9);
  t.equal(ours(cluster, "RoleBinding").length, 7, "the operator is exempt");
  t.same(actions(cluster), new Set(['["Audit","Warn"]', '["Deny"]']));
  const before = cluster.writes.length;
  const again = await runInstall(cluster, ["--secure-defaults=audit", "-y"]);
  t.match(again.stdout, /Nothing was changed/);
  t.equal(cluster.writes.length, before, "zero writes");
});

t.test("enforce writes the bindings last, when the operator is exempt", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, enforce);
  t.equal(ran.code, 0, ran.stderr);
  t.same(actions(cluster), new Set(['["Deny"]']));
  const first = cluster.writes.findIndex((what) => what.includes("PolicyBinding"));
  t.ok(cluster.writes.slice(first).every((what) => what.includes("PolicyBinding")));
});

t.test("off takes away what holds first, and keeps what was granted", async (t) => {
  const cluster = clusterWith();
  await runInstall(cluster, [...enforce, "--admin", "ann"]);
  const start = cluster.writes.length;
  const ran = await runInstall(cluster, ["--secure-defaults=off", "-y"]);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /Secure defaults: off/);
  t.match(cluster.writes[start], /PolicyBinding/);
  t.same(ours(cluster, "ValidatingAdmissionPolicy"), []);
  t.same(ours(cluster, "RoleBinding"), []);
  t.same(ours(cluster, "ClusterRoleBinding"), ["mirrord:administrator:user:ann"]);
});

t.test("with an operator that holds a wildcard nothing is enforced", async (t) => {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const wildcard = [
    { ...object("ClusterRole", "all"), apiVersion, rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
    {
      ...object("RoleBinding", "all", {}, "mirrord"),
      apiVersion,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "all" },
      subjects: [{ kind: "ServiceAccount", name: "mirrord-operator", namespace: "mirrord" }],
    },
  ];
  const cluster = clusterWith(...wildcard);
  const ran = await runInstall(cluster, enforce);
  t.equal(ran.code, 4);
  t.match(ran.stderr, /holds every right there by a wildcard/);
  t.same(actions(cluster), new Set());
});

const longhorn = object("ServiceAccount", "longhorn-service-account", {}, "longhorn-system");
const engine: KubernetesObject = {
  ...object("Pod", "engine", { spec: { hostPID: true } }, "storage"),
  metadata: {
    name: "engine",
    namespace: "storage",
    ownerReferences: [{ apiVersion: "x.io/v1", kind: "Engine", name: "e", uid: "u" }],
  },
};

t.test("what would stop has to be named, before anything is written", async (t) => {
  const cluster = clusterWith(longhorn, engine);
  const refused = await runInstall(cluster, enforce);
  t.equal(refused.code, 2);
  t.match(
    refused.stderr,
    /longhorn would stop[\s\S]*storage could not be made again[\s\S]*--exempt longhorn[\s\S]*--leave storage/,
  );
  t.same(cluster.writes, []);
  t.equal((await runInstall(cluster, ["--secure-defaults=audit", "-y"])).code, 0, "audit refuses nothing");

  const named = await runInstall(cluster, [...enforce, "--exempt", "longhorn", "--leave", "storage"]);
  t.equal(named.code, 0, named.stderr);
  t.ok(ours(cluster, "RoleBinding").includes("mirrord:add-on:longhorn:privileged"));
  const again = await runInstall(cluster, [...enforce, "--leave", "storage"]);
  t.equal(again.code, 0, "what is exempt does not need to be named again");
  t.ok(ours(cluster, "RoleBinding").includes("mirrord:add-on:longhorn:privileged"), "and stays");
});

t.test("an add-on by another name is not known", async (t) => {
  const ran = await runInstall(clusterWith(), [...enforce, "--exempt", "longhorm"]);
  t.equal(ran.code, 2);
  t.match(ran.stderr, /no add-on is known by the name "longhorm"[\s\S]*longhorn/);
  const other = await runInstall(clusterWith(), [...enforce, "--exempt", "something-else"]);
  t.match(other.stderr, /Those that are known: calico/);
});

t.test("an authorizer that knows neither verb needs an administrator", async (t) => {
  const cluster = clusterWith();
  const { review } = cluster;
  cluster.review = async (questions, user) => {
    if (user !== undefined) return await review(questions, user);
    return questions.map(() => ({ answer: "no", reason: "" }));
  };
  const refused = await runInstall(cluster, enforce);
  t.equal(refused.code, 2);
  t.match(refused.stderr, /--admin SUBJECT/);
  const named = await runInstall(cluster, [...enforce, "--admin", "group:admins"]);
  t.equal(named.code, 0, named.stderr);
  t.ok(ours(cluster, "ClusterRoleBinding").includes("mirrord:administrator:group:admins"));
});

t.test("what may not be listed could stop unseen", async (t) => {
  const cluster = clusterWith();
  const { list } = cluster;
  cluster.list = (type, options) => {
    if (type.resource === "daemonsets") throw apiFailure(403, "Forbidden", "no");
    return list(type, options);
  };
  const ran = await runInstall(cluster, enforce);
  t.equal(ran.code, 3);
  t.match(ran.stderr, /may not list daemonsets/);
});

t.test("a cluster without the policies' API is said to be too old", async (t) => {
  const cluster = clusterWith();
  cluster.discover = async () => [];
  t.equal((await runInstall(cluster, ["--secure-defaults=audit", "-y"])).code, 0, "a list that is empty says nothing");
  cluster.discover = async () => [
    { group: "admissionregistration.k8s.io", version: "v1", resource: "x", kind: "X", namespaced: false },
  ];
  const ran = await runInstall(cluster, ["--secure-defaults=audit", "-y"]);
  t.equal(ran.code, 2);
  t.match(ran.stderr, /Kubernetes 1\.30/);
});

t.test("dry runs and diffs show it and write nothing, and so does a no", async (t) => {
  const cluster = clusterWith();
  const dry = await runInstall(cluster, ["--secure-defaults=enforce", "--dry-run=client"]);
  t.equal(dry.code, 0, dry.stderr);
  t.match(dry.stdout, /validatingadmissionpolicybinding\S* created \(dry run\)/);
  t.equal((await runInstall(cluster, ["--secure-defaults=enforce", "--dry-run=server"])).code, 0);
  const diff = await runInstall(cluster, ["--secure-defaults=enforce", "--diff"]);
  t.equal(diff.code, 1);
  const declined = await runInstall(cluster, ["--secure-defaults=enforce"], ({ ask }) => ({
    ask: { ...ask, confirm: async () => false },
  }));
  t.equal(declined.code, 1);
  t.match(declined.stderr, /To be done:[\s\S]*Nothing was written/);
  t.same(cluster.writes, []);
});

t.test("agents in running pods are exempt for as long as the operator makes them", async (t) => {
  const cluster = clusterWith();
  const settings = { data: { "agent-config.yaml": "ephemeral: true\n" } };
  cluster.put(object("ConfigMap", "mirrord-configmap", settings, "mirrord"));
  await runInstall(cluster, enforce);
  t.ok(ours(cluster, "ClusterRoleBinding").includes("mirrord:operator:ephemeralContainers"));
  cluster.put(object("ConfigMap", "mirrord-configmap", { data: { "agent-config.yaml": "{[" } }, "mirrord"));
  await runInstall(cluster, enforce);
  t.notOk(ours(cluster, "ClusterRoleBinding").includes("mirrord:operator:ephemeralContainers"));
});

t.test("flags about the secure defaults need them", async (t) => {
  const ran = await runInstall(clusterWith(), ["--admin", "ann", "--license-secret", "x"]);
  t.equal(ran.code, 2);
  t.match(ran.stderr, /--admin is about the policies/);
});

const report = (cluster: MemoryCluster, ...words: string[]) =>
  runInstall(cluster, ["secure-defaults", "report", ...words]);

t.test("report: what would be refused, whose it is, and what stands against enforcing", async (t) => {
  const cluster = clusterWith(longhorn, engine);
  const table = await report(cluster);
  t.equal(table.code, 1);
  t.match(table.stdout, /storage\s+pod\/engine\s+hostPID\s+Engine\/e/);
  t.match(table.stderr, /Secure defaults: off\.[\s\S]*Before they are enforced:[\s\S]*longhorn would stop/);
  const json = await report(cluster, "-o", "json");
  t.equal(schemaErrors("secure-defaults-report.json", json.stdout), "No errors");
  t.match(JSON.parse(json.stdout), {
    kind: "SecureDefaultsReport",
    enforcement: "off",
    complete: true,
    operator: { namespace: "mirrord", serviceAccount: "mirrord-operator" },
    items: [{ namespace: "storage", name: "engine" }],
  });
});

t.test("report: once enforced, and with nothing to say", async (t) => {
  const cluster = clusterWith();
  await runInstall(cluster, enforce);
  const ran = await report(cluster);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stderr, /Secure defaults: enforced/);
  await runInstall(cluster, ["--secure-defaults=audit", "-y"]);
  t.match((await report(cluster)).stderr, /audited, nothing is refused/);
});

t.test("report: an operator that lost its exemption is named", async (t) => {
  const cluster = clusterWith();
  await runInstall(cluster, enforce);
  await cluster.delete({ kind: "RoleBinding" } as never, "mirrord:operator:hostPID", "mirrord");
  t.match((await report(cluster)).stderr, /The operator is not exempt from hostPID/);
});

t.test("report: what may not be listed is said, with exit code 3", async (t) => {
  const cluster = clusterWith();
  const { list } = cluster;
  cluster.list = (type, options) => {
    if (["storageclasses", "serviceaccounts"].includes(type.resource)) throw apiFailure(403, "Forbidden", "no");
    return list(type, options);
  };
  const ran = await report(cluster);
  t.equal(ran.code, 3);
  t.match(ran.stderr, /may not list storageclasses and serviceaccounts/);
});

t.test("report: a StorageClass without a provisioner makes its volumes local", async (t) => {
  const cluster = clusterWith(
    object("StorageClass", "disk", { provisioner: "kubernetes.io/no-provisioner" }),
    object("PersistentVolume", "v", { spec: { storageClassName: "disk" } }),
  );
  t.match((await report(cluster)).stdout, /-\s+persistentvolume\/v\s+localVolume/);
});

t.test("the roles of exemptions are those that grants bring", async (t) => {
  const cluster = clusterWith();
  await runInstall(cluster, enforce);
  const role = cluster.objects().find(({ metadata }) => metadata.name === "mirrord:role:privileged-hostPID");
  t.match(role, ownRole("mirrord:role:privileged-hostPID") ?? {});
  t.same(Object.keys(role?.metadata.labels ?? {}), ["app.kubernetes.io/managed-by"]);
});

t.test("uninstall takes the operator's exemption along, and leaves the policies to guard the cluster", async (t) => {
  const cluster = clusterWith();
  await runInstall(cluster, enforce);
  const ran = await runInstall(cluster, ["uninstall", "-y"]);
  t.equal(ran.code, 0, ran.stderr);
  t.same(ours(cluster, "RoleBinding"), []);
  t.equal(ours(cluster, "ValidatingAdmissionPolicy").length, 9);
  t.match(ran.stdout, /kubectl-mirrord-defaults-pods/, "and says so");
});

t.test("-o prints them behind the operator's objects, without a cluster", async (t) => {
  const cluster = clusterWith();
  const words = ["-o", "json", "--license-secret", "licence", "--secure-defaults=enforce", "--admin", "ann"];
  const ran = await runInstall(cluster, [
    ...words,
    "--exempt",
    "longhorn",
    "--set",
    "agent.extraConfig.ephemeral=true",
  ]);
  t.equal(ran.code, 0, ran.stderr);
  const items = (JSON.parse(ran.stdout) as { items: KubernetesObject[] }).items.map(
    ({ kind, metadata }) => `${kind} ${metadata.name}`,
  );
  for (const wanted of [
    "ValidatingAdmissionPolicyBinding kubectl-mirrord-defaults-pods",
    "ClusterRoleBinding mirrord:administrator:user:ann",
    "RoleBinding mirrord:add-on:longhorn:privileged",
    "ClusterRoleBinding mirrord:operator:ephemeralContainers",
    "ClusterRole mirrord:role:privileged-hostPID",
  ])
    t.ok(items.includes(wanted), wanted);
  t.match(items.at(-1), /^ValidatingAdmissionPolicyBinding /, "what makes them hold comes last");
  t.match(ran.stderr, /StorageClasses/, "what only a cluster shows is said");
  t.same(cluster.writes, []);
  const off = await runInstall(cluster, ["-o", "json", "--license-secret", "licence", "--secure-defaults=off"]);
  t.notMatch(off.stdout, "ValidatingAdmissionPolicy");
});

const label = (cluster: MemoryCluster, name: string) =>
  cluster.objects().find(({ kind, metadata }) => kind === "Namespace" && metadata.name === name)?.metadata.labels;

t.test(
  "Pod Security labels go on namespaces that are nobody's in particular, and where nothing would be refused",
  async (t) => {
    const restricted = object("Namespace", "strict");
    restricted.metadata.labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    const cluster = clusterWith(object("Namespace", "kube-system"), restricted, object("Namespace", "storage"), {
      ...engine,
      metadata: { name: "engine", namespace: "storage" },
    });
    const ran = await runInstall(cluster, [...enforce, "--pod-security"]);
    t.equal(ran.code, 0, ran.stderr);
    const baseline = { "pod-security.kubernetes.io/enforce": "baseline" };
    t.same(label(cluster, "dev"), baseline);
    for (const name of ["kube-system", "mirrord", "storage"])
      t.notOk(label(cluster, name)?.["pod-security.kubernetes.io/enforce"], name);
    t.match(label(cluster, "strict"), { "pod-security.kubernetes.io/enforce": "restricted" });
    t.match(ran.stderr, /no Pod Security label for storage/);
    const before = cluster.writes.length;
    t.equal((await runInstall(cluster, [...enforce, "--pod-security"])).code, 0);
    t.equal(cluster.writes.length, before, "zero writes the second time");
  },
);

t.test("NetworkPolicies let the operator be reached by its ports, and agents by the operator", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, [...enforce, "--network-policies"]);
  t.equal(ran.code, 0, ran.stderr);
  const found = () => cluster.objects().filter(({ kind }) => kind === "NetworkPolicy");
  t.match(found(), [
    { metadata: { name: "mirrord-operator", namespace: "mirrord" }, spec: { ingress: [{ ports: [{ port: 443 }] }] } },
    {
      metadata: { name: "mirrord-agents" },
      spec: { ingress: [{ from: [{ podSelector: { matchLabels: { app: "mirrord-operator" } } }] }] },
    },
  ]);
  await runInstall(cluster, ["--secure-defaults=off", "-y"]);
  t.same(found(), []);
});

for (const flag of ["--pod-security", "--network-policies"])
  t.test(`${flag} does not go with agents in running pods, nor without secure defaults, nor with -o`, async (t) => {
    const cluster = clusterWith();
    const settings = { data: { "agent-config.yaml": "ephemeral: true\n" } };
    cluster.put(object("ConfigMap", "mirrord-configmap", settings, "mirrord"));
    t.match(await runInstall(cluster, [...enforce, flag]), { code: 2, stderr: flag });
    t.match(await runInstall(cluster, [flag, "--license-secret", "x"]), {
      code: 2,
      stderr: `${flag} is about the secure defaults`,
    });
    const printed = await runInstall(cluster, [
      "-o",
      "yaml",
      "--license-secret",
      "x",
      "--secure-defaults=enforce",
      flag,
    ]);
    t.match(printed, { code: 2, stderr: "without a cluster" });
    t.same(cluster.writes, []);
  });

t.test("who says no to the labels keeps the policies", async (t) => {
  const cluster = clusterWith();
  let asked = 0;
  const ran = await runInstall(cluster, ["--secure-defaults=audit", "--pod-security"], ({ ask }) => ({
    ask: { ...ask, confirm: async () => (asked += 1) === 1 },
  }));
  t.equal(ran.code, 0, ran.stderr);
  t.equal(ours(cluster, "ValidatingAdmissionPolicy").length, 9);
  t.notOk(label(cluster, "dev"));
});

t.test("with values the operator is installed first, when nothing stands against the secure defaults", async (t) => {
  const values = ["--license-secret", "licence", "--no-wait", "-y"];
  const cluster = clusterWith(longhorn);
  const refused = await runInstall(cluster, [...values, "--secure-defaults=enforce"]);
  t.match(refused, { code: 2, stderr: /longhorn would stop/ });
  t.same(cluster.writes, [], "not even the operator was written");
  const ran = await runInstall(cluster, [...values, "--secure-defaults=enforce", "--leave", "longhorn"]);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /The objects are applied[\s\S]*Secure defaults: enforced/);
  const diff = await runInstall(clusterWith(), [...values, "--secure-defaults=audit", "--diff"]);
  t.equal(diff.code, 1, diff.stderr);
  t.match(diff.stdout, /kubectl-mirrord-defaults-pods/);
});

t.test("an operator that is not installed for a no gets no secure defaults either", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(
    cluster,
    ["--license-secret", "licence", "--no-wait", "--secure-defaults=audit"],
    ({ ask }) => ({
      ask: { ...ask, confirm: async () => false },
    }),
  );
  t.equal(ran.code, 1, ran.stderr);
  t.same(cluster.writes, []);
});

t.test("an add-on that is not there is not exempted: whoever made its account would be", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, ["--secure-defaults=audit", "-y", "--exempt", "openebs"]);
  t.equal(ran.code, 2);
  t.match(ran.stderr, /--exempt openebs: there is no namespace openebs, and so no service account/);
  t.same(cluster.writes, []);
});
