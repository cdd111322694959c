import t from "tap";
import { roleChanges, roleChangeText, versionChange } from "../../lib/install/upgrade.ts";
import type { Change } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";

const rbac = "rbac.authorization.k8s.io";
const { clusterRoles, roles, deployments } = nativeResources;

const role = (kind: "ClusterRole" | "Role", ...rules: object[]): KubernetesObject => ({
  apiVersion: `${rbac}/v1`,
  kind,
  metadata: { name: "r", ...(kind === "Role" ? { namespace: "dev" } : {}) },
  rules,
});
const rule = (resource: string, ...verbs: string[]) => ({ apiGroups: ["x"], resources: [resource], verbs });
const [get, all] = [rule("a", "get"), rule("a", "get", "list")];

const update = (current: KubernetesObject, object: KubernetesObject): Change => ({
  action: "update",
  type: object.kind === "Role" ? roles : clusterRoles,
  object,
  current,
});

const bind = (kind: string, namespace: string | undefined, ...names: string[]): KubernetesObject => ({
  apiVersion: `${rbac}/v1`,
  kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name: "b", ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup: rbac, kind, name: "r" },
  subjects: names.map((name) => ({ kind: "User", apiGroup: rbac, name })),
});

const texts = (change: Change, ...bindings: KubernetesObject[]) => roleChanges([change], bindings).map(roleChangeText);

t.test("who gains and who loses what is said of each role that changes", async (t) => {
  t.same(texts(update(role("ClusterRole", get), role("ClusterRole", all)), bind("ClusterRole", undefined, "jim")), [
    "ClusterRole r, held by jim, gains: list a",
  ]);
  t.same(texts(update(role("ClusterRole", all, rule("b", "get")), role("ClusterRole", get))), [
    "ClusterRole r, held by nobody, loses: list a; get b",
  ]);
  t.same(texts(update(role("ClusterRole", get), role("ClusterRole", rule("b", "get")))), [
    "ClusterRole r, held by nobody, gains: get b, and loses: get a",
  ]);
  t.same(texts(update(role("ClusterRole", get), role("ClusterRole", get))), []);
});

t.test("a role of a namespace is held by bindings there; many holders are counted", async (t) => {
  const change = update(role("Role", get), role("Role", all));
  const bindings = [
    bind("Role", "dev", "e", "d", "c", "b", "a"),
    bind("Role", "qa", "z"),
    bind("ClusterRole", "dev", "y"),
  ];
  t.same(texts(change, ...bindings), ["Role dev/r, held by a, b, c, d and 1 more, gains: list a"]);
});

t.test("a role that goes takes all it gave; a new one changes nothing for anybody", async (t) => {
  const gone: Change = {
    action: "delete",
    type: clusterRoles,
    object: role("ClusterRole", get),
    current: role("ClusterRole", get),
  };
  t.same(texts(gone), ["ClusterRole r, held by nobody, loses: get a"]);
  t.same(texts({ action: "create", type: clusterRoles, object: role("ClusterRole", get) }), []);
});

t.test("where bindings may not be read, nobody says by whom; what the server would store counts", async (t) => {
  const change = { ...update(role("ClusterRole", get), role("ClusterRole", get)), merged: role("ClusterRole", all) };
  t.same(roleChanges([change], undefined).map(roleChangeText), [
    "ClusterRole r, held by whom you may not see, gains: list a",
  ]);
});

const deployment = (image: string): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "mirrord-operator" },
  spec: { template: { spec: { containers: [{ image }] } } },
});

for (const [from, to, older] of [
  ["3.180.0", "3.187.0", false],
  ["3.187.0", "3.187.0", false],
  ["3.190.0", "3.187.0", true],
  ["latest", "3.187.0", false],
] as const) {
  t.test(`from ${from} to ${to} is ${older ? "back" : "not back"}`, async (t) => {
    const object = deployment(`operator:${to}`);
    const plan: Change[] = [{ action: "update", type: deployments, object }];
    t.same(versionChange(deployment(`operator:${from}`), plan), { from, to, older });
    t.equal(versionChange(undefined, plan), undefined);
    t.equal(versionChange(object, []), undefined);
  });
}
