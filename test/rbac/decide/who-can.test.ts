import t from "tap";
import { authorizer } from "../../../lib/rbac/authorizer.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../objects.ts";

const reader = clusterRole("reader", [rule("", "pods", "get")]);
const getPods = { verb: "get", apiGroup: "", resource: "pods", namespace: "dev" };
const masters = group("system:masters");

t.test("lists each subject once, sorted, with the namespace of service accounts", async (t) => {
  const engine = authorizer([
    reader,
    clusterRoleBinding("a", "reader", [user("zoe"), user("amy"), serviceAccount("ci", "tools")]),
    roleBinding("dev", "b", clusterRoleRef("reader"), [
      serviceAccount("ci"),
      user("amy"),
      group("devs"),
      { ...user("bob"), namespace: "ignored" },
    ]),
    roleBinding("qa", "c", clusterRoleRef("reader"), [user("elsewhere")]),
  ]);
  t.same(engine.whoCan(getPods).subjects, [
    group("devs"),
    masters,
    serviceAccount("ci", "dev"),
    serviceAccount("ci", "tools"),
    user("amy"),
    user("bob"),
    user("zoe"),
  ]);
});

t.test("system:masters can, with no object saying so", async (t) => {
  t.same(authorizer([]).whoCan(getPods), { subjects: [masters], errors: [] });
});

t.test("at cluster scope, and for paths, RoleBindings do not count", async (t) => {
  const any = clusterRole("any", [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ]);
  const engine = authorizer([any, roleBinding("dev", "b", clusterRoleRef("any"), [user("amy")])]);
  t.same(engine.whoCan({ ...getPods, namespace: "" }).subjects, [masters]);
  t.same(engine.whoCan({ verb: "get", path: "/metrics" }).subjects, [masters]);
  t.same(engine.whoCan(getPods).subjects, [masters, user("amy")]);
});

t.test("a rule for some names is not for all of them", async (t) => {
  const engine = authorizer([
    role("dev", "one", [rule("", "pods", "get", "web")]),
    roleBinding("dev", "b", roleRef("one"), [user("amy")]),
  ]);
  t.same(engine.whoCan(getPods).subjects, [masters]);
  t.same(engine.whoCan({ ...getPods, name: "web" }).subjects, [masters, user("amy")]);
});

t.test("a ServiceAccount without a namespace in a ClusterRoleBinding is nobody", async (t) => {
  t.same(authorizer([reader, clusterRoleBinding("b", "reader", [serviceAccount("ci")])]).whoCan(getPods).subjects, [
    masters,
  ]);
});

t.test("bindings to roles that do not exist are reported once for each role", async (t) => {
  const engine = authorizer([
    clusterRoleBinding("a", "gone", []),
    clusterRoleBinding("b", "gone", []),
    roleBinding("qa", "c", roleRef("other"), []),
  ]);
  t.same(engine.whoCan(getPods).errors, [`clusterrole.rbac.authorization.k8s.io "gone" not found`]);
});
