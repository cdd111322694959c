import t from "tap";
import { readUninstallFacts, type UninstallFacts } from "../../lib/install/uninstall-facts.ts";
import { keptNamespace, uninstallPlan, uninstallStages } from "../../lib/install/uninstall-plan.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { UserError } from "../../lib/errors.ts";
import type { Stored } from "../../lib/kubernetes/plan.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { saysKept } from "../kept-text.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { installedCluster } from "./installed-cluster.ts";

const object = (apiVersion: string, kind: string, metadata: KubernetesObject["metadata"], more: object = {}) => ({
  apiVersion,
  kind,
  metadata,
  ...more,
});

const managed = { "app.kubernetes.io/managed-by": "kubectl-mirrord" };
const others = [
  object("mirrord.metalbear.co/v1alpha", "MirrordClusterWorkloadPatch", { name: "scaled" }),
  object("profiles.mirrord.metalbear.co/v1alpha", "MirrordProfile", { name: "plain", namespace: "dev" }),
  object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
    name: "mirrord:grant:jim-abc",
    labels: { "kubectl-mirrord.io/grant": "abc" },
  }),
  object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", { name: "guard", labels: managed }),
  object(
    "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration",
    { name: "own" },
    {
      webhooks: [{ clientConfig: { service: { name: "mirrord-operator", namespace: "mirrord" } } }],
    },
  ),
];

function full(change?: (one: KubernetesObject) => KubernetesObject | undefined, values = {}): MemoryCluster {
  const cluster = installedCluster(change, values);
  cluster.put(...others);
  return cluster;
}

const planned = async (cluster: MemoryCluster, crds = false, sync = false) => {
  const facts = await readUninstallFacts(cluster, undefined);
  return { facts, ...uninstallPlan(facts, { crds, sync }) };
};

t.test(
  "state goes first, then what is registered, then the workload, then the rest, and one binding last",
  async (t) => {
    const { plan, namespace, kept } = await planned(full());
    const kinds = (stage: number) => plan.filter((change) => change.stage === stage).map(({ type }) => type.kind);
    t.same(kinds(uninstallStages.state), ["MirrordClusterWorkloadPatch"]);
    t.same(kinds(uninstallStages.registration).toSorted(), ["APIService", "MutatingWebhookConfiguration"]);
    t.same(kinds(uninstallStages.workload).toSorted(), ["Deployment", "Service"]);
    t.same(kinds(uninstallStages.binding), ["ClusterRoleBinding"]);
    t.same(kinds(uninstallStages.definitions), []);
    t.equal(namespace?.object.metadata.name, "mirrord");
    t.same(
      kept.filter(({ why }) => why !== "definition").map(({ why, name }) => `${why} ${name}`),
      ["object plain", "grant abc", "guard guard"],
    );
  },
);

t.test("with definitions, what is of their kinds goes before them", async (t) => {
  const { plan, kept } = await planned(full(), true);
  const names = plan
    .filter(({ stage }) => stage === uninstallStages.objects)
    .map(({ object: one }) => one.metadata.name);
  t.same(names, ["plain"]);
  t.equal(plan.filter(({ stage }) => stage === uninstallStages.definitions).length, 10);
  t.same([...new Set(kept.map(({ why }) => why))], ["grant", "guard"]);
});

t.test("a namespace of the cluster's own, or one without our label, stays and is not said to be ours", async (t) => {
  for (const values of [{ namespace: "kube-system" }, { namespace: "tools", createNamespace: false }]) {
    const { namespace, kept } = await planned(full(undefined, values));
    t.equal(namespace, undefined);
    t.notOk(kept.some(({ why }) => why === "namespace"));
  }
});

t.test("a namespace that is being deleted is waited for, not deleted", async (t) => {
  const leaving = (one: KubernetesObject) =>
    one.kind === "Namespace"
      ? { ...one, metadata: { ...one.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }
      : one;
  const { namespace, facts } = await planned(full(leaving));
  t.equal(namespace, undefined);
  t.equal(facts.ending?.object.metadata.name, "mirrord");
});

t.test("what somebody else has in the namespace keeps it; what cannot be listed does, too", async (t) => {
  const cluster = full();
  const spec = { group: "", version: "v1" };
  cluster.put(
    object("apiregistration.k8s.io/v1", "APIService", { name: "v1." }, { spec }),
    object(
      "apiregistration.k8s.io/v1",
      "APIService",
      { name: "v1.metrics.k8s.io" },
      { spec: { ...spec, group: "metrics.k8s.io" } },
    ),
    object("v1", "ConfigMap", { name: "mine", namespace: "mirrord" }),
  );
  const { configMaps, pods, nodes, events } = nativeResources;
  cluster.discover = async (group) => (group === "" ? [configMaps, pods, nodes, events] : []);
  const { namespace, kept } = await planned(cluster);
  t.equal(namespace, undefined);
  t.match(kept.at(-1), { kind: "Namespace", why: "namespace", holds: ["ConfigMap mine"] });
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === "Pod") throw apiFailure(403, "Forbidden", "no pods");
    yield* list(type, options);
  };
  t.match((await planned(cluster)).kept.at(-1)?.holds, ["ConfigMap mine", /perhaps more.*no pods/]);
  cluster.discover = () => Promise.reject(apiFailure(503, "ServiceUnavailable", "down"));
  t.match((await planned(cluster)).kept.at(-1)?.holds, [/down/]);
  cluster.list = async function* (type, options) {
    if (type.kind === "APIService") throw apiFailure(403, "Forbidden", "no services");
    yield* list(type, options);
  };
  t.match((await planned(cluster)).kept.at(-1)?.holds, [/apiservices: .*no services/]);
});

t.test("what may not be listed is named once, and whether the operator answers is known", async (t) => {
  const cluster = full((one) => (one.kind === "APIService" ? { ...one, status: {} } : one));
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === "Secret" || type.kind === "MirrordProfile") throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  const { facts } = await planned(cluster);
  t.same(facts.unreadable, ["mirrordprofiles", "secrets"]);
  t.equal(facts.answers, false);
});

const stored = (kind: string, name: string, namespace?: string): Stored => ({
  type: { group: "g", version: "v1", resource: kind.toLowerCase(), kind, namespaced: namespace !== undefined },
  object: object("g/v1", kind, { name, ...(namespace === undefined ? {} : { namespace }) }),
});
const definitionOf = (kind: string, ...objects: Stored[]) => ({
  definition: object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name: `${kind.toLowerCase()}s` }),
  objects,
});
const operatorsState = [
  "MirrordClusterSession",
  "MirrordMultiClusterSession",
  "MirrordClusterSplitSession",
  "MirrordSQSSession",
  "MirrordRMQSession",
  "MirrordKafkaEphemeralTopic",
  "PreviewSession",
  "BranchDatabase",
  "MysqlBranchDatabase",
  "PgBranchDatabase",
  "MongodbBranchDatabase",
  "MirrordClusterWorkloadPatch",
  "MirrordClusterWorkloadPatchRequest",
  "MirrordClusterExternalResource",
];
const home = stored("Namespace", "mirrord");
const syncHome = { namespace: stored("Namespace", "mirrord-access"), contents: { foreign: [], unknown: [] } };
const everything: UninstallFacts = {
  installed: {
    namespace: "mirrord",
    objects: [
      ...["ClusterRole", "ConfigMap", "Secret", "ServiceAccount"].map((kind) => stored(kind, "x")),
      stored("ClusterRoleBinding", "mirrord-operator"),
      stored("ClusterRoleBinding", "another"),
      ...["APIService", "MutatingWebhookConfiguration", "Deployment", "Service"].map((kind) => stored(kind, "x")),
      home,
    ],
    definitions: [],
    unreadable: [],
  },
  definitions: [
    ...operatorsState.map((kind) => definitionOf(kind, stored(kind, "one"))),
    definitionOf("MirrordPolicy", stored("MirrordPolicy", "p", "dev"), stored("MirrordPolicy", "p", "qa")),
  ],
  sessions: { failed: true, error: new UserError("undetermined", "no"), status: undefined },
  answers: true,
  grants: [{ id: "abc", intent: undefined, binding: undefined, expiresAt: undefined, objects: [] }],
  guards: [stored("ValidatingAdmissionPolicy", "guard")],
  accessModel: [stored("ClusterRoleBinding", "admins"), stored("ConfigMap", "collections", "mirrord-access")],
  grantRoles: [stored("ClusterRole", "mirrord:role:dba")],
  sync: [stored("CronJob", "sync", "mirrord-access"), stored("Role", "sync", "mirrord-access")],
  home: syncHome,
  contents: { foreign: [], unknown: [] },
  ending: undefined,
  unreadable: [],
};
const nothing: UninstallFacts = {
  ...everything,
  installed: { ...everything.installed, objects: [] },
  definitions: [],
  grants: [],
  guards: [],
  accessModel: [],
  grantRoles: [],
  sync: [],
  home: undefined,
  contents: undefined,
};

const bare = { ...nothing, installed: { ...everything.installed, objects: [home] } };

const plans: Record<string, [facts: UninstallFacts, options: { crds: boolean; sync: boolean }]> = {
  "of all, without definitions and sync": [everything, { crds: false, sync: false }],
  "with definitions and sync": [everything, { crds: true, sync: true }],
  "where somebody else has something in the namespace": [
    { ...bare, contents: { foreign: [stored("ConfigMap", "mine", "mirrord")], unknown: [] } },
    { crds: true, sync: true },
  ],
  "where nobody can say what is in the namespace": [
    { ...bare, contents: { foreign: [], unknown: ["pods: no"] } },
    { crds: true, sync: true },
  ],
  "where the namespace was not looked at": [
    { ...bare, contents: undefined },
    { crds: true, sync: true },
  ],
  "where nobody can say what is in the namespace of sync": [
    { ...everything, home: { ...syncHome, contents: { foreign: [], unknown: ["limitranges: no"] } } },
    { crds: true, sync: true },
  ],
  "without sync, where something is in its namespace": [
    {
      ...bare,
      home: { ...syncHome, contents: { foreign: [stored("ConfigMap", "mine", "mirrord-access")], unknown: [] } },
    },
    { crds: true, sync: false },
  ],
  "where there is nothing": [nothing, { crds: false, sync: false }],
  "where there is nothing, with all": [nothing, { crds: true, sync: true }],
};
for (const [name, [facts, options]] of Object.entries(plans)) {
  t.test(`an uninstallation ${name}: what goes in which stage, and what stays`, async (t) => {
    const { plan, namespace, kept } = uninstallPlan(facts, options);
    saysKept(t, import.meta.filename, name, () => ({
      plan: plan.map(({ action, stage, object: { kind, metadata } }) => `${stage} ${action} ${kind} ${metadata.name}`),
      namespace:
        namespace === undefined ? null : `${namespace.stage} ${namespace.action} ${namespace.object.metadata.name}`,
      kept: kept.map(({ kind, why, ...rest }) => `${why}: ${kind} ${JSON.stringify(rest)}`),
    }));
    t.ok(
      [...plan, ...(namespace === undefined ? [] : [namespace])].every((change) => change.current === change.object),
    );
  });
}

t.test("of a namespace that nobody looked at, nothing is said", async (t) => {
  t.same(keptNamespace("x", undefined), { kind: "Namespace", name: "x", why: "namespace", holds: [] });
});
