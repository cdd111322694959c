import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { UserError } from "../../lib/errors.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { bound, clusterRole } from "../access/rbac-objects.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, runGrant } from "./grant-world.ts";

type Edit = (text: string) => string;

async function dba(): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  await runGrant(["role", "create", "dba", "--allow", "get,list:secrets"], { cluster });
  await runGrant(["bob", "--role", "dba", "--ns", "dev"], { cluster });
  return cluster;
}

/** `grant role edit`, with an editor that makes these of the texts that it is given, one after the other. */
async function edit(cluster: MemoryCluster | undefined, edits: readonly Edit[], ...words: string[]) {
  const given: string[] = [];
  const kept: string[] = [];
  const left = [...edits];
  const change = {
    edit: async (text: string) => {
      given.push(text);
      return (left.shift() ?? (() => ""))(text);
    },
    keep: async (text: string) => {
      kept.push(text);
      return "kept.yaml";
    },
  };
  const ran = await runGrant(["role", "edit", "dba", ...words], {
    ...(cluster === undefined ? {} : { cluster }),
    change,
  });
  return { ...ran, given, kept };
}

const swap =
  (from: string | RegExp, to: string): Edit =>
  (text) =>
    text.replace(from, to);
const rules = (cluster: MemoryCluster) =>
  cluster.objects().find(({ metadata }) => metadata.name === "mirrord:role:dba")?.["rules"];

t.test("what is edited is written, and whom it concerns is said", async (t) => {
  const cluster = await dba();
  const ran = await edit(cluster, [swap(/( +)- list/, "$1- list\n$1- watch")]);
  t.match(
    ran,
    { code: 0, stdout: /^Changed role dba\.\nIt changes what these may do: bob \(grant \w+\)\.\n$/ },
    ran.stderr,
  );
  t.match(ran.given[0], /^# Edit the role below/);
  t.notMatch(ran.given[0], /resourceVersion|uid/);
  t.match(rules(cluster), [{ resources: ["secrets"], verbs: ["get", "list", "watch"] }]);
});

const refusals: { name: string; change: Edit; says: RegExp }[] = [
  {
    name: "a type that is not there",
    change: swap("- secrets", "- secretz"),
    says: /# {3}the server doesn't have a resource type "secretz"/,
  },
  { name: "a verb that is none", change: swap("- list", "- lsit"), says: /"lsit" is not a verb/ },
  { name: "a wildcard", change: swap("- secrets", '- "*"'), says: /gain more rights/ },
  {
    name: "another name",
    change: swap("name: mirrord:role:dba", "name: mirrord:role:other"),
    says: /cannot be changed by editing/,
  },
  {
    name: "without the label",
    change: swap(/ +kubectl-mirrord.io\/role: dba\n/, ""),
    says: /labels that make it a role of grants must stay/,
  },
  { name: "what no server stores", change: swap("- list", "- get\n    resourceNames: 7"), says: /not written/ },
];
for (const { name, change, says } of refusals)
  t.test(`refused text comes back with the reason: ${name}`, async (t) => {
    const cluster = await dba();
    const before = rules(cluster);
    const ran = await edit(cluster, [change, (text) => text]);
    t.not(ran.code, 0);
    t.match(ran.given[1], says);
    t.match(ran.stderr, /Your text is kept in kept\.yaml/);
    t.equal(ran.kept.length, 1);
    t.same(rules(cluster), before);
  });

t.test("--dangerous lets a wildcard through", async (t) => {
  const cluster = await dba();
  t.match(await edit(cluster, [swap("- secrets", '- "*"')], "--dangerous"), { code: 0 });
  t.match(rules(cluster), [{ resources: ["*"] }]);
});

t.test("a label by which others take the role up is refused", async (t) => {
  const cluster = await dba();
  const label = '    rbac.authorization.k8s.io/aggregate-to-admin: "true"\n';
  const ran = await edit(cluster, [swap("  labels:\n", `  labels:\n${label}`), (text) => text]);
  t.match(ran.given[1], /clusterrole admin takes up what this role allows/);
});

t.test("what has no namespace is warned of, where the role is held in one", async (t) => {
  const cluster = await dba();
  const ran = await edit(cluster, [swap(/( +)- secrets/, "$1- secrets\n$1- nodes")]);
  t.match(ran, { code: 0, stderr: /nodes has no namespace, so these do not get it: bob/ });
});

t.test("nothing saved, nothing written; one that nobody holds; somebody else's write in between", async (t) => {
  const cluster = await dba();
  t.match(await edit(cluster, [(text) => text]), { code: 0, stderr: /Edit cancelled: nothing was changed/ });
  t.match(await edit(cluster, [() => ""]), { code: 0, stderr: /the saved file was empty/ });
  await runGrant(["revoke", "bob"], { cluster });
  t.match(await edit(cluster, [swap("- list", "- watch")]), { code: 0, stdout: /Nobody holds it\./ });
  const meanwhile: Edit = (text) => {
    const role = cluster.objects().find(({ metadata }) => metadata.name === "mirrord:role:dba") as KubernetesObject;
    cluster.put({ ...role, rules: [] });
    return text.replace("- watch", "- get");
  };
  const lost = await edit(cluster, [meanwhile]);
  t.not(lost.code, 0);
  t.same(rules(cluster), [], "nothing is overwritten");
  t.equal(lost.kept.length, 1);
});

t.test("in a folder of manifests, too; and what was bound by hand is named", async (t) => {
  const folder = exampleFolder(t);
  await runGrant(["role", "create", "dba", "--allow", "get,list:secrets", "--manifests", folder]);
  t.match(await edit(undefined, [swap("- list", "- watch")], "--manifests", folder), { code: 0 });
  t.match((await runGrant(["role", "describe", "dba", "--manifests", folder])).stdout, /get, watch secrets/);
  const cluster = await dba();
  cluster.put(clusterRole("other"), bound("hand", "mirrord:role:dba", "eve"));
  t.match(await edit(cluster, [swap("- list", "- watch")]), { stdout: /eve \(clusterrolebinding\/hand\)/ });
});

t.test(
  "in a folder, a role that stands beside other objects is changed in its own file, and nobody's change is lost",
  async (t) => {
    const folder = exampleFolder(t);
    const there = ["--manifests", folder];
    const file = join(folder, "roles.yaml");
    const read = () => readFileSync(file, "utf8");
    const others = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: hand, namespace: qa}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: mirrord:role:dba}
subjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}]
`;
    const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: mirrord:role:dba
  labels: {app.kubernetes.io/managed-by: kubectl-mirrord, kubectl-mirrord.io/role: dba}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
`;
    writeFileSync(file, `${role}---\n${others}`);
    t.match(await edit(undefined, [swap("- list", "- watch")], ...there), {
      code: 0,
      stdout: /It changes what these may do: eve \(rolebinding\/hand in qa\)\./,
    });
    t.match(read(), /secrets\n {2}verbs:\n {2}- get\n {2}- watch\n/);
    t.ok(read().endsWith(`---\n${others}`), "what stands beside it stays as it is written");

    const before = read();
    const wild = await edit(undefined, [swap("- secrets", '- "*"'), (text) => text], ...there);
    t.match(wild.given[1], /gain more rights/);
    t.equal(read(), before, "what is refused is not written");

    const meanwhile: Edit = (text) => {
      writeFileSync(file, read().replace("secrets", "configmaps"));
      return text.replace("- watch", "- create");
    };
    const lost = await edit(undefined, [meanwhile], ...there);
    t.match(lost, { code: 4, stderr: /roles\.yaml" was changed by somebody else meanwhile[^]*kept in kept\.yaml/ });
    t.equal(read(), before.replace("secrets", "configmaps"), "nothing is overwritten");
  },
);

t.test("in a folder the comments of its document stay at what they are about", async (t) => {
  const folder = exampleFolder(t);
  await runGrant(["role", "create", "dba", "--allow", "get,list:secrets", "--manifests", folder]);
  const file = join(folder, "mirrord-access", "role-dba.yaml");
  const commented = readFileSync(file, "utf8")
    .replace(/^/, "# Who may see passwords; ask security.\n")
    .replace("rules:", "# Reading only.\nrules: # one")
    .replace("- secrets", "- secrets # of the database");
  writeFileSync(file, commented);
  t.match(await edit(undefined, [swap(/( *)- list/, "$1- list\n$1- watch")], "--manifests", folder), { code: 0 });
  t.equal(readFileSync(file, "utf8"), commented.replace(/( *)- list/, "$1- list\n$1- watch"));
});

t.test(
  "an answer that is lost after the server has written: it is done, and nobody is told that nothing was written",
  async (t) => {
    const cluster = await dba();
    const { patch } = cluster;
    let sent = 0;
    const ran = await edit(
      {
        ...cluster,
        patch: async (...given) => {
          const stored = await patch?.(...given);
          if (stored === undefined) throw new Error("this cluster takes patches");
          if (given[4]?.dryRun === true || sent++ > 0) return stored;
          throw new UserError("undetermined", "Unable to connect to the server: EOF", undefined, {
            cause: new Error(),
          });
        },
      },
      [swap(/( +)- list/, "$1- list\n$1- watch")],
    );
    t.match(ran, { code: 0, stdout: /^Changed role dba\.$/m }, ran.stderr);
    t.match(rules(cluster), [{ verbs: ["get", "list", "watch"] }]);
  },
);
