import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";

export const clusterRole = (name: string, ...rules: PolicyRule[]): KubernetesObject => ({
  apiVersion,
  kind: "ClusterRole",
  metadata: { name },
  rules,
});

/** A binding of a ClusterRole: in a namespace, or everywhere. */
export function bound(
  name: string,
  role: string,
  subject: string | { group: string },
  namespace?: string,
): KubernetesObject {
  const who = typeof subject === "string" ? { kind: "User", name: subject } : { kind: "Group", name: subject.group };
  return {
    apiVersion,
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup, ...who }],
  };
}
