import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

/** What leads to the pod that writes the operator's log. */
export const operatorObjects: KubernetesObject[] = [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "mirrord-operator", namespace: "mirrord" },
    spec: { selector: { app: "op" } },
  },
  {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1.operator.metalbear.co" },
    spec: {},
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "op-1", namespace: "mirrord", labels: { app: "op" } },
    spec: { containers: [{ name: "main" }] },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  },
];
