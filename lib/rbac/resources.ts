import type { ResourceType } from "../kubernetes/object.ts";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

const type = (resource: string, kind: string, namespaced: boolean): ResourceType => ({
  group: RBAC_GROUP,
  version: "v1",
  resource,
  kind,
  namespaced,
});

export const rbacResources = {
  roles: type("roles", "Role", true),
  clusterRoles: type("clusterroles", "ClusterRole", false),
  roleBindings: type("rolebindings", "RoleBinding", true),
  clusterRoleBindings: type("clusterrolebindings", "ClusterRoleBinding", false),
} as const;
