import t from "tap";
import { allowedRules, checkRules, clusterScoped } from "../../lib/access/allow.ts";
import { UserError } from "../../lib/errors.ts";
import type { ResourceType } from "../../lib/kubernetes/object.ts";
import { nativeResources, resourceType } from "../../lib/kubernetes/resources.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { saysKept } from "../kept-text.ts";

const widgets = ["a.example.com", "b.example.com"].map((group) =>
  resourceType(`${group}/v1`, "Namespaced", "widgets", "Widget"),
);
const gadgets: ResourceType = {
  ...resourceType("c.io/v1", "Cluster", "gadgets", "Gadget", "gd"),
  subresources: ["spin"],
};
const events = resourceType("events.k8s.io/v1", "Namespaced", "events", "Event");
const known = { types: [...Object.values(nativeResources), events, ...widgets, gadgets], silent: [] };
const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  ...(resourceNames === undefined ? {} : { resourceNames }),
  verbs,
});

const rules: { allow: string[]; want: PolicyRule[] }[] = [
  { allow: ["get,list:pods"], want: [rule("", ["pods"], ["get", "list"])] },
  { allow: ["list, get:Pod, po , pods"], want: [rule("", ["pods"], ["get", "list"])] },
  { allow: ["get:deploy"], want: [rule("apps", ["deployments"], ["get"])] },
  { allow: ["get:deployments.apps"], want: [rule("apps", ["deployments"], ["get"])] },
  {
    allow: ["get:pods", "get:services", "get:deployments"],
    want: [rule("", ["pods", "services"], ["get"]), rule("apps", ["deployments"], ["get"])],
  },
  { allow: ["create:pods/exec,pods/attach"], want: [rule("", ["pods/attach", "pods/exec"], ["create"])] },
  { allow: ["get:secrets/b", "get:secrets/a"], want: [rule("", ["secrets"], ["get"], ["a", "b"])] },
  {
    allow: ["get:secrets/a", "get:secrets"],
    want: [rule("", ["secrets"], ["get"], ["a"]), rule("", ["secrets"], ["get"])],
  },
  { allow: ["create:pods/exec/web"], want: [rule("", ["pods/exec"], ["create"], ["web"])] },
  { allow: ["get:pods//exec"], want: [rule("", ["pods"], ["get"], ["exec"])] },
  { allow: ["patch:deployments/scale"], want: [rule("apps", ["deployments/scale"], ["patch"])] },
  { allow: ["get:gd"], want: [rule("c.io", ["gadgets"], ["get"])] },
  { allow: ["update:gadgets.c.io/spin"], want: [rule("c.io", ["gadgets/spin"], ["update"])] },
  { allow: ["get:events"], want: [rule("", ["events"], ["get"])] },
  { allow: ["get:events.events.k8s.io"], want: [rule("events.k8s.io", ["events"], ["get"])] },
  { allow: ["get:widgets.a.example.com"], want: [rule("a.example.com", ["widgets"], ["get"])] },
  { allow: ["get:/healthz,/livez"], want: [{ nonResourceURLs: ["/healthz", "/livez"], verbs: ["get"] }] },
  { allow: ["get:*"], want: [rule("*", ["*"], ["get"])] },
  { allow: ["get:*.apps"], want: [rule("apps", ["*"], ["get"])] },
  { allow: ["get:*/scale"], want: [rule("*", ["*/scale"], ["get"])] },
  { allow: ["*:pods"], want: [rule("", ["pods"], ["*"])] },
];
for (const { allow, want } of rules)
  t.test(`${allow.join(" and ")} is allowed`, async (t) => {
    t.same(allowedRules(allow, known), want);
    checkRules(want, known);
  });

const refused: { allow: string; says: RegExp; silent?: string[] }[] = [
  { allow: "", says: /does not say what is allowed/ },
  { allow: "pods", says: /does not say what is allowed/ },
  { allow: "get:", says: /does not say what is allowed/ },
  { allow: ":pods", says: /does not say what is allowed/ },
  { allow: "get,:pods", says: /does not say what is allowed/ },
  { allow: "get:pods,", says: /does not say what is allowed/ },
  { allow: "get:pods/", says: /does not name a type/ },
  { allow: "get:pods//", says: /does not name a type/ },
  { allow: "get:pods/exec/", says: /does not name a type/ },
  { allow: "get:a/b/c/d", says: /does not name a type/ },
  { allow: "gte:pods", says: /"gte" is not a verb[^]*Did you mean "get"/ },
  { allow: "read:pods", says: /"read" is not a verb[^]*The verbs are get, list/ },
  { allow: "get:deploymets", says: /a resource type "deploymets"[^]*Did you mean "deployments"/ },
  { allow: "get:deployments.batch", says: /Did you mean "deployments\.apps"/ },
  { allow: "get:pods.apps", says: /Did you mean "pods"/ },
  ...[
    ["volumes", "persistentvolumeclaims"],
    ["volume", "persistentvolumeclaims"],
    ["containers", "pods"],
    ["networks", "networkpolicies.networking.k8s.io"],
    ["configs", "configmaps"],
    ["stacks", "deployments.apps"],
  ].map(([swarm, native]) => ({
    allow: `get:${swarm}`,
    says: new RegExp(`a resource type "${swarm}"[^]*Nearest to it in Kubernetes: ${native}\\.`, "u"),
  })),
  { allow: "get:zebras", says: /a resource type "zebras"/ },
  { allow: "get:zebras.a.example.com", says: /a resource type "zebras/, silent: ["metrics.k8s.io"] },
  { allow: "get:widgets", says: /a type of a\.example\.com and of b\.example\.com/ },
  { allow: "create:pods/exce", says: /no subresource "exce"[^]*"pods\/exec"[^]*pods\/\/exce/ },
  { allow: "create:pods/exce/web", says: /no subresource "exce"[^]*Did you mean "exec"/ },
  { allow: "get:gadgets/zebra/web", says: /It has spin/ },
  { allow: "create:secrets/a", says: /create cannot be limited to secrets\/a/ },
];
for (const { allow, says, silent = [] } of refused)
  t.test(`${JSON.stringify(allow)} is refused`, async (t) => {
    saysKept(t, import.meta.filename, allow, () => allowedRules([allow], { ...known, silent }));
    try {
      allowedRules([allow], { ...known, silent });
      t.fail("allowed");
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      t.equal(error.kind, "usage");
      t.match(`${error.message}\n${error.hint ?? ""}`, says);
    }
  });

t.test("a type that a group may have which did not say so is neither there nor not", async (t) => {
  for (const [allow, silent, says] of [
    ["get:zebras", ["metrics.k8s.io"], /is not known[^]*did not say which types they have: metrics\.k8s\.io/],
    ["get:zebras.metrics.k8s.io", ["", "metrics.k8s.io"], /did not say which types they have: core, metrics/],
  ] as const) {
    try {
      allowedRules([allow], { ...known, silent });
      t.fail("allowed");
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      t.equal(error.kind, "undetermined", allow);
      t.match(`${error.message}\n${error.hint ?? ""}`, says);
    }
  }
});

const faulty: { name: string; rule: PolicyRule; says: RegExp }[] = [
  { name: "a verb", rule: rule("", ["pods"], ["gett"]), says: /"gett" is not a verb/ },
  { name: "a type", rule: rule("apps", ["deployment"], ["get"]), says: /a resource type "deployment\.apps"/ },
  { name: "a group", rule: rule("batch", ["pods"], ["get"]), says: /a resource type "pods\.batch"/ },
  { name: "a subresource", rule: rule("", ["pods/exce"], ["get"]), says: /no subresource "exce"/ },
  { name: "one that is like no other", rule: rule("", ["pods/zebra"], ["get"]), says: /no subresource "zebra"/ },
];
for (const { name, rule: given, says } of faulty)
  t.test(`a written rule with ${name} that is not there is refused`, async (t) => {
    t.throws(() => checkRules([given], known), { message: says });
    saysKept(t, import.meta.filename, name, () => checkRules([given], known));
  });

t.test("a grant in namespaces cannot give what has none", async (t) => {
  const { types } = known;
  t.same(clusterScoped([rule("", ["nodes", "pods"], ["get"]), rule("", ["nodes/proxy"], ["get"])], types), [
    "nodes",
    "nodes/proxy",
  ]);
  t.same(clusterScoped([rule("", ["namespaces"], ["get"])], types), []);
  t.same(clusterScoped([rule("", ["namespaces"], ["get", "list"])], types), ["namespaces"]);
  t.same(clusterScoped([{ nonResourceURLs: ["/healthz"], verbs: ["get"] }], types), ["/healthz"]);
  t.same(clusterScoped([rule("", ["secrets"], ["get"])], types), []);
});
