import t from "tap";
import { foreignObjects, readNamespaceContents } from "../../lib/install/namespace-contents.ts";
import type { Stored } from "../../lib/kubernetes/plan.ts";
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { apiFailure, memoryCluster } from "../kube/memory-cluster.ts";

const { configMaps: type } = nativeResources;

const stored = (kind: string, name: string, metadata: object = {}, more: object = {}): Stored => ({
  type,
  object: {
    apiVersion: "v1",
    kind,
    metadata: { name, uid: `${kind}/${name}`, ...metadata },
    ...more,
  },
});
const ownedBy = (uid: string) => ({ ownerReferences: [{ apiVersion: "v1", kind: "x", name: "x", uid }] });

const goes = [
  stored("Deployment", "mirrord-operator"),
  stored("Service", "mirrord-operator"),
  stored("ServiceAccount", "mirrord-operator"),
  stored("Certificate", "mirrord-operator"),
];

const cases: { name: string; object: Stored; isForeign: boolean }[] = [
  { name: "what goes", object: stored("Deployment", "mirrord-operator"), isForeign: false },
  { name: "a pod of its replica set", object: stored("Pod", "p", ownedBy("ReplicaSet/rs")), isForeign: false },
  { name: "the certificates of the cluster", object: stored("ConfigMap", "kube-root-ca.crt"), isForeign: false },
  { name: "the account of the namespace", object: stored("ServiceAccount", "default"), isForeign: false },
  {
    name: "what is being deleted",
    object: stored("Pod", "old", { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    isForeign: false,
  },
  {
    name: "the lease of the operator",
    object: stored("Lease", "x", {}, { spec: { holderIdentity: "mirrord-operator-7c" } }),
    isForeign: false,
  },
  { name: "the operator's lease by name", object: stored("Lease", "mirrord-operator-leader"), isForeign: false },
  {
    name: "a token of its account",
    object: stored("Secret", "t", { annotations: { "kubernetes.io/service-account.name": "mirrord-operator" } }),
    isForeign: false,
  },
  {
    name: "a token of the namespace's account",
    object: stored("Secret", "t", { annotations: { "kubernetes.io/service-account.name": "default" } }),
    isForeign: false,
  },
  {
    name: "the Secret of its certificate",
    object: stored("Secret", "tls", { annotations: { "cert-manager.io/certificate-name": "mirrord-operator" } }),
    isForeign: false,
  },
  { name: "somebody's lease", object: stored("Lease", "other"), isForeign: true },
  { name: "somebody's Secret", object: stored("Secret", "licence"), isForeign: true },
  { name: "a ConfigMap", object: stored("ConfigMap", "mirrord-configmap-2"), isForeign: true },
  {
    name: "what somebody else's object owns",
    object: stored("Pod", "p", ownedBy("ReplicaSet/other")),
    isForeign: true,
  },
];

const replicaSet = stored("ReplicaSet", "rs", ownedBy("Deployment/mirrord-operator"));

for (const { name, object, isForeign } of cases) {
  t.test(`${name} ${isForeign ? "keeps the namespace" : "goes along"}`, async (t) => {
    t.same(foreignObjects([object, replicaSet], goes), isForeign ? [object] : []);
  });
}

const api = (group: string, more: object = {}): KubernetesObject => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: `v1.${group}` },
  spec: { group, version: "v1", ...more },
});
const kind = (group: string, name: string, namespaced = true): ResourceType => ({
  group,
  version: "v1",
  resource: `${name.toLowerCase()}s`,
  kind: name,
  namespaced,
});
const things = (name: string, namespace = "mirrord"): KubernetesObject => ({
  apiVersion: "v1",
  kind: name,
  metadata: { name: "one", namespace },
});

/** What is found in `mirrord` on a cluster with these APIs, whose kinds are by group. */
async function contents(
  apis: KubernetesObject[],
  kinds: Record<string, ResourceType[] | Error>,
  failing: Record<string, Error> = {},
) {
  const names = ["Thing", "Other", "Event", "Endpoints", "Node", "Session", "Metric"];
  const cluster = memoryCluster(...apis, ...names.map((name) => things(name)), things("Thing", "elsewhere"));
  const discovered: string[] = [];
  cluster.discover = async (group, version) => {
    discovered.push(`${group}/${version}`);
    const found = kinds[group];
    if (found instanceof Error) throw found;
    return found;
  };
  const { list } = cluster;
  const listed: string[] = [];
  cluster.list = async function* (wanted, options) {
    if (wanted.kind !== "APIService") listed.push(`${wanted.resource} in ${options?.namespace}`);
    const failure = failing[wanted.kind];
    if (failure !== undefined) throw failure;
    yield* list(wanted, options);
  };
  const { foreign, unknown } = await readNamespaceContents(cluster, "mirrord", []);
  const found = foreign.map(({ object }) => `${object.kind} in ${object.metadata.namespace}`);
  return { found, unknown, discovered, listed };
}

t.test("what is in a namespace is of every namespaced kind that an API serves, once", async (t) => {
  const kinds = {
    "": [kind("", "Thing"), kind("", "Node", false), kind("", "Event"), kind("", "Endpoints")],
    more: [kind("more", "Other"), { ...kind("", "Thing"), version: "v2" }],
  };
  t.same(await contents([api(""), api("more"), api("none")], kinds), {
    found: ["Thing in mirrord", "Other in mirrord"],
    unknown: [],
    discovered: ["/v1", "more/v1", "none/v1"],
    listed: ["things in mirrord", "others in mirrord"],
  });
});

t.test("metrics and what the operator itself serves are nobody's objects", async (t) => {
  const served = { service: { name: "x", namespace: "y" } };
  const apis = [
    ...["metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io"].map((group) => api(group)),
    api("operator.metalbear.co", served),
    api("policies.mirrord.metalbear.co"),
    api("else.example", served),
  ];
  const kinds = {
    "metrics.k8s.io": [kind("metrics.k8s.io", "Metric")],
    "operator.metalbear.co": [kind("operator.metalbear.co", "Session")],
    "policies.mirrord.metalbear.co": [kind("policies.mirrord.metalbear.co", "Other")],
    "else.example": [kind("else.example", "Thing")],
  };
  const { found, discovered } = await contents(apis, kinds);
  t.same(discovered, ["policies.mirrord.metalbear.co/v1", "else.example/v1"]);
  t.same(found, ["Other in mirrord", "Thing in mirrord"]);
});

t.test("what could not be asked or listed is named, but for kinds that have no list", async (t) => {
  const kinds = {
    "": [kind("", "Thing"), kind("", "Other"), kind("", "Session"), kind("", "Metric")],
    down: apiFailure(503, "ServiceUnavailable", "down"),
  };
  const failing = {
    Other: apiFailure(403, "Forbidden", "no"),
    Session: apiFailure(405, "MethodNotAllowed", "no list"),
    Metric: apiFailure(404, "NotFound", "nothing"),
  };
  const { found, unknown } = await contents([api(""), api("down")], kinds, failing);
  t.same(found, ["Thing in mirrord"]);
  t.equal(unknown.length, 2);
  t.match(unknown, [/^down\/v1: .*down/, /^others: .*no/]);
  const blind = await contents([], {}, { APIService: apiFailure(403, "Forbidden", "no services") });
  t.match(blind, { found: { length: 0 }, unknown: [/^apiservices: .*no services/], listed: { length: 0 } });
});

const more: { name: string; object: Stored; isForeign: boolean }[] = [
  ...["openshift-service-ca.crt", "kube-root-ca.crt"].map((name) => ({
    name: `the certificates ${name}`,
    object: stored("ConfigMap", name),
    isForeign: false,
  })),
  ...["builder", "deployer", "default"].map((name) => ({
    name: `the account ${name}`,
    object: stored("ServiceAccount", name),
    isForeign: false,
  })),
  { name: "a ConfigMap by the name of an account", object: stored("ConfigMap", "default"), isForeign: true },
  {
    name: "a lease by a holder that is named alike",
    object: stored("Lease", "x", {}, { spec: { holderIdentity: "my-mirrord-operator" } }),
    isForeign: true,
  },
  {
    name: "what is named like a lease of the operator",
    object: stored("ConfigMap", "mirrord-operator-leader"),
    isForeign: true,
  },
  {
    name: "a token of somebody's account",
    object: stored("Secret", "t", { annotations: { "kubernetes.io/service-account.name": "robot" } }),
    isForeign: true,
  },
  {
    name: "the Secret of somebody's certificate",
    object: stored("Secret", "tls", { annotations: { "cert-manager.io/certificate-name": "web" } }),
    isForeign: true,
  },
  {
    name: "a token of a builder",
    object: stored("Secret", "t", { annotations: { "kubernetes.io/service-account.name": "builder" } }),
    isForeign: false,
  },
];
for (const { name, object, isForeign } of more) {
  t.test(`${name} ${isForeign ? "keeps the namespace" : "goes along"}`, async (t) => {
    t.same(foreignObjects([object], goes), isForeign ? [object] : []);
  });
}

t.test("what is owned by what goes along with what goes, goes too", async (t) => {
  const chain = [
    stored("Pod", "p", ownedBy("ReplicaSet/rs")),
    stored("ConfigMap", "of-pod", ownedBy("Pod/p")),
    stored("ReplicaSet", "rs", ownedBy("Deployment/mirrord-operator")),
    stored("Secret", "mine", ownedBy("ConfigMap/other")),
  ];
  t.same(foreignObjects(chain, goes), chain.slice(3));
});
