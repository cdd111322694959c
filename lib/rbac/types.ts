// The RBAC API as lib/rbac reads it: rbac.authorization.k8s.io/v1.

import type { RbacV1Subject, V1PolicyRule, V1RoleRef } from "@kubernetes/client-node";
import type { Json } from "../kubernetes/api-types.ts";

/**
 * ClusterRole.rules[] and Role.rules[]. An absent list is an empty one; an empty `resourceNames` is every name. `resources`
 * are `pods`, `pods/log`, `*`, or `*` followed by a slash and a subresource; `nonResourceURLs` exact paths, or prefixes that
 * end in `*`, which never work through a RoleBinding.
 */
export type PolicyRule = Json<V1PolicyRule>;

export type SubjectKind = "User" | "Group" | "ServiceAccount";

/** RoleBinding.subjects[] and ClusterRoleBinding.subjects[]. `namespace` means something for a ServiceAccount only. */
export type Subject = Json<RbacV1Subject> & { kind: SubjectKind };

export type RoleKind = "Role" | "ClusterRole";
export type BindingKind = "RoleBinding" | "ClusterRoleBinding";

export type RoleRef = Json<V1RoleRef> & { apiGroup: string; kind: RoleKind };

/** Names one RBAC object. `namespace` is there for a Role and a RoleBinding only. */
export interface RbacRef<Kind extends RoleKind | BindingKind = RoleKind | BindingKind> {
  kind: Kind;
  name: string;
  namespace?: string;
}

/** One way in which a request is allowed. */
export interface Match {
  binding: RbacRef<BindingKind>;
  role: RbacRef<RoleKind>;
  rule: PolicyRule;
  /** Position in the `rules` of the role as it was given. */
  ruleIndex: number;
  /** The first subject of the binding that applies to the user, as the API server names it in status.reason. */
  subject: Subject;
  /** Position in the `subjects` of the binding as it was given. */
  subjectIndex: number;
}

/** The one attribute of a request that a rule does not match; `role` is a binding whose role does not exist. */
export type MissedAttribute = "name" | "subresource" | "verb" | "apiGroup" | "resource" | "path" | "namespace" | "role";

/** A rule that almost allows a request: everything matches but one attribute. */
export interface NearMiss {
  attribute: MissedAttribute;
  binding: RbacRef<BindingKind>;
  /** For `attribute: "role"` the role that is not there. */
  role: RbacRef<RoleKind>;
  subject: Subject;
  /** Absent for `attribute: "role"`: there is nothing to match yet. */
  rule?: PolicyRule;
  ruleIndex?: number;
  /**
   * The smallest rule that flips the answer: added to `role` (which is created for `role`), or, for `namespace`, to a
   * role bound in the namespace asked about, or at cluster scope when none was.
   */
  fix: PolicyRule;
}
