// The RBAC API as lib/rbac reads it: rbac.authorization.k8s.io/v1.

/** ClusterRole.rules[] and Role.rules[]. An absent list is an empty one; an empty `resourceNames` is every name. */
export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  /** `pods`, `pods/log`, `*`, or `*` followed by a slash and a subresource. */
  resources?: string[];
  resourceNames?: string[];
  /** Exact paths, or prefixes that end in `*`. Never works through a RoleBinding. */
  nonResourceURLs?: string[];
}

export type SubjectKind = "User" | "Group" | "ServiceAccount";

/** RoleBinding.subjects[] and ClusterRoleBinding.subjects[]. `namespace` means something for a ServiceAccount only. */
export interface Subject {
  kind: SubjectKind;
  name: string;
  apiGroup?: string;
  namespace?: string;
}

export type RoleKind = "Role" | "ClusterRole";
export type BindingKind = "RoleBinding" | "ClusterRoleBinding";

export interface RoleRef {
  apiGroup: string;
  kind: RoleKind;
  name: string;
}

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
