import t from "tap";
import { candidates } from "../../../lib/install/verify/candidates.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const rbac = "rbac.authorization.k8s.io";
const apiVersion = `${rbac}/v1`;
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["create"] }];
const role: KubernetesObject = { apiVersion, kind: "ClusterRole", metadata: { name: "maker" }, rules };
const user = (name: string) => ({ kind: "User", apiGroup: rbac, name });
const account = (name: string, namespace: string) => ({ kind: "ServiceAccount", name, namespace });

const bound = (namespace: string | undefined, ...subjects: object[]): KubernetesObject => ({
  apiVersion,
  kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name: "b", ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "maker" },
  subjects,
});

const right = { verb: "create", apiGroup: "", resource: "pods" };

const found = (...bindings: KubernetesObject[]) =>
  candidates([role, ...bindings], { right, namespaced: true }, "mirrord").map(
    ({ user: { name }, namespace }) => `${name} in ${namespace}`,
  );

t.test("real users come before accounts, each with a place where they may", async (t) => {
  t.same(found(bound("dev", account("app", "dev"), user("jim"))), [
    "jim in dev",
    "system:serviceaccount:dev:app in dev",
  ]);
  t.same(found(bound(undefined, user("eve"))), ["eve in default"]);
  t.same(found(bound("dev", user("jim")), bound("qa", user("jim"))), ["jim in dev"]);
});

t.test("of what has no namespace, only who may everywhere is one", async (t) => {
  const all = [role, bound("dev", user("jim")), bound(undefined, user("eve"))];
  t.match(candidates(all, { right, namespaced: false }, "mirrord"), [{ user: { name: "eve" }, namespace: "" }]);
});

t.test("groups, the control plane and what is the operator's own are no candidates", async (t) => {
  const group = { kind: "Group", apiGroup: rbac, name: "devs" };
  t.same(
    found(bound("dev", group, user("system:kube-scheduler"), account("x", "kube-system"), account("y", "mirrord"))),
    [],
  );
  t.same(found(bound("mirrord", user("jim")), bound("kube-system", user("eve"))), []);
});

t.test("nobody is given groups that he was not seen in", async (t) => {
  const all = candidates(
    [role, bound("dev", account("app", "dev"), user("jim"))],
    { right, namespaced: true },
    "mirrord",
  );
  t.same(all, [
    { user: { name: "jim", groups: [] }, namespace: "dev" },
    { user: { name: "system:serviceaccount:dev:app", groups: [] }, namespace: "dev" },
  ]);
});
