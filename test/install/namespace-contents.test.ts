import t from "tap";
import { foreignObjects } from "../../lib/install/namespace-contents.ts";
import type { Stored } from "../../lib/kubernetes/plan.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";

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
