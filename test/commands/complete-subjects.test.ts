import t from "tap";
import { complete } from "../../lib/cli/completion/complete.ts";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleMemory, runGrant } from "./grant-world.ts";

// Loaded beforehand, so that a busy machine does not spend completion's one second on it.
await import("../../lib/commands/grant/complete-subjects.ts");

const root = dispatcher(all, "kubectl-mirrord", "kubectl-mirrord");

async function offered(cluster: Cluster, ...words: string[]): Promise<string> {
  return (await complete(root, words, all.completers, fakeWorld({ cluster }))).trimEnd().replaceAll("\n", " ");
}

const account = (namespace: string, name: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace },
});
const bound = (namespace: string, ...subjects: object[]): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "view", namespace },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  subjects,
});

async function example(): Promise<MemoryCluster> {
  const cluster = exampleMemory(
    account("dev", "builder"),
    account("dev", "default"),
    bound(
      "dev",
      { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "oidc:web" },
      { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jim" },
      { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "system:kube-proxy" },
      { kind: "ServiceAccount", namespace: "kube-system", name: "controller" },
      { kind: "ServiceAccount", namespace: "mirrord", name: "mirrord-operator" },
    ),
  );
  for (const line of ["jim --ns dev", "sa:ci/runner --ns qa"]) await runGrant(line.split(" "), { cluster });
  return cluster;
}

t.test("a subject begins with a prefix, or is one that grants and bindings name, each once", async (t) => {
  const cluster = await example();
  t.equal(await offered(cluster, "grant", "list", ""), "group: sa: group:oidc:web jim sa:ci/runner :4");
  t.equal(await offered(cluster, "grant", "explain", "group:"), "group: group:oidc:web :4");
  t.equal(await offered(cluster, "grant", "matrix", "j"), "jim :4");
  t.match(await offered(cluster, "grant", "s"), /sa: sa:ci\/runner :4$/);
});

t.test("behind sa: come namespaces, without a blank, then their accounts", async (t) => {
  const cluster = await example();
  t.equal(await offered(cluster, "grant", "sa:"), "sa:dev/ sa:qa/ sa:prod/ sa:mirrord/ sa:kube-system/ :6");
  t.equal(await offered(cluster, "grant", "sa:de"), "sa:dev/ :6");
  t.equal(await offered(cluster, "grant", "sa:dev/"), "sa:dev/builder sa:dev/default :4");
  t.equal(await offered(cluster, "grant", "sa:none/"), ":4");
});

t.test("who may list nothing still gets the prefixes", async (t) => {
  const cluster: Cluster = {
    ...exampleMemory(),
    // oxlint-disable-next-line require-yield -- It fails before there is anything.
    async *list() {
      throw apiFailure(403, "Forbidden", "no");
    },
  };
  t.equal(await offered(cluster, "grant", "list", ""), "group: sa: :6");
});

t.test("what stands on the line is not offered again", async (t) => {
  const cluster = await example();
  t.equal(await offered(cluster, "grant", "jim", "--ns", "dev", "--ns", "q"), "qa :4");
  t.equal(await offered(cluster, "grant", "jim", "--ns", "dev", "--ns", "d"), ":4");
  t.equal(await offered(cluster, "grant", "jim", "--ns=dev", "--ns=d"), ":4");
  t.equal(await offered(cluster, "can-i", "--context", "a", "--context", ""), ":4", "no kubeconfig here");
});

t.test("teams and organizations are no members of a team, and no administrators", async (t) => {
  const cluster = await example();
  for (const line of [
    "org create acme",
    "team create acme/web",
    "team add acme/web jim",
    "team:acme/web --ns qa",
    "org:acme --ns dev",
  ])
    t.equal((await runGrant(line.split(" "), { cluster })).code, 0, line);
  t.match(await offered(cluster, "grant", "list", ""), /org:acme .*team:acme\/web/);
  const people = "group: sa: group:oidc:web jim sa:ci/runner :4";
  t.equal(await offered(cluster, "grant", "team", "add", "acme/web", ""), people);
  t.equal(await offered(cluster, "grant", "org", "add", "acme", ""), people);
  t.equal(await offered(cluster, "grant", "admin", "add", ""), people);
  t.equal(await offered(cluster, "grant", "team", "remove", "acme/web", ""), "jim :4");
});

t.test("only who is named as administrator can be taken out of them", async (t) => {
  const cluster = await example();
  t.equal(await offered(cluster, "grant", "admin", "remove", ""), ":4", "nobody is");
  cluster.put({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "mirrord-access-admin" },
  });
  t.equal((await runGrant(["admin", "add", "ann", "group:platform"], { cluster })).code, 0);
  t.equal(await offered(cluster, "grant", "admin", "remove", ""), "ann group:platform :4");
});
