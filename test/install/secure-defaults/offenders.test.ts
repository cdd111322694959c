import t from "tap";
import { offenders } from "../../../lib/install/secure-defaults/offenders.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { saysKept } from "../../kept-text.ts";

const privileged = { hostPID: true, containers: [{ name: "app", securityContext: { privileged: true } }] };

const workload = (kind: string, metadata: object = {}, spec: object = privileged): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name: "w", namespace: "dev", ...metadata },
  spec: kind === "Pod" ? spec : { template: { spec } },
});

const owner = (apiVersion: string, kind: string) => ({
  ownerReferences: [{ apiVersion, kind, name: "o", uid: "u", controller: true }],
});

const cases: { name: string; object: KubernetesObject; want: object[] }[] = [
  {
    name: "a Deployment that somebody made",
    object: workload("Deployment"),
    want: [
      {
        kind: "Deployment",
        namespace: "dev",
        name: "w",
        attributes: ["hostPID", "privileged"],
        paths: ["spec.hostPID", "containers[app].privileged"],
        byAddOn: false,
      },
    ],
  },
  { name: "a harmless one", object: workload("Deployment", {}, { containers: [] }), want: [] },
  { name: "what is in kube-system", object: workload("DaemonSet", { namespace: "kube-system" }), want: [] },
  { name: "what Kubernetes' own controllers made", object: workload("Pod", owner("apps/v1", "DaemonSet")), want: [] },
  { name: "a static pod", object: workload("Pod", owner("v1", "Node")), want: [] },
  {
    name: "what an add-on's controller made",
    object: workload("DaemonSet", owner("operator.tigera.io/v1", "Installation")),
    want: [{ owner: "Installation/o", byAddOn: true }],
  },
  {
    name: "programs that wrote its specification, and not its status",
    object: workload("DaemonSet", {
      managedFields: [
        { manager: "helm", fieldsV1: { "f:spec": {} } },
        { manager: "labels", fieldsV1: { "f:metadata": {} } },
        { manager: "kube-controller-manager", subresource: "status", fieldsV1: { "f:spec": {} } },
        "x",
      ],
    }),
    want: [{ managers: ["helm"] }],
  },
];
for (const { name, object, want } of cases)
  t.test(name, async (t) => {
    const found = offenders([object]);
    t.equal(found.length, want.length);
    t.match(found, want);
    saysKept(t, import.meta.filename, name, () => found);
  });

const volume = (spec: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "v" },
  spec,
});

t.test("volumes on a node's own disk, by their source or by their class", async (t) => {
  const all = [{ local: {} }, { hostPath: {} }, { storageClassName: "local-disk", nfs: {} }, { nfs: {} }].map(volume);
  t.same(
    offenders(all, ["local-disk"]).map(({ paths }) => paths),
    [["spec.local"], ["spec.hostPath"], ["spec.storageClassName"]],
  );
});
