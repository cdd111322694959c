import type { ResourceAttributes, UserInfo } from "../../kubernetes/access.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { rbacIndex } from "../../rbac/decide/rbac-index.ts";
import { whoCan } from "../../rbac/decide/who-can.ts";
import type { Subject } from "../../rbac/types.ts";

/** Somebody who could try something, and where. */
export interface Candidate {
  user: UserInfo;
  namespace: string;
}

/**
 * Real users and accounts whom a role lets do this somewhere, users first: members of a group nobody can name. Pure. The
 * control plane's own and the operator's account are none, and neither are their namespaces places.
 */
export function candidates(
  rbac: readonly KubernetesObject[],
  { right, namespaced, only }: { right: ResourceAttributes; namespaced: boolean; only?: string | undefined },
  operatorNamespace: string,
): Candidate[] {
  const index = rbacIndex(rbac);
  const isOpen = (namespace: string) => !namespace.startsWith("kube-") && namespace !== operatorNamespace;
  const open = [...new Set(["default", ...index.bindings.keys()])].filter((place) => place !== "" && isOpen(place));
  const places = only !== undefined ? [only] : namespaced ? open : [""];
  const found = new Map<string, Candidate & { isUser: boolean }>();
  for (const namespace of places) {
    for (const subject of whoCan(index, { ...right, namespace }).subjects) {
      const user = realUser(subject, isOpen);
      if (user === undefined || found.has(user.name)) continue;
      found.set(user.name, { user, namespace, isUser: subject.kind === "User" });
    }
  }
  const all = [...found.values()].toSorted((a, b) => Number(b.isUser) - Number(a.isUser));
  return all.map(({ user, namespace }) => ({ user, namespace }));
}

/** Impersonated by name, an account is in its groups. */
function realUser({ kind, name, namespace = "" }: Subject, isOpen: (place: string) => boolean): UserInfo | undefined {
  if (kind === "User" && !name.startsWith("system:")) return { name, groups: [] };
  if (kind !== "ServiceAccount" || !isOpen(namespace)) return undefined;
  return { name: `system:serviceaccount:${namespace}:${name}`, groups: [] };
}
