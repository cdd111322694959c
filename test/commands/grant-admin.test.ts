import t from "tap";
import { listIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { bound, clusterRole } from "../access/rbac-objects.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, runGrant } from "./grant-world.ts";

const adminRole = clusterRole("mirrord-access-admin", {
  apiGroups: ["access.kubectl-mirrord.io"],
  resources: ["grants"],
  verbs: ["manage"],
});
const company = () => exampleMemory(adminRole);
const admin = (cluster: MemoryCluster, ...words: string[]) => runGrant(["admin", ...words], { cluster });
const binding = (cluster: MemoryCluster): KubernetesObject | undefined =>
  cluster
    .objects()
    .find(({ kind, metadata }) => kind === "ClusterRoleBinding" && metadata.name === "mirrord-access-admin");
const named = (cluster: MemoryCluster) =>
  listIn(binding(cluster)?.["subjects"]).map((subject) => (subject as { name: string }).name);

t.test("administrators are named in one ClusterRoleBinding; the same again writes nothing", async (t) => {
  const cluster = company();
  t.match(await admin(cluster, "add", "ann"), { code: 0, stdout: /^ann can now decide on everybody's access/ });
  t.match(await admin(cluster, "add", "group:oidc:platform", "sa:ci/deployer", "ann"), { code: 0 });
  t.same(binding(cluster)?.["subjects"], [
    { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "ann" },
    { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "oidc:platform" },
    { kind: "ServiceAccount", name: "deployer", namespace: "ci" },
  ]);
  const writes = cluster.writes.length;
  t.match(await admin(cluster, "add", "sa:ci/deployer"), { code: 0, stdout: "Nothing was changed.\n" });
  t.match(await admin(cluster, "remove", "bob"), { code: 0, stdout: "Nothing was changed.\n" });
  t.match(await admin(cluster, "remove", "ann", "--dry-run=client"), {
    code: 0,
    stdout: /mirrord-access-admin configured \(dry run\)/,
  });
  t.equal(cluster.writes.length, writes);
  t.match(await admin(cluster, "remove", "ann"), { code: 0, stdout: "ann is no longer named as administrator.\n" });
  t.same(named(cluster), ["oidc:platform", "deployer"]);
});

t.test("the last one is kept, whoever else passes for one", async (t) => {
  const cluster = company();
  t.match(await admin(cluster, "remove", "ann"), { code: 0, stdout: "Nothing was changed.\n" });
  await admin(cluster, "add", "ann", "bob");
  t.match(await admin(cluster, "remove", "ann", "bob"), {
    code: 2,
    stderr: /ann and bob are the last administrators[^]*grant admin add/,
  });
  await admin(cluster, "remove", "bob");
  t.match(await admin(cluster, "rm", "ann"), { code: 2, stderr: /ann is the last administrator/ });
  t.same(named(cluster), ["ann"]);
});

t.test("of two who remove the last two at once, one is refused; two who add lose nothing", async (t) => {
  const cluster = company();
  await Promise.all(["ann", "bob", "eve"].map((name) => admin(cluster, "add", name)));
  t.same(named(cluster).toSorted(), ["ann", "bob", "eve"]);
  await admin(cluster, "remove", "eve");
  const removed = await Promise.all(["ann", "bob"].map((name) => admin(cluster, "remove", name)));
  t.same(new Set(removed.map(({ code }) => code)), new Set([0, 4]));
  t.equal(named(cluster).length, 1);
});

t.test("without the access model there is nothing to name anybody in", async (t) => {
  t.match(await admin(exampleMemory(), "add", "ann"), {
    code: 2,
    stderr: /there is no ClusterRole mirrord-access-admin[^]*kubectl mirrord install --access-model/,
  });
});

t.test("everybody who is logged in is no administrator by a slip", async (t) => {
  const cluster = company();
  t.match(await admin(cluster, "add", "group:system:authenticated"), { code: 2, stderr: /--dangerous/ });
  t.match(await admin(cluster, "add", "group:system:authenticated", "--dangerous"), { code: 0 });
});

t.test("whoever removes themselves is asked", async (t) => {
  const cluster = company();
  await admin(cluster, "add", "user:admin", "ann");
  const ask = { confirm: async () => false, select: async () => "" as never, input: async () => "" };
  const declined = await runGrant(["admin", "remove", "user:admin"], { cluster, change: { ask } });
  t.match(declined, { code: 1, stdout: "Nothing was changed.\n" });
  t.same(named(cluster), ["admin", "ann"]);
  t.match(await admin(cluster, "remove", "user:admin", "-y"), { code: 0 });
});

t.test("the list has everybody who passes for one, and through what", async (t) => {
  const cluster = company();
  await admin(cluster, "add", "ann");
  cluster.put(bound("boss", "cluster-admin", "eve"), bound("only-there", "cluster-admin", "zoe", "dev"));
  const listed = await admin(cluster, "list");
  t.match(listed.stdout, /^ann +mirrord-access-admin +mirrord-access-admin +grant admin\n/m);
  t.match(listed.stdout, /^eve +cluster-admin +boss +another binding\n/m);
  t.notMatch(listed.stdout, "zoe", "a RoleBinding is not at cluster scope");
  t.match((await admin(cluster, "list", "-o", "name")).stdout, /^ann\n/);
  await admin(cluster, "add", "eve");
  t.match(await admin(cluster, "remove", "eve"), {
    code: 0,
    stderr: /eve is still an administrator: clusterrolebinding boss binds clusterrole cluster-admin/,
  });
});

t.test("what may not be read is said, and another's binding is left as it is", async (t) => {
  const foreign = company();
  foreign.put(bound("mirrord-access-admin", "view", "eve"));
  t.match(await admin(foreign, "add", "ann"), { code: 4, stderr: /binds another role/ });
  t.match(await admin(foreign, "remove", "eve"), { code: 4, stderr: /binds another role/ });
  const closed = company();
  const { get, list } = closed;
  closed.get = (type, ...more) => {
    if (type.resource === "clusterrolebindings") throw apiFailure(403, "Forbidden", "no");
    return get(type, ...more);
  };
  closed.list = (type, options) => {
    if (type.resource === "clusterrolebindings") throw apiFailure(403, "Forbidden", "no");
    return list(type, options);
  };
  const unknown = /who is an administrator is not known[^]*kubectl mirrord audit who-can list clusterrolebindings/;
  t.match(await admin(closed, "add", "ann"), { code: 3, stderr: unknown });
  t.match(await admin(closed, "list"), { code: 3, stderr: unknown });
});

t.test("in a folder of manifests, too", async (t) => {
  const folder = exampleFolder(t);
  const inFolder = (...words: string[]) => runGrant(["admin", ...words, "--manifests", folder]);
  t.match(await inFolder("add", "ann"), { code: 2, stderr: /install --access-model/ });
  t.match(await inFolder("list"), { code: 0 });
});
