import type { KubernetesObject } from "../kubernetes/object.ts";
import type { AccessAttributes, AccessRequest, UserInfo } from "../kubernetes/access.ts";
import { allows, rulesFor } from "./decide/authorize.ts";
import { explain, type AuthorizerOptions, type Explanation } from "./decide/explain.ts";
import { rbacIndex } from "./decide/rbac-index.ts";
import type { PolicyRule, Subject } from "./types.ts";
import { whoCan } from "./decide/who-can.ts";

export interface Authorizer {
  /** What the API server would say with `--authorization-mode=RBAC`. Never throws, and never infers groups (see implied-groups.ts). */
  authorize(request: AccessRequest): { allowed: boolean };
  explain(request: AccessRequest): Explanation;
  /** Sorted, each subject once; ServiceAccounts carry their namespace. Always names the group `system:masters`. */
  whoCan(request: AccessAttributes): { subjects: Subject[]; errors: string[] };
  /** As SelfSubjectRulesReview lists them: not merged, duplicates kept. "" is the cluster scope. */
  rulesFor(user: UserInfo, namespace: string): PolicyRule[];
}

/**
 * Answers access questions from RBAC objects: Role, ClusterRole, RoleBinding, ClusterRoleBinding in API form, any order.
 * The objects are indexed once and kept, so do not change them. Hostile objects are reported, never thrown.
 * Aggregated ClusterRoles count with their stored rules, as on the API server; aggregation.ts computes them for files.
 */
export function authorizer(objects: readonly KubernetesObject[], options: AuthorizerOptions = {}): Authorizer {
  const index = rbacIndex(objects);
  return {
    authorize: (request) => ({ allowed: allows(index, request) }),
    explain: (request) => explain(index, request, options),
    whoCan: (request) => whoCan(index, request),
    rulesFor: (user, namespace) => rulesFor(index, user, namespace),
  };
}
