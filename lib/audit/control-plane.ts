// What the control plane itself is bound to, which is no finding unless somebody has changed it.

import { entryOf } from "../json.ts";
import type { GrantSubject } from "../access/subject.ts";
import type { RbacRef } from "../rbac/types.ts";

/** Groups that somebody is in who has only a name, or not even that. Source: apiserver pkg/authentication/user/user.go. */
const everybody = /^system:(authenticated|unauthenticated|serviceaccounts(:.*)?)$/u;

/** A group of everybody: whoever logs in, every service account, or whoever comes. */
export const isEverybody = ({ kind, name }: GrantSubject): boolean =>
  (kind === "Group" && everybody.test(name)) || (kind === "User" && name === "system:anonymous");

/**
 * The control plane: users and groups whose names Kubernetes keeps for itself, and the accounts in `kube-system`, whose
 * controllers and add-ons are administrators by what they do. Source: RBAC's bootstrap policy.
 */
export function isControlPlane(subject: GrantSubject): boolean {
  if (subject.kind === "ServiceAccount") return subject.namespace === "kube-system";
  return subject.name.startsWith("system:") && !isEverybody(subject);
}

/** Bindings that every cluster begins with and that name everybody. */
const forEverybody: Readonly<Record<string, readonly string[]>> = {
  "system:basic-user": ["system:authenticated"],
  "system:discovery": ["system:authenticated"],
  "system:public-info-viewer": ["system:authenticated", "system:unauthenticated"],
  "system:service-account-issuer-discovery": ["system:serviceaccounts"],
};

const stock = new Set([
  "cluster-admin",
  "system:kube-controller-manager",
  "system:kube-dns",
  "system:kube-scheduler",
  "system:monitoring",
  "system:node",
  "system:node-proxier",
  "system:volume-scheduler",
  "system::extension-apiserver-authentication-reader",
  "system::leader-locking-kube-controller-manager",
  "system::leader-locking-kube-scheduler",
  ...Object.keys(forEverybody),
]);

/** A binding under a name that the API server makes at its start. Source: RBAC's bootstrap policy, Kubernetes 1.36. */
export function isStockBinding({ name, namespace = "kube-system" }: RbacRef): boolean {
  if (namespace !== "kube-system" && namespace !== "kube-public") return false;
  return stock.has(name) || name.startsWith("system:controller:");
}

/** Whether a stock binding has the subject from the beginning. */
export function isStockSubject({ name }: RbacRef, subject: GrantSubject): boolean {
  return (
    isControlPlane(subject) ||
    (entryOf(forEverybody, name)?.includes(subject.name) === true && subject.kind === "Group")
  );
}
