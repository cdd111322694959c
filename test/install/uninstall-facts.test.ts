import t from "tap";
import { installedNamespace, readUninstallFacts, type UninstallFacts } from "../../lib/install/uninstall-facts.ts";
import type { Stored } from "../../lib/kubernetes/plan.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";
import { refusing } from "../kube/refusing-cluster.ts";
import { installedCluster } from "./installed-cluster.ts";

const object = (apiVersion: string, kind: string, metadata: KubernetesObject["metadata"], more: object = {}) => ({
  apiVersion,
  kind,
  metadata,
  ...more,
});

const admission = "admissionregistration.k8s.io/v1";
const rbac = "rbac.authorization.k8s.io/v1";
const managed = { "app.kubernetes.io/managed-by": "kubectl-mirrord" };
const model = { "kubectl-mirrord.io/component": "access-model" };
const others = { "app.kubernetes.io/managed-by": "Helm", "kubectl-mirrord.io/component": "operator" };

const ours = [
  object(admission, "ValidatingAdmissionPolicy", { name: "guard", labels: managed }),
  object(admission, "ValidatingAdmissionPolicyBinding", { name: "guard", labels: managed }),
  object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name: "organizations", labels: model }),
  object(rbac, "ClusterRole", { name: "model", labels: model }),
  object(rbac, "ClusterRoleBinding", { name: "model", labels: model }),
  object(rbac, "ClusterRoleBinding", { name: "mirrord-access-admin" }),
  object("v1", "ConfigMap", { name: "mirrord-collections", namespace: "mirrord-access" }),
  object(rbac, "ClusterRole", { name: "mirrord:role:custom", labels: managed }),
];
const somebodyElses = [
  object(admission, "ValidatingAdmissionPolicy", { name: "theirs", labels: others }),
  object(admission, "ValidatingAdmissionPolicyBinding", { name: "theirs" }),
  object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name: "theirs", labels: others }),
  object(rbac, "ClusterRole", { name: "theirs", labels: managed }),
  object(rbac, "ClusterRole", { name: "mirrord:role:theirs" }),
  object(rbac, "ClusterRoleBinding", { name: "theirs", labels: others }),
  object("v1", "ConfigMap", { name: "mirrord-collections", namespace: "dev" }),
];

const names = (stored: readonly Stored[]) =>
  stored.map(({ type, object: { kind, metadata } }) => {
    if (type.kind !== kind) throw new Error(`${type.kind} is no ${kind}`);
    return `${kind} ${metadata.name}`;
  });

/** What is not the operator's, by name. */
const said = ({ guards, accessModel, grantRoles, sync, grants, unreadable }: UninstallFacts) => ({
  guards: names(guards),
  accessModel: names(accessModel),
  grantRoles: names(grantRoles),
  sync: names(sync),
  grants: grants.map(({ id }) => id),
  unreadable,
});

const nothing = { guards: [], accessModel: [], grantRoles: [], sync: [], grants: [], unreadable: [] };

t.test("of an empty cluster there is nothing, and its operator does not answer", async (t) => {
  const facts = await readUninstallFacts(memoryCluster(), undefined);
  t.same(said(facts), nothing);
  t.match(facts, { definitions: { length: 0 }, answers: false, contents: undefined, ending: undefined });
});

t.test("what belongs to this program is told apart from what has its name or its label by chance", async (t) => {
  const facts = await readUninstallFacts(memoryCluster(...ours, ...somebodyElses), undefined);
  t.same(said(facts), {
    ...nothing,
    guards: ["ValidatingAdmissionPolicy guard", "ValidatingAdmissionPolicyBinding guard"],
    accessModel: [
      "CustomResourceDefinition organizations",
      "ClusterRole model",
      "ClusterRoleBinding model",
      "ClusterRoleBinding mirrord-access-admin",
      "ConfigMap mirrord-collections",
    ],
    grantRoles: ["ClusterRole mirrord:role:custom"],
  });
});

for (const { kind, want } of [
  { kind: "ValidatingAdmissionPolicy", want: ["validatingadmissionpolicies"] },
  { kind: "ValidatingAdmissionPolicyBinding", want: ["validatingadmissionpolicybindings"] },
  { kind: "CustomResourceDefinition", want: ["customresourcedefinitions"] },
  { kind: "ClusterRole", want: ["clusterroles"] },
  { kind: "ClusterRoleBinding", want: ["clusterrolebindings"] },
  { kind: "ConfigMap", want: ["configmaps"] },
  { kind: "CronJob", want: ["cronjobs"] },
]) {
  t.test(`where ${kind} objects may not be read, that is said, and the rest is read`, async (t) => {
    const facts = await readUninstallFacts(refusing(memoryCluster(...ours), kind), undefined);
    t.same(facts.unreadable, want);
    const left = said(facts);
    const all = [...left.guards, ...left.accessModel, ...left.grantRoles];
    t.same(
      all.toSorted(),
      ours
        .filter((one) => one.kind !== kind)
        .map(({ kind: each, metadata }) => `${each} ${metadata.name}`)
        .toSorted(),
    );
  });
}

const definition = (versions: object[], scope = "Namespaced") =>
  object(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    { name: "things.x.metalbear.co" },
    { spec: { group: "x.metalbear.co", scope, names: { plural: "things", kind: "Thing" }, versions } },
  );

for (const { name, scope, versions, want } of [
  {
    name: "of several versions the one that is stored",
    versions: [{ name: "v1" }, { name: "v2", storage: true }, { name: "v3", storage: false }],
    want: { version: "v2", namespaced: true },
  },
  {
    name: "of the cluster",
    scope: "Cluster",
    versions: [{ name: "v1", storage: true }],
    want: { version: "v1", namespaced: false },
  },
  { name: "without one that is stored", versions: [{ name: "v1" }], want: { version: "", namespaced: true } },
]) {
  t.test(`objects of a kind are looked for where its definition says: ${name}`, async (t) => {
    const cluster = memoryCluster(definition(versions, scope), object("x.metalbear.co/v1", "Thing", { name: "one" }));
    const { list } = cluster;
    const asked: object[] = [];
    cluster.list = async function* (type, options) {
      if (type.kind === "Thing") asked.push(type);
      yield* list(type, options);
    };
    const { definitions } = await readUninstallFacts(cluster, undefined);
    const type = { group: "x.metalbear.co", resource: "things", kind: "Thing", ...want };
    t.same(asked, [type]);
    t.match(definitions, [
      { definition: { metadata: { name: "things.x.metalbear.co" } }, objects: [{ type, object: { kind: "Thing" } }] },
    ]);
    t.equal(definitions[0]?.objects.length, 1);
  });
}

t.test("the namespace is the installation's, unless it is the cluster's own or is being deleted", async (t) => {
  const place = async (values: Parameters<typeof installedCluster>[1], ends = false) => {
    const cluster = installedCluster(
      (one) =>
        one.kind === "Namespace" && ends
          ? { ...one, metadata: { ...one.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }
          : one,
      values,
    );
    const facts = await readUninstallFacts(cluster, undefined);
    return {
      own: installedNamespace(facts.installed)?.object.metadata.name,
      ending: facts.ending?.object.metadata.name,
      looked: facts.contents !== undefined,
      answers: facts.answers,
    };
  };
  t.same(await place({}), { own: "mirrord", ending: undefined, looked: true, answers: true });
  t.same(await place({}, true), { own: undefined, ending: "mirrord", looked: false, answers: true });
  const none = { own: undefined, ending: undefined, looked: false, answers: true };
  t.same(await place({ namespace: "tools", createNamespace: false }), none);
  t.match(await place({ namespace: "default" }), { own: undefined, looked: false });
  t.match(await place({ namespace: "kube-tools" }), { own: undefined, looked: false });
});
