// RBAC objects in API form, in a line each.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule, RoleRef, Subject } from "../../lib/rbac/types.ts";

const GROUP = "rbac.authorization.k8s.io";
const apiVersion = `${GROUP}/v1`;

export function clusterRole(name: string, rules: PolicyRule[], more: Record<string, unknown> = {}): KubernetesObject {
  return { apiVersion, kind: "ClusterRole", metadata: { name }, rules, ...more };
}

export function role(namespace: string, name: string, rules: PolicyRule[]): KubernetesObject {
  return { apiVersion, kind: "Role", metadata: { name, namespace }, rules };
}

export function clusterRoleBinding(name: string, roleName: string, subjects: Subject[]): KubernetesObject {
  return { apiVersion, kind: "ClusterRoleBinding", metadata: { name }, roleRef: clusterRoleRef(roleName), subjects };
}

export function roleBinding(namespace: string, name: string, roleRef: RoleRef, subjects: Subject[]): KubernetesObject {
  return { apiVersion, kind: "RoleBinding", metadata: { name, namespace }, roleRef, subjects };
}

export const clusterRoleRef = (name: string): RoleRef => ({ apiGroup: GROUP, kind: "ClusterRole", name });
export const roleRef = (name: string): RoleRef => ({ apiGroup: GROUP, kind: "Role", name });

export const user = (name: string): Subject => ({ kind: "User", apiGroup: GROUP, name });
export const group = (name: string): Subject => ({ kind: "Group", apiGroup: GROUP, name });
export const serviceAccount = (name: string, namespace?: string): Subject =>
  namespace === undefined ? { kind: "ServiceAccount", name } : { kind: "ServiceAccount", name, namespace };

export const rule = (apiGroup: string, resource: string, verb: string, ...resourceNames: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs: [verb],
  ...(resourceNames.length === 0 ? {} : { resourceNames }),
});
