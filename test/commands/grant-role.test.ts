import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { bindableRoles } from "../../lib/access/sync-role.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";
import { bound } from "../access/rbac-objects.ts";
import { exampleFolder, exampleMemory, grantObjectsIn, runGrant } from "./grant-world.ts";

const role = (cluster: MemoryCluster, ...words: string[]) => runGrant(["role", ...words], { cluster });
const dba = ["create", "dba", "--allow", "get,list:persistentvolumeclaims,secrets", "--allow", "create:pods/exec"];
const stored = (cluster: MemoryCluster, name: string): KubernetesObject | undefined =>
  cluster.objects().find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === name);
const clusterRole = (name: string, fields: object, labels = {}): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name, labels },
  ...fields,
});

t.test("a role is a ClusterRole that nobody holds; the same again writes nothing", async (t) => {
  const cluster = exampleMemory();
  const made = await role(cluster, ...dba);
  t.match(made, {
    code: 0,
    stdout:
      "Made role dba: get, list persistentvolumeclaims, secrets; create pods/exec.\nNobody holds it until it is granted.\n",
  });
  t.match(stored(cluster, "mirrord:role:dba"), {
    metadata: { labels: { "kubectl-mirrord.io/role": "dba", "app.kubernetes.io/managed-by": "kubectl-mirrord" } },
    rules: [
      { apiGroups: [""], resources: ["persistentvolumeclaims", "secrets"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] },
    ],
  });
  t.same(cluster.writes, ["create ClusterRole mirrord:role:dba"]);
  t.match(await role(cluster, ...dba), { code: 0, stdout: "Nothing was changed.\n" });
  t.equal(cluster.writes.length, 1);
  t.match(await role(cluster, "create", "dba", "--allow", "get:pods"), {
    code: 2,
    stderr: /role dba is there already and allows something else[^]*grant role edit dba/,
  });
});

t.test("a grant names it by its short name, and so do lists, filters and revocations", async (t) => {
  const cluster = exampleMemory();
  await role(cluster, ...dba);
  t.match(await runGrant(["bob", "--role", "dba", "--ns", "dev"], { cluster }), {
    code: 0,
    stdout: /^bob now has role dba in dev; the role has no rule of mirrord's/,
  });
  t.match(await runGrant(["list", "--role", "dba"], { cluster }), { code: 0, stdout: /bob +dba +dev/ });
  t.match(await runGrant(["list", "--role", "dba", "-o", "json"], { cluster }), { stdout: /"role": "dba"/ });
  t.match(await runGrant(["sync", "--check"], { cluster }), { code: 0 });
  cluster.put(bound("hand", "mirrord:role:dba", "eve", "qa"));
  const listed = await role(cluster, "list", "-o", "wide");
  t.match(listed.stdout, /^dba +custom +2 +mirrord:role:dba +bob,eve +/m);
  t.match(listed.stdout, /^user +built-in +0 /m);
  t.match(
    (await role(cluster, "describe", "dba")).stdout,
    /held by 2:\n {2}bob in dev: grant \w+\n {2}eve in qa: rolebinding\/hand, made by hand\n/,
  );
  t.match(await role(cluster, "delete", "dba"), {
    code: 2,
    stderr: /held by bob \(grant \w+\), eve \(rolebinding\/hand in qa\)[^]*--cascade/,
  });
  const gone = await role(cluster, "delete", "dba", "--cascade", "-y");
  t.match(gone, {
    code: 0,
    stdout: /^Revoked grant \w+\.\nDeleted role dba\.\n/,
    stderr: /kubectl delete rolebinding hand -n qa/,
  });
  t.same(grantObjectsIn(cluster), []);
  t.equal(stored(cluster, "mirrord:role:dba"), undefined);
  t.match(await role(cluster, ...dba), {
    code: 2,
    stderr: /is bound already, and making it gives access to eve \(rolebinding\/hand in qa\)/,
  });
  t.match(await role(cluster, ...dba, "--dangerous"), { code: 0 });
});

t.test("the grants of users are held by whoever has them, limited to workloads or not", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev", "--target", "deploy/web"], { cluster });
  await runGrant(["ann", "--ns", "dev"], { cluster });
  const { stdout } = await role(cluster, "list", "-o", "json");
  const { items } = JSON.parse(stdout) as { items: { name: string; holders: string[] }[] };
  t.same(items.find(({ name }) => name === "user")?.holders, ["ann", "jim"]);
});

t.test("the grant of a team is held by its members, in the list as in the description", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["org", "create", "acme"], { cluster });
  await runGrant(["team", "create", "acme/web"], { cluster });
  await runGrant(["team", "add", "acme/web", "ann", "bob"], { cluster });
  await runGrant(["team:acme/web", "--ns", "dev"], { cluster });
  t.match((await role(cluster, "list")).stdout, /^user +built-in +2 /m);
  t.match((await role(cluster, "list", "-o", "wide")).stdout, /^user .* ann,bob /m);
  t.match((await role(cluster, "describe", "user")).stdout, /held by 2:/);
});

t.test("who holds a role in two ways is one holder", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["ann", "--ns", "dev"], { cluster });
  cluster.put(bound("hand", "mirrord-operator-user", "ann", "qa"));
  t.match((await role(cluster, "describe", "user")).stdout, /held by 1, in 2 ways:\n {2}ann in /);
});

t.test("MIR-6: a built-in role is described by its rules, whether a grant has brought it or not", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["ann", "--ns", "dev"], { cluster });
  t.match((await role(cluster, "describe", "user")).stdout, /proxy targets[^]*held by 1:\n {2}ann in dev: grant/);
  t.match((await role(cluster, "describe", "view")).stdout, /clusterrole mirrord:role:view[^]*Nobody holds it/);
  const bare = memoryCluster();
  t.match(await role(bare, "describe", "user"), { code: 2, stderr: /kubectl mirrord install/ });
  t.match(await role(bare, "describe", "constructor"), { code: 2, stderr: /there is no role/ });
  t.match(await role(cluster, "delete", "user"), { code: 2, stderr: /"user" is built in: it cannot be changed/ });
});

const refused: { name: string; words: string[]; says: RegExp }[] = [
  { name: "escalate", words: ["x", "--allow", "escalate:clusterroles"], says: /gain more rights[^]*--dangerous/ },
  { name: "bind", words: ["x", "--allow", "bind:clusterroles"], says: /gain more rights/ },
  { name: "impersonate", words: ["x", "--allow", "impersonate:serviceaccounts"], says: /gain more rights/ },
  { name: "every verb", words: ["x", "--allow", "*:pods"], says: /gain more rights/ },
  { name: "every type", words: ["x", "--allow", "get:*"], says: /gain more rights/ },
  { name: "every type of a group", words: ["x", "--allow", "get:*.apps"], says: /gain more rights/ },
  { name: "every path", words: ["x", "--allow", "get:/*"], says: /gain more rights/ },
  { name: "a subresource of every type", words: ["x", "--allow", "get:*/scale"], says: /gain more rights/ },
  { name: "nothing", words: ["x"], says: /something that it allows/ },
  { name: "a built-in name", words: ["view", "--allow", "get:pods"], says: /"view" is built in/ },
  { name: "one of our ClusterRoles", words: ["reads", "--allow", "get:pods"], says: /"reads" is built in/ },
  {
    name: "a slip of a built-in name",
    words: ["minmal", "--allow", "get:pods"],
    says: /too close to the built-in role minimal/,
  },
  { name: "a name with capitals", words: ["DBA", "--allow", "get:pods"], says: /cannot be the name of a role/ },
  { name: "both ways", words: ["x", "--allow", "get:pods", "--aggregate", "a=b"], says: /--aggregate/ },
  { name: "labels without a value", words: ["x", "--aggregate", "a"], says: /does not say labels/ },
];
for (const { name, words, says } of refused)
  t.test(`refused: ${name}`, async (t) => {
    const cluster = exampleMemory();
    t.match(await role(cluster, "create", ...words), { code: 2, stderr: says });
    t.same(cluster.writes, []);
  });

t.test("what is dangerous is made when that is meant, and its grant has to say so again", async (t) => {
  const cluster = exampleMemory();
  t.match(await role(cluster, "create", "boss", "--allow", "*:*", "--dangerous"), { code: 0 });
  t.match((await role(cluster, "describe", "boss")).stdout, /lets its holder gain more rights:\n/);
  t.match(await runGrant(["bob", "--role", "boss", "--ns", "dev"], { cluster }), { code: 2, stderr: /--dangerous/ });
});

t.test("a role that others take up by its labels, or that takes up what is dangerous, gives it at once", async (t) => {
  const managed = { matchLabels: { "app.kubernetes.io/managed-by": "kubectl-mirrord" } };
  const cluster = exampleMemory(clusterRole("all-of-ours", { aggregationRule: { clusterRoleSelectors: [managed] } }));
  t.match(await role(cluster, ...dba), { code: 2, stderr: /clusterrole all-of-ours takes up what this role allows/ });
  const other = exampleMemory(
    clusterRole("part", { rules: [{ apiGroups: [""], resources: ["*"], verbs: ["get"] }] }, { team: "ops" }),
  );
  t.match(await role(other, "create", "ops", "--aggregate", "team=ops"), { code: 2, stderr: /gain more rights/ });
  t.match(await role(other, "create", "web", "--aggregate", "team=web,tier=front"), {
    code: 0,
    stdout: /what ClusterRoles labelled team=web,tier=front allow/,
  });
  t.match(stored(other, "mirrord:role:web"), {
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { team: "web", tier: "front" } }] },
  });
  t.match((await role(other, "describe", "web")).stdout, /from clusterroles labelled:\n {2}team=web,tier=front\n/);
});

t.test("MKE-23: what has no namespace is not granted in one", async (t) => {
  const cluster = exampleMemory();
  await role(cluster, "create", "nodes", "--allow", "get:nodes,persistentvolumes");
  await role(cluster, "create", "health", "--allow", "get:/healthz");
  await role(cluster, "create", "own-namespace", "--allow", "get:namespaces");
  const grant = (...words: string[]) => runGrant(["bob", ...words], { cluster });
  t.match(await grant("--role", "nodes", "--ns", "dev"), {
    code: 2,
    stderr: /nodes is cluster-scoped \(and so with persistentvolumes\): a grant in namespaces cannot cover it/,
  });
  t.match(await grant("--role", "health", "--ns", "dev"), { code: 2, stderr: /\/healthz is in no namespace/ });
  t.match(await grant("--role", "own-namespace", "--ns", "dev"), { code: 0 });
  t.match(await grant("--role", "nodes", "-A", "-y"), { code: 0 });
});

t.test("a role that is not there, or whose name is another's", async (t) => {
  const foreign = clusterRole("mirrord:role:dba", { rules: [] });
  const cluster = exampleMemory(foreign);
  await role(cluster, "create", "restart", "--allow", "patch:deployments");
  t.match(await runGrant(["bob", "--role", "restrat", "--ns", "dev"], { cluster }), {
    code: 2,
    stderr: /there is no role "restrat"[^]*See what there is: kubectl mirrord grant role list$/m,
  });
  t.match(await runGrant(["bob", "--role", "minmal", "--ns", "dev"], { cluster }), {
    code: 2,
    stderr: /unknown role "minmal"[^]*Did you mean minimal\?/,
  });
  t.match(await runGrant(["bob", "--role", "dba", "--ns", "dev"], { cluster }), {
    code: 4,
    stderr: /clusterrole "mirrord:role:dba" was not made by grant role/,
  });
  t.match(await role(cluster, "describe", "restrat"), { code: 2, stderr: /Did you mean "restart"\?/ });
  t.match(await role(cluster, "delete", "dba"), { code: 2, stderr: /there is no role "dba"/ });
  t.match(await role(cluster, ...dba), { code: 4, stderr: /is there already and was not made here/ });
});

const syncRole = clusterRole("mirrord-access-sync", {
  rules: [
    {
      apiGroups: ["rbac.authorization.k8s.io"],
      resources: ["clusterroles"],
      verbs: ["bind"],
      resourceNames: ["mirrord-operator-user"],
    },
  ],
});
const bindable = (cluster: MemoryCluster) => bindableRoles(stored(cluster, "mirrord-access-sync") ?? syncRole);

t.test("the account of grant sync may bind a role as long as there is one", async (t) => {
  const cluster = exampleMemory(syncRole);
  await role(cluster, ...dba);
  t.same(bindable(cluster), ["mirrord-operator-user", "mirrord:role:dba"]);
  const writes = cluster.writes.length;
  t.match(await role(cluster, ...dba), { stdout: "Nothing was changed.\n" });
  t.equal(cluster.writes.length, writes);
  t.match(await role(cluster, "delete", "dba"), { code: 0, stdout: "Deleted role dba.\n" });
  t.same(bindable(cluster), ["mirrord-operator-user"]);
});

t.test("who may make roles, and not change what sync may bind, is told so", async (t) => {
  const cluster = exampleMemory(syncRole);
  cluster.beforeWrite = (_count, what) => {
    if (what.endsWith("mirrord-access-sync")) throw apiFailure(403, "Forbidden", "clusterroles is forbidden");
  };
  const { patch } = cluster;
  cluster.patch = async (type, name, ...more) => {
    if (name === "mirrord-access-sync") throw apiFailure(403, "Forbidden", "clusterroles is forbidden");
    if (patch === undefined) throw new Error("it takes patches");
    return await patch(type, name, ...more);
  };
  t.match(await role(cluster, ...dba), {
    code: 0,
    stderr: /what grant sync may bind does not follow mirrord:role:dba/,
  });
  t.ok(stored(cluster, "mirrord:role:dba"));
});

t.test("declined, nothing is deleted; a dry run writes nothing", async (t) => {
  const cluster = exampleMemory();
  await role(cluster, ...dba);
  const writes = cluster.writes.length;
  const ask = { confirm: async () => false, select: async () => "" as never, input: async () => "" };
  const declined = await runGrant(["role", "delete", "dba", "--cascade"], { cluster, change: { ask } });
  t.match(declined, { code: 1, stdout: "Nothing was deleted.\n" });
  t.match(await role(cluster, "delete", "dba", "--dry-run=server"), {
    stdout: /mirrord:role:dba deleted \(server dry run\)/,
  });
  t.match(await role(cluster, "create", "x", "--allow", "get:pods", "--dry-run=client"), {
    stdout: /mirrord:role:x created \(dry run\)/,
  });
  t.match(await role(cluster, "create", "x", "--allow", "get:pods", "--dry-run=client", "-o", "name"), {
    stdout: "clusterrole.rbac.authorization.k8s.io/mirrord:role:x\n",
  });
  t.equal(cluster.writes.length, writes);
});

t.test("who may not list bindings sees the roles, and that their holders are not known", async (t) => {
  const cluster = exampleMemory();
  await role(cluster, ...dba);
  const { list } = cluster;
  cluster.list = (type, options) => {
    if (type.resource === "rolebindings") throw apiFailure(403, "Forbidden", "rolebindings is forbidden");
    return list(type, options);
  };
  t.match(await role(cluster, "list"), {
    code: 0,
    stdout: /dba +custom +<unknown>/,
    stderr: /you may not list rolebindings/,
  });
  t.notMatch((await role(cluster, "list", "-o", "json")).stdout, "holders");
  t.match(await role(cluster, "delete", "dba"), { code: 3, stderr: /who holds a role is not known/ });
});

t.test("in a folder of manifests, too", async (t) => {
  const folder = exampleFolder(t);
  const inFolder = (...words: string[]) => runGrant([...words, "--manifests", folder]);
  t.match(await inFolder("role", ...dba), { code: 0, stdout: /^Made role dba/ });
  t.match(await inFolder("role", ...dba), { code: 0, stdout: "Nothing was changed.\n" });
  t.match(await inFolder("bob", "--role", "dba", "--ns", "dev"), { code: 0, stdout: /bob now has role dba in dev/ });
  t.match(await inFolder("role", "list"), { stdout: /dba +custom +1/ });
  t.match(await inFolder("role", "create", "x", "--allow", "get:pod/exce"), {
    code: 2,
    stderr: /Did you mean "pods\/exec"\?/,
  });
  t.match(await inFolder("role", "delete", "dba", "--cascade", "-y"), { code: 0, stdout: /Deleted role dba/ });
  t.notMatch((await inFolder("role", "list")).stdout, "dba");
});

t.test(
  "in a folder, a role that is held stays until --cascade takes the grants along; what others wrote stays",
  async (t) => {
    const folder = exampleFolder(t);
    const inFolder = (...words: string[]) => runGrant([...words, "--manifests", folder]);
    const written = () => readdirSync(join(folder, "mirrord-access")).toSorted();
    const hand = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: hand, namespace: qa}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: mirrord:role:dba}
subjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}]
`;
    await inFolder("role", ...dba);
    await inFolder("bob", "--role", "dba", "--ns", "dev");
    writeFileSync(join(folder, "hand.yaml"), hand);
    const before = written();
    t.match(await inFolder("role", "delete", "dba"), {
      code: 2,
      stderr: /held by bob \(grant \w+\), eve \(rolebinding\/hand in qa\)[^]*--cascade/,
    });
    t.match(await inFolder("role", "delete", "dba", "--cascade", "--dry-run=client"), {
      code: 0,
      stdout: /mirrord:role:dba deleted \(dry run\)/,
    });
    t.same(written(), before);
    const gone = await inFolder("role", "delete", "dba", "--cascade", "-y");
    t.match(gone, {
      code: 0,
      stdout: /^Revoked grant \w+\.\nDeleted role dba\.\n/,
      stderr: /hand was made by hand and stays/,
    });
    t.notMatch(gone.stderr, "kubectl", "there is no cluster to delete it from");
    t.notMatch(written().join(" "), /bob|dba/);
    t.equal(readFileSync(join(folder, "hand.yaml"), "utf8"), hand);
    t.match(await inFolder("sync", "--check"), { code: 0 });
    t.match(await inFolder("role", "delete", "dba"), {
      code: 2,
      stderr: new RegExp(`there is no role "dba"[^]*grant role list --manifests ${folder}\\n`),
    });
  },
);
