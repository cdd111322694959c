import { accessModel } from "./names.ts";

/** Where the chart puts the operator, for when the operator does not say. */
export const DEFAULT_OPERATOR_NAMESPACE = "mirrord";

/** Kubernetes' own: kube-system, kube-public, kube-node-lease, and what distributions add to them. */
export function isOfKubernetes(namespace: string): boolean {
  return namespace.startsWith("kube-");
}

/** Whoever may connect to a pod of these stands in the shoes of the cluster, of the operator, or of what runs `grant sync`. */
export function isSystemNamespace(namespace: string, operatorNamespace: string): boolean {
  return isOfKubernetes(namespace) || namespace === operatorNamespace || namespace === accessModel.sync.namespace;
}
