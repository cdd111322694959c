import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessRequest } from "../../lib/kubernetes/access.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { clusterRole, clusterRoleBinding, roleBinding, roleRef, rule, user } from "./objects.ts";

const good = [clusterRole("good", [rule("", "pods", "get")]), clusterRoleBinding("good", "good", [user("jane")])];
const request: AccessRequest = { user: { name: "jane", groups: [] }, verb: "get", apiGroup: "", resource: "pods" };
const secrets: AccessRequest = { ...request, resource: "secrets" };

const hostile: { name: string; json: string; error: RegExp }[] = [
  { name: "null", json: "null", error: /not a JSON object/u },
  { name: "a list", json: "[]", error: /not a JSON object/u },
  { name: "no kind", json: `{"metadata":{"name":"x"}}`, error: /without a kind "x"/u },
  {
    name: "another group's Role",
    json: `{"apiVersion":"authorization.openshift.io/v1","kind":"Role","metadata":{"name":"x","namespace":"y"}}`,
    error: /not an RBAC object/u,
  },
  {
    name: "wrong case",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"clusterrole","metadata":{"name":"x"}}`,
    error: /clusterrole "x": not an RBAC object/u,
  },
  {
    name: "a kind called __proto__",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"__proto__","metadata":{"name":"x"}}`,
    error: /not an RBAC object/u,
  },
  {
    name: "no name",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole"}`,
    error: /ClusterRole without a name: ignored/u,
  },
  {
    name: "a Role without a namespace",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"x"}}`,
    error: /has no namespace/u,
  },
  {
    name: "rules that are text",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"x"},"rules":"all"}`,
    error: /rules is not a list/u,
  },
  {
    name: "a null rule",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"x"},"rules":[null]}`,
    error: /rules\[0\] is not a rule/u,
  },
  {
    name: "verbs that are text",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"x"},"rules":[{"verbs":"get"}]}`,
    error: /rules\[0\]\.verbs is not a list of strings/u,
  },
  {
    name: "no roleRef",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"x"}}`,
    error: /roleRef has no name/u,
  },
  {
    name: "a roleRef of another kind",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"x"},"roleRef":{"kind":"role","name":"y"}}`,
    error: /unsupported role reference kind: "role"/u,
  },
  {
    name: "a subject of another kind",
    json: `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"x"},"roleRef":{"kind":"ClusterRole","name":"good"},"subjects":[{"kind":"user","name":"jane"}]}`,
    error: /subjects\[0\] is not a User/u,
  },
];

for (const { name, json, error } of hostile) {
  t.test(`${name} is reported, and the rest still answers`, async (t) => {
    const object: KubernetesObject = JSON.parse(json);
    const engine = authorizer([object, ...good]);
    t.equal(engine.authorize(request).allowed, true);
    t.match(engine.explain(request).errors, [error]);
    t.match(engine.whoCan(request).errors, [error]);
  });
}

t.test("null and absent lists are empty and nothing to report", async (t) => {
  const role: KubernetesObject = JSON.parse(
    `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"x"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":null}]}`,
  );
  const empty: KubernetesObject = JSON.parse(
    `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"e"},"rules":null}`,
  );
  const engine = authorizer([
    role,
    empty,
    clusterRoleBinding("b", "x", [user("jane")]),
    { ...clusterRoleBinding("c", "e", []), subjects: null },
  ]);
  t.match(engine.explain(secrets), { answer: "yes", errors: { length: 0 } });
});

t.test("a bad rule takes nothing from the good ones beside it, and their positions stay", async (t) => {
  const engine = authorizer([
    { ...clusterRole("mixed", []), rules: [null, { verbs: [1] }, rule("", "secrets", "get")] },
    clusterRoleBinding("m", "mixed", [user("jane")]),
  ]);
  t.match(engine.explain(secrets), { answer: "yes", via: [{ ruleIndex: 2 }] });
});

t.test("of two objects with one name the last counts, and both are reported", async (t) => {
  const engine = authorizer([
    ...good,
    clusterRole("good", [rule("", "secrets", "get")]),
    roleBinding("n", "x", roleRef("a"), []),
    roleBinding("n", "x", roleRef("a"), []),
  ]);
  t.equal(engine.authorize(request).allowed, false);
  t.equal(engine.authorize(secrets).allowed, true);
  t.match(engine.explain(secrets).errors, [
    /ClusterRole "good": given more than once/u,
    /RoleBinding "x" in namespace "n": given more than once/u,
  ]);
});

t.test("a name of 3,000 characters works, and is cut in messages", async (t) => {
  const name = "n".repeat(3000);
  const engine = authorizer([
    clusterRole(name, [rule("", "pods", "get")]),
    clusterRoleBinding(name, name, [user(name)]),
    { ...clusterRole(name, []), kind: name },
  ]);
  const { answer, errors } = engine.explain({ ...request, user: { name, groups: [] } });
  t.equal(answer, "yes");
  t.ok((errors[0] ?? "").length < 400);
});

t.test("a null in a list of a rule is the empty string", async (t) => {
  const role = { ...clusterRole("x", []), rules: [{ verbs: ["get"], apiGroups: [null], resources: ["pods"] }] };
  const engine = authorizer([JSON.parse(JSON.stringify(role)), clusterRoleBinding("b", "x", [user("u")])]);
  const asked = { verb: "get", apiGroup: "", resource: "pods", user: { name: "u", groups: [] } };
  t.equal(engine.authorize(asked).allowed, true);
});
