import t from "tap";
import { isNonsense, plainQuestion, withSubresource } from "../../../lib/commands/question/plain-question.ts";

const questions: { words: [verb: string, what: string]; attributes: object; namespaced: boolean }[] = [
  { words: ["get", "/healthz"], attributes: { verb: "get", path: "/healthz" }, namespaced: false },
  { words: ["list", "pods"], attributes: { verb: "list", apiGroup: "", resource: "pods" }, namespaced: true },
  {
    words: ["get", "deploy/web"],
    attributes: { verb: "get", apiGroup: "apps", resource: "deployments", name: "web" },
    namespaced: true,
  },
  {
    words: ["get", "deployments.apps/web"],
    attributes: { verb: "get", apiGroup: "apps", resource: "deployments", name: "web" },
    namespaced: true,
  },
  {
    words: ["get", "deployments.v1.apps/web"],
    attributes: { verb: "get", apiGroup: "apps", resource: "deployments", name: "web" },
    namespaced: true,
  },
  { words: ["list", "pods.v1."], attributes: { verb: "list", apiGroup: "", resource: "pods" }, namespaced: true },
  {
    words: ["get", "mirrordoperators.operator.metalbear.co/operator"],
    attributes: { verb: "get", apiGroup: "operator.metalbear.co", resource: "mirrordoperators", name: "operator" },
    namespaced: false,
  },
  {
    words: ["create", "mirrordclusteroperatorusercredentials.operator.metalbear.co"],
    attributes: {
      verb: "create",
      apiGroup: "operator.metalbear.co",
      resource: "mirrordclusteroperatorusercredentials",
    },
    namespaced: false,
  },
  {
    words: ["list", "mirrordpolicies"],
    attributes: { verb: "list", apiGroup: "policies.mirrord.metalbear.co", resource: "mirrordpolicies" },
    namespaced: true,
  },
  {
    words: ["list", "mirrordclusterpolicy"],
    attributes: { verb: "list", apiGroup: "policies.mirrord.metalbear.co", resource: "mirrordclusterpolicies" },
    namespaced: false,
  },
  { words: ["list", "events"], attributes: { apiGroup: "", resource: "events" }, namespaced: true },
  {
    words: ["watch", "events.operator.metalbear.co"],
    attributes: { apiGroup: "operator.metalbear.co", resource: "events" },
    namespaced: false,
  },
  { words: ["get", "nodes"], attributes: { apiGroup: "", resource: "nodes" }, namespaced: false },
  {
    words: ["bind", "clusterroles.rbac.authorization.k8s.io/view"],
    attributes: { apiGroup: "rbac.authorization.k8s.io", resource: "clusterroles", name: "view" },
    namespaced: false,
  },
  {
    words: ["create", "pods/web/exec"],
    attributes: { apiGroup: "", resource: "pods", name: "web", subresource: "exec" },
    namespaced: true,
  },
  {
    words: ["create", "mirrordoperators.operator.metalbear.co/operator/certificate"],
    attributes: { resource: "mirrordoperators", name: "operator", subresource: "certificate" },
    namespaced: false,
  },
  {
    words: ["create", "pod/exec"],
    attributes: { apiGroup: "", resource: "pods", name: "exec", subresource: undefined },
    namespaced: true,
  },
  {
    words: ["get", "secrets/status"],
    attributes: { apiGroup: "", resource: "secrets", name: "status", subresource: undefined },
    namespaced: true,
  },
  {
    words: ["get", "widgets.example.com/a/b"],
    attributes: { apiGroup: "example.com", resource: "widgets", name: "a/b" },
    namespaced: true,
  },
];
for (const { words, attributes, namespaced } of questions) {
  t.test(`${words.join(" ")} is what kubectl would ask`, async (t) => {
    const question = plainQuestion(...words);
    t.match(question, { kind: "plain", attributes, namespaced });
    t.same(question.warnings, []);
  });
}

t.test("a namespace is in itself, as for the API server", async (t) => {
  t.match(plainQuestion("get", "ns/dev"), {
    attributes: { resource: "namespaces", name: "dev", namespace: "dev" },
    namespaced: false,
  });
  for (const verb of ["update", "patch", "delete"])
    t.match(plainQuestion(verb, "ns/dev"), { attributes: { namespace: "dev" } });
  t.notOk("namespace" in plainQuestion("list", "namespaces").attributes);
  for (const verb of ["list", "watch", "create", "deletecollection", "*"])
    t.notOk("namespace" in plainQuestion(verb, "ns/dev").attributes, `${verb} goes to the collection`);
});

t.test("a type that is not known is asked about as it is written, and that is said", async (t) => {
  t.match(plainQuestion("get", "Widgets"), {
    attributes: { apiGroup: "", resource: "Widgets" },
    warnings: [/"Widgets" is not known here/],
  });
});

t.test("a verb that is not known is asked about, and that is said", async (t) => {
  t.match(plainQuestion("stealing", "pods"), { warnings: ['verb "stealing" is not a known verb'] });
  t.same(plainQuestion("impersonate-on:user-info:get", "pods").warnings, []);
  t.same(plainQuestion("gte", "pods").warnings, ['verb "gte" is not a known verb; did you mean get?']);
  t.same(plainQuestion("frobnicate", "pods").warnings, ['verb "frobnicate" is not a known verb']);
  t.same(plainQuestion("pst", "/logs").warnings, ['verb "pst" is not a known verb; did you mean post?']);
  t.same(plainQuestion("list", "/logs").warnings, ['verb "list" is not a known verb']);
  t.same(plainQuestion("head", "/logs").warnings, []);
});

for (const [verb, what, expected] of [
  ["get", "pods", false],
  ["gte", "pods", true],
  ["frobnicate", "widgets.example.com", true],
  ["list", "widgets", true],
  ["list", "widgets.example.com", false],
  ["get", "*", false],
  ["*", "*", false],
  ["impersonate", "users", false],
  ["impersonate:user-info", "uids", false],
  ["get", "/logs", false],
  ["*", "/logs", false],
  ["gte", "/logs", true],
] as const)
  t.test(`${verb} ${what} is ${expected ? "nonsense" : "something that somebody could need"}`, async (t) =>
    t.equal(isNonsense(plainQuestion(verb, what)), expected),
  );

t.test(
  "a subresource behind the plural is one, and this is said; where a flag names another, it is a name",
  async (t) => {
    const exec = plainQuestion("create", "pods/exec");
    t.match(exec, {
      attributes: { resource: "pods", subresource: "exec", name: undefined },
      warnings: ["pods/exec is taken for the subresource exec of pods; a pod called exec is written pod/exec"],
    });
    t.match(withSubresource(exec, "log"), {
      attributes: { name: "exec", subresource: "log" },
      warnings: { length: 0 },
    });
    const named = plainQuestion("create", "pods/web/exec");
    t.match(withSubresource(named, "log"), { attributes: { name: "web/exec", subresource: "log" } });
    t.match(withSubresource(plainQuestion("list", "pods"), "log"), {
      attributes: { name: undefined, subresource: "log" },
    });
    t.same(withSubresource(plainQuestion("get", "/healthz"), "log").attributes, { verb: "get", path: "/healthz" });
  },
);

t.test("subresources that the server says of a type of its own", async (t) => {
  const type = { group: "example.com", version: "v1", resource: "widgets", kind: "Widget", namespaced: true };
  const served = [{ ...type, subresources: ["scale"] }];
  t.match(plainQuestion("update", "widgets.example.com/x/scale", served).attributes, {
    name: "x",
    subresource: "scale",
  });
  t.match(plainQuestion("update", "widgets.example.com/scale", served).attributes, { subresource: "scale" });
  t.match(plainQuestion("update", "widgets.example.com/scale", [type]).attributes, { name: "scale" });
});
