import { test } from "tap";
import { bindableRoles, bindRule, withBindable, withoutBindable } from "../../lib/access/sync-role.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const rule = (verbs: string[], resources: string[], resourceNames?: string[]) => ({
  apiGroups: ["rbac.authorization.k8s.io"],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

const role = (...rules: object[]): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "mirrord-access-sync", resourceVersion: "7" },
  rules,
});

const other = rule(["get", "list"], ["clusterroles"]);

test("a name is added once, sorted, and the other rules stay", async (t) => {
  const before = role(rule(["bind"], ["clusterroles"], ["view", "edit"]), other);
  const after = withBindable(before, "dba");
  t.strictSame(after, role(other, rule(["bind"], ["clusterroles"], ["dba", "edit", "view"])));
  t.equal(withBindable(after, "dba"), after, "nothing to write the second time");
});

test("a role that binds nothing yet gets the rule", async (t) => {
  t.strictSame(withBindable(role(other), "dba"), role(other, rule(["bind"], ["clusterroles"], ["dba"])));
});

test("a name is taken out, and the last one with its rule: an empty list would be about every ClusterRole", async (t) => {
  const both = role(other, rule(["bind"], ["clusterroles"], ["dba", "edit"]));
  const one = withoutBindable(both, "dba");
  t.strictSame(one, role(other, rule(["bind"], ["clusterroles"], ["edit"])));
  t.strictSame(withoutBindable(one, "edit"), role(other));
  t.equal(withoutBindable(one, "dba"), one, "nothing to write the second time");
});

test("only the rule that is about binding ClusterRoles by name counts", async (t) => {
  const lookalikes = [
    rule(["bind"], ["clusterroles"]),
    rule(["bind", "get"], ["clusterroles"], ["edit"]),
    rule(["bind"], ["roles"], ["edit"]),
    { ...rule(["bind"], ["clusterroles"], ["edit"]), apiGroups: ["*"] },
  ];
  t.strictSame(bindableRoles(role(...lookalikes)), []);
  t.strictSame(withoutBindable(role(...lookalikes), "edit"), role(...lookalikes));
});

test("several rules of the kind become one", async (t) => {
  const two = role(rule(["bind"], ["clusterroles"], ["b"]), rule(["bind"], ["clusterroles"], ["a", "b"]));
  t.strictSame(bindableRoles(two), ["a", "b"]);
  t.strictSame(withBindable(two, "c"), role(rule(["bind"], ["clusterroles"], ["a", "b", "c"])));
});

test("no names make no rule", async (t) => {
  t.strictSame(bindRule([]), []);
});
