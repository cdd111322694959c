import type { Subject } from "../types.ts";

const SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:";

/** The user name of a service account, whose token and whose subjects mean the same. */
function serviceAccountUserName(namespace: string, name: string): string {
  return `${SERVICE_ACCOUNT_PREFIX}${namespace}:${name}`;
}

/**
 * The user name that a subject stands for, byte for byte and without wildcards, or undefined when it stands for none: a
 * Group, or a ServiceAccount without a namespace in a ClusterRoleBinding. `bindingNamespace` is "" for the latter. Source: appliesToUser, pkg/registry/rbac/validation/rule.go.
 */
export function subjectUserName(subject: Subject, bindingNamespace: string): string | undefined {
  if (subject.kind === "User") return subject.name;
  if (subject.kind === "Group") return undefined;
  const namespace = subject.namespace ? subject.namespace : bindingNamespace;
  return namespace === "" ? undefined : serviceAccountUserName(namespace, subject.name);
}
