import t from "tap";
import { comparableSides, syncedAlike } from "../../../lib/audit/diff/both-know.ts";
import { accessDiff, type Side } from "../../../lib/audit/diff/diff.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { withAggregation } from "../../../lib/rbac/decide/aggregation.ts";
import { stockRbac } from "../../../lib/rbac/write/stock.ts";

function binding(name: string, role: string, subject: object): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [subject],
  };
}
const user = (name: string) => ({ kind: "User", name });
const addOn = binding("dns", "system:kube-dns", { kind: "ServiceAccount", namespace: "kube-system", name: "dns" });
const viewer = binding("viewer", "view", user("jim"));
const side = (...rbac: KubernetesObject[]): Side => ({ rbac, policies: [], targets: [] });
const controller = binding("system:controller:job-controller", "system:controller:job-controller", {
  kind: "ServiceAccount",
  namespace: "kube-system",
  name: "job-controller",
});
const stock = withAggregation([...stockRbac(), controller]).objects;

/** `jim loses`, of two sides. */
function changes(base: Side, head: Side) {
  const known = comparableSides(base, head);
  const { rights } = accessDiff(known.base, known.head);
  return { rights: rights.map(({ subject, change }) => `${subject.name} ${change}`), notCompared: known.notCompared };
}

t.test("a cluster and a folder of the same access differ in nothing, and it is said what was left out", async (t) => {
  const cluster = side(...stock, addOn, viewer);
  const bindings = cluster.rbac.filter(({ kind }) => kind.endsWith("Binding")).length - 1;
  t.same(changes(cluster, side(viewer)), {
    rights: [],
    notCompared: [
      `only BASE has what Kubernetes itself installs: its roles count for HEAD as well, and ${bindings} bindings of the control plane are not compared`,
    ],
  });
  t.match(changes(side(viewer), cluster), { rights: { length: 0 }, notCompared: [/^only HEAD has .* count for BASE/] });
});

t.test("what people have is compared", async (t) => {
  t.same(changes(side(...stock, addOn, viewer), side(binding("viewer", "view", user("eve")))).rights, [
    "eve gains",
    "jim loses",
  ]);
});

t.test("what the folder says of the control plane itself is compared", async (t) => {
  const more = { ...addOn, roleRef: { ...(viewer["roleRef"] as object), name: "edit" } };
  t.same(new Set(changes(side(...stock, addOn), side(more)).rights), new Set(["dns gains"]));
});

t.test("two clusters, and two folders, are compared whole", async (t) => {
  t.same(changes(side(...stock, viewer), side(...stock)), { rights: ["jim loses"], notCompared: [] });
  t.same(changes(side(viewer), side()).notCompared, []);
});

t.test("what sync would do is compared of both sides, or of none", (t) => {
  const synced = { ...side(viewer), synced: [viewer, addOn] };
  const read = { side: synced, unreadable: [], warnings: [], notSynced: undefined };
  t.same(syncedAlike(read, read), { sides: [synced, synced], failures: [] });
  const failed = { ...read, side: side(viewer), notSynced: "no leader" };
  const neither = { sides: [side(viewer), side(viewer)], failures: ["no leader"] };
  for (const [base, head] of [
    [failed, read],
    [read, failed],
    [failed, failed],
  ] as const)
    t.same(syncedAlike(base, head), neither);
  t.end();
});
