import t from "tap";
import type { CurrentState } from "../../../lib/install/plan/current.ts";
import { installPlan } from "../../../lib/install/plan/plan.ts";
import { secretReferences } from "../../../lib/install/plan/restart.ts";
import { typedObjects, type TypedObject } from "../../../lib/install/plan/typed-objects.ts";
import { secretAsStored, wantedObjects } from "../../../lib/install/plan/wanted.ts";
import { renderOperator } from "../../../lib/install/render.ts";
import { UserError } from "../../../lib/errors.ts";
import { objectIn } from "../../../lib/json.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { helmObject } from "../helm-objects.ts";

const nobody = { discover: async () => undefined };
const empty: CurrentState = { stored: [], installed: { objects: [], unreadable: [] }, secrets: [] };
const rendered = await typedObjects(renderOperator({ license: { key: "k" } }), nobody, "mirrord");

t.test("objects get the namespace that they do not say, and lose the one that they cannot have", async (t) => {
  const typed = await typedObjects(
    [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "own" } },
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "c", namespace: "x" } },
    ],
    nobody,
    "ops",
  );
  t.same(
    typed.map(({ object }) => object.metadata.namespace),
    ["ops", "own", undefined],
  );
});

t.test("a kind is Kubernetes' own, one of the objects', or one that the cluster serves", async (t) => {
  const issuer = { apiVersion: "cert-manager.io/v1", kind: "Issuer", metadata: { name: "i" } };
  const type = { group: "cert-manager.io", version: "v1", resource: "issuers", kind: "Issuer", namespaced: true };
  const served = { discover: async (group: string) => (group === type.group ? [type] : undefined) };
  t.same((await typedObjects([issuer], served, "ops"))[0]?.type, type);
  await t.rejects(typedObjects([issuer], nobody, "ops"), {
    kind: "refused",
    message: /serves no Issuer of cert-manager.io\/v1/,
  });
  const own = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "issuers.cert-manager.io" },
    spec: {
      group: type.group,
      scope: "Namespaced",
      names: { plural: "issuers", kind: "Issuer" },
      versions: [{ name: "v1" }],
    },
  };
  t.match((await typedObjects([own, issuer], nobody, "ops"))[1]?.type, { resource: "issuers" });
});

t.test("one object twice is an error", async (t) => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "ops" } };
  await t.rejects(typedObjects([object, object], nobody, "ops"), {
    kind: "usage",
    message: /configmap\/a .* is there twice/,
  });
});

t.test("a Secret is written with data only", async (t) => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    stringData: { a: "x", b: "é" },
    data: { a: "", c: "Yw==" },
  };
  const stored = secretAsStored(secret);
  t.same(stored["data"], { a: "eA==", b: "w6k=", c: "Yw==" });
  t.notOk("stringData" in stored);
  const other = { apiVersion: "x/v1", kind: "Secret", metadata: { name: "s" }, stringData: {} };
  t.equal(secretAsStored(other), other, "a Secret of another group is not one");
});

t.test("namespace, definitions, roles, bindings, Service, Deployment, APIService: in this order", async (t) => {
  const stages = new Map(wantedObjects(rendered, "operator").map(({ object, stage }) => [object.kind, stage]));
  const order = [
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "Service",
    "Deployment",
    "APIService",
  ];
  const found = order.map((kind) => stages.get(kind) ?? -1);
  t.same(found, [0, 1, 2, 3, 4, 5, 6]);
  t.equal(stages.get("Secret"), 2);
});

const find = (plan: readonly { object: KubernetesObject }[], kind: string) =>
  plan.find(({ object }) => object.kind === kind)?.object;
const digest = ({ plan }: ReturnType<typeof installPlan>) => {
  const template = objectIn(objectIn(find(plan, "Deployment")?.["spec"])["template"]);
  return objectIn(objectIn(template["metadata"])["annotations"])["kubectl-mirrord.io/secrets-digest"];
};
const withReference = await typedObjects(renderOperator({ license: { keyRef: "licence" } }), nobody, "mirrord");
const secret = (data: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "licence", namespace: "mirrord" },
  data,
});
const reference = { namespace: "mirrord", name: "licence", keys: ["OPERATOR_LICENSE_KEY"] };
const reading = (value: KubernetesObject | undefined): CurrentState => ({
  ...empty,
  secrets: [{ reference, read: { failed: false, value } }],
});

t.test("the pods' template has a digest of what they read, which follows the content and not the order", async (t) => {
  const other = await typedObjects(renderOperator({ license: { key: "other" } }), nobody, "mirrord");
  t.match(digest(installPlan(rendered, empty)), /^[0-9a-f]{32}$/);
  t.equal(digest(installPlan(rendered, empty)), digest(installPlan(rendered.toReversed(), empty)));
  t.not(digest(installPlan(rendered, empty)), digest(installPlan(other, empty)));
  const one = digest(installPlan(withReference, reading(secret({ OPERATOR_LICENSE_KEY: "YQ==", b: "" }))));
  t.equal(one, digest(installPlan(withReference, reading(secret({ b: "", OPERATOR_LICENSE_KEY: "YQ==" })))));
  t.not(one, digest(installPlan(withReference, reading(secret({ OPERATOR_LICENSE_KEY: "Yg==" })))));
});

t.test("a Secret that may not be read is no reason to replace the pods", async (t) => {
  const failed = { failed: true as const, error: new UserError("undetermined", "forbidden"), status: 403 };
  const state: CurrentState = { ...empty, secrets: [{ reference, read: failed }] };
  t.equal(digest(installPlan(withReference, state)), undefined);
  const live = installPlan(withReference, reading(secret({ OPERATOR_LICENSE_KEY: "YQ==" })));
  const object = find(live.plan, "Deployment");
  t.ok(object);
  const stored = object === undefined ? [] : [{ type: nativeResources.deployments, object }];
  t.equal(digest(installPlan(withReference, { ...state, stored })), digest(live));
  t.same(installPlan(withReference, state).warnings, []);
});

t.test("which Secrets pods read, and what has to be in them", async (t) => {
  const values = {
    license: { pemRef: "pem" },
    cloud: { apiKey: { keyRef: "cloud" } },
    tls: { useExistingSecret: true },
  };
  const deployment = renderOperator(values).find(({ kind }) => kind === "Deployment");
  t.ok(deployment);
  t.same(deployment && secretReferences(deployment), [
    { namespace: "mirrord", name: "cloud", keys: ["apiKey"] },
    { namespace: "mirrord", name: "mirrord-operator-tls", keys: [] },
    { namespace: "mirrord", name: "pem", keys: ["license.pem"] },
  ]);
});

t.test("what Helm had besides goes, and its record after everything", async (t) => {
  const release = { name: "op", namespace: "tools" };
  const typed = (kind: "ConfigMap" | "Secret", name: string): TypedObject => ({
    type: kind === "Secret" ? nativeResources.secrets : nativeResources.configMaps,
    object: { apiVersion: "v1", kind, metadata: { name, namespace: "mirrord" } },
  });
  const helms = helmObject({ ...(rendered[0]?.object ?? { apiVersion: "", kind: "", metadata: {} }) }, release);
  const managedFields = [{ manager: "helm", operation: "Update", fieldsV1: { "f:metadata": { "f:labels": {} } } }];
  const [first] = rendered;
  t.ok(first);
  if (first === undefined) return;
  const stored = [{ type: first.type, object: { ...helms, metadata: { ...helms.metadata, managedFields } } }];
  const helm = { surplus: [typed("ConfigMap", "only-helms")], releases: [typed("Secret", "record")] };
  const { plan } = installPlan(rendered, { ...empty, stored }, { helm });
  t.match(plan[0], { action: "update", adopts: { managers: ["helm"] } });
  t.same(
    plan.slice(-2).map(({ action, object }) => `${action} ${object.metadata.name}`),
    ["delete only-helms", "delete record"],
  );
  t.equal(installPlan(rendered, { ...empty, stored }).plan[0]?.adopts, undefined, "not without being asked for");
});

t.test("kinds that may not be listed are said", async (t) => {
  const installed = { objects: [], unreadable: [nativeResources.secrets] };
  t.match(installPlan(rendered, { ...empty, installed }).notes, [/^secrets could not be listed/]);
});

t.test("taking over what others manage is asked for", async (t) => {
  const [first] = rendered;
  t.ok(first);
  if (first === undefined) return;
  const object = { ...first.object, metadata: { ...first.object.metadata, labels: {} } };
  const stored = [{ type: first.type, object }];
  t.notOk(installPlan([first], { ...empty, stored }).plan[0]?.force);
  t.ok(installPlan([first], { ...empty, stored }, { forceConflicts: true }).plan[0]?.force);
});

t.test(
  "a Secret that is not there, or lacks what the operator reads of it, is warned of and written nowhere",
  async (t) => {
    const warnings = (value: KubernetesObject | undefined) => installPlan(withReference, reading(value)).warnings;
    const what = "secret/licence in namespace mirrord";
    t.same(warnings(undefined), [`there is no ${what}: the operator's pods wait for it`]);
    t.same(warnings(secret({})), [`${what} has no key OPERATOR_LICENSE_KEY, which the operator needs`]);
    t.same(warnings(secret({ OPERATOR_LICENSE_KEY: "" })), []);
    const keys = ["a", "b", "c"];
    const several = {
      ...empty,
      secrets: [{ reference: { ...reference, keys }, read: { failed: false as const, value: secret({ b: "" }) } }],
    };
    t.same(installPlan(withReference, several).warnings, [`${what} has no key a, c, which the operator needs`]);
  },
);

const podsAreReplaced = "the operator's pods are replaced, and running sessions have to connect again";

t.test("that pods are replaced is said where the template of the Deployment changes, and only there", async (t) => {
  const deployment = rendered.find(({ object }) => object.kind === "Deployment");
  const service = rendered.find(({ object }) => object.kind === "Service");
  if (deployment === undefined || service === undefined) throw new Error("there is none");
  const written = find(installPlan(rendered, empty).plan, "Deployment");
  if (written === undefined) throw new Error("it is not written");
  const notes = (object: KubernetesObject) =>
    installPlan(rendered, { ...empty, stored: [{ type: deployment.type, object }] }).notes;
  t.same(notes(written), [], "as it is");
  const spec = objectIn(written["spec"]);
  t.same(notes({ ...written, spec: { ...spec, replicas: 7 } }), [], "another number of pods");
  const { labels: _labels, ...metadata } = written.metadata;
  t.same(notes({ ...written, metadata }), [], "other labels of the Deployment itself");
  const template = { ...objectIn(spec["template"]), spec: { containers: [] } };
  t.same(notes({ ...written, spec: { ...spec, template } }), [podsAreReplaced]);
  t.same(installPlan(rendered, empty).notes, [], "where there is none yet, none are replaced");
  const changed = { ...service.object, spec: { template: 1 } };
  t.same(installPlan(rendered, { ...empty, stored: [{ type: service.type, object: changed }] }).notes, []);
});
