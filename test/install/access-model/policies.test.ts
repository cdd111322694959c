import t from "tap";
import { accessModel } from "../../../lib/access/names.ts";
import { guardObjects } from "../../../lib/install/access-model/policies.ts";

const { policies, bindings } = guardObjects();
const named = (name: string) => policies.find(({ metadata }) => metadata.name === name)?.spec;
const conditions = (name: string) => JSON.stringify(named(name)?.matchConditions);

t.test("each policy has a binding of its name that denies", async (t) => {
  t.same(
    bindings.map(({ metadata }) => metadata.name),
    policies.map(({ metadata }) => metadata.name),
  );
  for (const { metadata, spec } of bindings) {
    t.match(spec, { policyName: metadata.name, validationActions: ["Deny"] });
  }
});

t.test("each fails closed, answers 403, and leaves out no namespace by a label", async (t) => {
  for (const { metadata, spec } of policies) {
    t.equal(spec?.failurePolicy, "Fail");
    t.match(spec?.validations, [{ reason: "Forbidden" }]);
    const selector = spec?.matchConstraints?.namespaceSelector;
    t.same(
      selector,
      metadata.name === accessModel.syncPolicy
        ? { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["mirrord-access"] }] }
        : {},
    );
  }
});

const resources: Record<string, string[]> = {
  [accessModel.policy]: ["rolebindings", "clusterrolebindings"],
  [accessModel.rolePolicy]: ["roles", "clusterroles"],
  [accessModel.anchorPolicy]: ["jobs", "jobs/status"],
  [accessModel.namespacePolicy]: ["namespaces", "namespaces/status", "namespaces/finalize"],
  [accessModel.labelPolicy]: ["namespaces", "namespaces/status", "namespaces/finalize"],
  [accessModel.organizationPolicy]: ["organizations", "organizations/*", "customresourcedefinitions"],
  [accessModel.syncPolicy]: [
    "cronjobs",
    "configmaps",
    "jobs",
    "deployments",
    "daemonsets",
    "statefulsets",
    "replicasets",
    "replicationcontrollers",
    "pods",
    "pods/ephemeralcontainers",
    "pods/exec",
    "pods/attach",
    "secrets",
    "serviceaccounts/token",
  ],
};
for (const [name, expected] of Object.entries(resources)) {
  t.test(`${name} looks at ${expected.join(", ")}`, async (t) => {
    const rules = named(name)?.matchConstraints?.resourceRules ?? [];
    t.same(
      rules.flatMap(({ resources: plurals = [] }) => plurals),
      expected,
    );
    t.ok(rules.every(({ scope }) => scope === "*"));
  });
}
t.test("there are no others", async (t) => {
  t.same(new Set(policies.map(({ metadata }) => metadata.name)), new Set(Object.keys(resources)));
});

const exempt: [policy: string, controllers: string[]][] = [
  [accessModel.policy, ["generic-garbage-collector", "namespace-controller"]],
  [accessModel.rolePolicy, ["clusterrole-aggregation-controller", "generic-garbage-collector", "namespace-controller"]],
  [
    accessModel.anchorPolicy,
    ["generic-garbage-collector", "job-controller", "namespace-controller", "ttl-after-finished-controller"],
  ],
  [accessModel.namespacePolicy, []],
  [accessModel.labelPolicy, []],
  [accessModel.organizationPolicy, ["generic-garbage-collector"]],
];
for (const [name, controllers] of exempt) {
  t.test(`${name} lets exactly these controllers go on: ${controllers.join(", ") || "none"}`, async (t) => {
    const text = conditions(name);
    const found = [...text.matchAll(/system:serviceaccount:kube-system:([a-z-]+)/g)].map(([, one]) => one);
    t.same(new Set(found), new Set(controllers));
    t.notMatch(text, "['CREATE'", "none of them makes anything that says who has access");
  });
}

t.test("whoever is refused is told what only an administrator can do, and the audit log who did it", async (t) => {
  for (const { metadata, spec } of policies) {
    const isAboutLabels = metadata.name === accessModel.labelPolicy;
    t.match(spec?.validations?.[0]?.message, isAboutLabels ? /is a path such as/ : /^only an administrator can /);
    t.equal(spec?.auditAnnotations?.length, isAboutLabels ? undefined : 1);
    const annotation = spec?.auditAnnotations?.[0]?.valueExpression ?? "request.userInfo.username";
    t.match(annotation, /^request\.userInfo\.username/);
  }
});

t.test("no expression asks the authorizer more than twice: a third would fail when it is run", async (t) => {
  for (const { spec } of policies) {
    const all = [...(spec?.variables ?? []), ...(spec?.validations ?? []), ...(spec?.matchConditions ?? [])];
    for (const { expression } of all) t.ok((expression?.match(/\.check\(/g) ?? []).length <= 2, expression);
    t.notMatch(
      all.map(({ expression }) => expression).join(" "),
      /\.namespace\(/,
      "an administrator is one in all namespaces",
    );
  }
});

t.test("labels are looked at only where a namespace moves, and what is emptied is let go", async (t) => {
  t.same(
    named(accessModel.labelPolicy)?.matchConditions?.map(({ name }) => name),
    ["moving"],
  );
  const by = (controller: string, operations: string) =>
    new RegExp(`\\[${operations}\\][^]*${controller}|${controller}[^]*\\[${operations}\\]`, "u");
  t.match(conditions(accessModel.policy), by("namespace-controller", "'DELETE'"));
  t.match(conditions(accessModel.policy), by("generic-garbage-collector", "'UPDATE', 'DELETE'"));
});
