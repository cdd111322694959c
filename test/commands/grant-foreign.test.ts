import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { listIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { operatorClusterRoles } from "../access/operator-roles.ts";
import { exampleFolder, exampleMemory, grantObjectsIn, runGrant } from "./grant-world.ts";

// What somebody else made is never taken over, deleted or believed, whatever labels it carries.
const reads = (rest: string) => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
${rest}
`;
const strangers: [name: string, role: string, message: RegExp][] = [
  ["has our name", reads("metadata: {name: 'mirrord:role:reads'}\nrules: []"), /is there already and was not made by/],
  [
    "is filled by a controller",
    reads(
      "metadata: {name: 'mirrord:role:reads', labels: {app.kubernetes.io/managed-by: kubectl-mirrord}}\n" +
        "aggregationRule: {clusterRoleSelectors: [{matchLabels: {agg: on-top}}]}\nrules: []",
    ),
    /is aggregated/,
  ],
];
for (const [name, role, message] of strangers) {
  t.test(`a role that ${name} is not bound, and nothing is written`, async (t) => {
    const folder = exampleFolder(t);
    writeFileSync(join(folder, "role.yaml"), role);
    const run = await runGrant(["jim", "--ns", "dev", "--manifests", folder]);
    t.equal(run.code, 4, run.stderr);
    t.match(run.stderr, message);
    t.notOk(existsSync(join(folder, "mirrord-access")));
  });
}

const printedId = (stdout: string) => /mirrord:grant:jim-dev-([a-z2-7]{20})/.exec(stdout)?.[1] ?? "";

t.test("an object of somebody else that carries the label of a grant survives its end", async (t) => {
  const folder = exampleFolder(t);
  const id = printedId((await runGrant(["jim", "--ns", "dev", "--manifests", folder, "-o", "name"])).stdout);
  t.match(id, /^[a-z2-7]{20}$/);
  const foreign = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: foreign, namespace: dev, labels: {kubectl-mirrord.io/grant: ${id}}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
`;
  writeFileSync(join(folder, "foreign.yaml"), foreign);
  const revoked = await runGrant(["revoke", "jim", "--manifests", folder]);
  t.equal(revoked.code, 0, revoked.stderr);
  t.notMatch(revoked.stdout, /foreign/);
  t.ok(existsSync(join(folder, "foreign.yaml")));
});

t.test("an end that stands on another object does not end a grant", async (t) => {
  const folder = exampleFolder(t);
  const id = printedId((await runGrant(["jim", "--ns", "dev", "--manifests", folder, "-o", "name"])).stdout);
  appendFileSync(
    join(folder, "dev.yaml"),
    `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: x
  namespace: dev
  labels: {kubectl-mirrord.io/grant: ${id}}
  annotations: {kubectl-mirrord.io/expires-at: "2020-01-01T00:00:00Z"}
`,
  );
  const again = await runGrant(["jim", "--ns", "dev", "--manifests", folder]);
  t.match(again.stdout, /jim can already mirror and steal any target/);
});

const widened = (name: string, rule: object): KubernetesObject => {
  const role = operatorClusterRoles.find(({ metadata }) => metadata.name === name);
  if (role === undefined) throw new Error(`no role ${name}`);
  return { ...role, rules: [...listIn(role["rules"]), rule] };
};
const rbacGroup = ["rbac.authorization.k8s.io"];
const wideRules: [name: string, rule: object][] = [
  ["every resource", { apiGroups: [""], resources: ["*"], verbs: ["get"] }],
  ["every verb", { apiGroups: [""], resources: ["pods"], verbs: ["*"] }],
  ["escalate", { apiGroups: rbacGroup, resources: ["clusterroles"], verbs: ["escalate"] }],
  ["bind", { apiGroups: rbacGroup, resources: ["clusterroles"], verbs: ["bind"] }],
  ["impersonate", { apiGroups: [""], resources: ["users"], verbs: ["impersonate"] }],
];
for (const role of ["mirrord-operator-user", "mirrord-operator-user-basic"]) {
  for (const [name, rule] of wideRules) {
    t.test(`${role}, widened by ${name}, is not granted without --dangerous`, async (t) => {
      const cluster = exampleMemory();
      cluster.put(widened(role, rule));
      for (const words of [
        ["jim", "--ns", "dev"],
        ["jim", "--ns", "dev", "--dry-run=server"],
      ]) {
        const run = await runGrant(words, { cluster });
        t.equal(run.code, 2, run.stderr);
        t.match(run.stderr, `clusterrole "${role}" lets its holder gain more rights`);
        t.match(run.stderr, /The operator's chart did not put that there[\s\S]*--dangerous/);
      }
      t.same(cluster.writes, []);
      const meant = await runGrant(["jim", "--ns", "dev", "--dangerous"], { cluster });
      t.equal(meant.code, 0, meant.stderr);
      t.match(meant.stderr, /it also allows/, "and it is still said");
    });
  }
}

t.test("a widened role that a grant does not bind is none of its business", async (t) => {
  const cluster = exampleMemory();
  cluster.put(widened("mirrord-operator-user", { apiGroups: ["*"], resources: ["*"], verbs: ["*"] }));
  for (const words of [
    ["jim", "--ns", "dev", "--role", "minimal"],
    ["jim", "--ns", "dev", "--target", "deploy/web"],
  ]) {
    const run = await runGrant(words, { cluster });
    t.equal(run.code, 0, run.stderr);
  }
});

t.test("sync binds no role of our name that somebody else made, and does the rest", async (t) => {
  const cluster = exampleMemory();
  for (const words of [
    ["jim", "--ns", "dev"],
    ["ana", "--ns", "dev", "--role", "view"],
    ["eve", "--ns", "dev", "--for", "1h"],
  ]) {
    t.equal((await runGrant(words, { cluster })).code, 0);
  }
  const remove = async (kind: string, holds: (name: string) => boolean) => {
    const type = kind === "ClusterRole" ? nativeResources.clusterRoles : nativeResources.roleBindings;
    for (const { metadata } of cluster
      .objects()
      .filter((object) => object.kind === kind && holds(object.metadata.name ?? "")))
      await cluster.delete(type, metadata.name ?? "", metadata.namespace);
  };
  await remove("ClusterRole", (name) => name === "mirrord:role:reads");
  await remove("RoleBinding", () => true);
  const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
  const foreign = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", rules: [everything] };
  cluster.put({ ...foreign, metadata: { name: "mirrord:role:reads" } });
  const later = () => Date.parse("2026-11-22T14:00:00Z");
  cluster.now = later;

  const check = await runGrant(["sync", "--check"], { cluster, now: later });
  t.equal(check.code, 4, check.stderr);
  const run = await runGrant(["sync", "-y", "--yes-prune", "1"], { cluster, now: later });
  t.equal(run.code, 4, run.stderr);
  t.match(run.stderr, /is left alone: clusterrole "mirrord:role:reads" is there already and was not made by/);
  const left = grantObjectsIn(cluster);
  t.same(
    left.filter((name) => name.startsWith("RoleBinding")),
    ["RoleBinding dev/mirrord:grant:ana-dev"],
    "the view grant, which needs other roles, is whole again",
  );
  t.notOk(
    left.some((name) => name.includes("eve")),
    "and what is over is gone, whatever role it bound",
  );
  t.same(cluster.objects().find(({ metadata }) => metadata.name === "mirrord:role:reads")?.["rules"], [everything]);

  await remove("ClusterRole", (name) => name === "mirrord:role:reads");
  t.equal((await runGrant(["sync", "-y"], { cluster, now: later })).code, 0);
  t.equal(
    grantObjectsIn(cluster).filter((name) => name.includes("RoleBinding dev/mirrord:grant:jim")).length,
    2,
    "both bindings of the grant are there",
  );
});

t.test("a binding made by hand does not hide behind our label", async (t) => {
  const cluster = exampleMemory({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "hidden", namespace: "dev", labels: { "kubectl-mirrord.io/grant": "aaaaaaaaaaaaaaaaaaaa" } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord-operator-user" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "eve" }],
  });
  const run = await runGrant(["list"], { cluster });
  t.match(run.stdout, /eve +clusterrole\/mirrord-operator-user +dev +<all> +unmanaged/);
});
