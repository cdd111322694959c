import t from "tap";
import { privilegedOptions } from "../../../lib/access/privileged-options.ts";
import { quote } from "../../../lib/install/secure-defaults/expressions.ts";
import { policyObjects } from "../../../lib/install/secure-defaults/policies.ts";

const enforced = policyObjects({ enforcement: "enforce", localClasses: ["local-disk"] });
const audited = policyObjects({ enforcement: "audit", localClasses: [] });

const names = (objects: readonly { metadata: { name?: string } }[]) =>
  objects.map(({ metadata }) => metadata.name ?? "");
const actions = ({ bindings }: typeof enforced) =>
  Object.fromEntries(bindings.map(({ metadata, spec }) => [metadata.name, spec?.validationActions]));

t.test("each policy has a binding of its name", async (t) => {
  t.same(names(enforced.bindings), names(enforced.policies));
  t.equal(new Set(names(enforced.policies)).size, 9);
});

t.test("audit lets everything through but what would undo the exemptions", async (t) => {
  for (const [name, given] of Object.entries(actions(audited)))
    t.same(given, name.includes("guard-") ? ["Deny"] : ["Audit", "Warn"], name);
  for (const given of Object.values(actions(enforced))) t.same(given, ["Deny"]);
});

t.test("every policy fails closed, answers 403, and leaves kube-system alone", async (t) => {
  for (const { spec } of enforced.policies) {
    t.equal(spec?.failurePolicy, "Fail");
    t.same(
      spec?.validations?.map(({ reason }) => reason),
      ["Forbidden"],
      "one validation: only the first that fails is told",
    );
    t.match(spec?.matchConstraints?.namespaceSelector, {
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system"] }],
    });
  }
});

t.test("every kind that has a pod in it is judged", async (t) => {
  const judged = enforced.policies.flatMap(
    ({ spec }) => spec?.matchConstraints?.resourceRules?.flatMap(({ resources = [] }) => resources) ?? [],
  );
  t.same(judged.toSorted(), [
    "clusterrolebindings",
    "clusterroles",
    "controllerrevisions",
    "cronjobs",
    "daemonsets",
    "deployments",
    "jobs",
    "jobs",
    "jobs/status",
    "persistentvolumes",
    "pods",
    "pods/ephemeralcontainers",
    "podtemplates",
    "replicasets",
    "replicationcontrollers",
    "rolebindings",
    "roles",
    "statefulsets",
  ]);
});

t.test("no expression asks the authorizer more than twice: a third would fail when it is run", async (t) => {
  for (const { spec } of enforced.policies) {
    const all = [...(spec?.variables ?? []), ...(spec?.validations ?? []), ...(spec?.matchConditions ?? [])];
    for (const { expression } of all) t.ok((expression?.match(/\.check\(/g) ?? []).length <= 2, expression);
    const message = spec?.validations?.[0]?.messageExpression;
    if (message !== undefined) t.notMatch(message, /authorizer|administrator|exempt|may_/, "nor may a message");
  }
});

t.test("each option is a variable of every policy about pods", async (t) => {
  const pods = enforced.policies.filter(({ spec }) => spec?.variables?.some(({ name }) => name === "spec"));
  t.equal(pods.length, 5);
  for (const { spec } of pods) {
    const given = new Set(spec?.variables?.map(({ name }) => name));
    for (const { name } of privilegedOptions) t.ok(given.has(name) && given.has(`may_${name}`), name);
  }
});

t.test("a text in an expression stays one", async (t) => {
  t.equal(quote(String.raw`it's \n`), String.raw`'it\'s \\n'`);
});

const podSpecs: Record<string, string> = {
  pods: "spec",
  workloads: "spec.template.spec",
  cronjobs: "spec.jobTemplate.spec.template.spec",
  podtemplates: "template.spec",
  revisions: "data.spec.template.spec",
};
const conditionNames: Record<string, string[]> = {
  pods: ["changed", "by-no-controller", "no-mirror-of-a-static-pod"],
  workloads: ["changed", "by-no-controller"],
  cronjobs: ["changed"],
  podtemplates: ["changed"],
  revisions: ["has-a-pod", "changed", "by-no-controller"],
};
const ending = (name: string) =>
  enforced.policies.find(({ metadata }) => metadata.name?.endsWith(`-${name}`) === true)?.spec;

for (const [name, path] of Object.entries(podSpecs)) {
  t.test(`of ${name} what is at ${path} is judged where that changes`, async (t) => {
    const spec = ending(name);
    t.equal(spec?.variables?.find((variable) => variable.name === "spec")?.expression, `object.${path}`);
    t.same(
      spec?.matchConditions?.map((condition) => condition.name),
      conditionNames[name],
    );
    t.equal(
      spec?.matchConditions?.find((condition) => condition.name === "changed")?.expression,
      `request.operation == 'CREATE' || object.${path} != oldObject.${path}`,
    );
    t.equal(
      spec?.variables?.find((variable) => variable.name === "exempt")?.expression,
      privilegedOptions
        .map((option) => `(size(variables.${option.name}) == 0 || variables.may_${option.name})`)
        .join(" && "),
    );
    t.equal(
      spec?.variables?.some((variable) => variable.name === "ephemeral"),
      name === "pods",
    );
  });
}

t.test("a volume of a class on a node's own disk is found only where such classes are named", async (t) => {
  const found = ({ policies }: typeof enforced) =>
    policies
      .find(({ metadata }) => metadata.name?.endsWith("-volumes") === true)
      ?.spec?.variables?.find(({ name }) => name === "found")?.expression;
  const own = "(has(object.spec.local) ? ['spec.local'] : []) + (has(object.spec.hostPath) ? ['spec.hostPath'] : [])";
  t.equal(found(audited), own);
  t.equal(
    found(enforced),
    `${own} + (has(object.spec.storageClassName) && object.spec.storageClassName in ['local-disk'] ? ['spec.storageClassName'] : [])`,
  );
});
