// Every name that this project writes into a cluster. Source: design section 3.

/** Label on each object of a grant; its value is the grant's id. */
export const GRANT_LABEL = "kubectl-mirrord.io/grant";
export const MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";
export const MANAGED_BY = "kubectl-mirrord";

export const annotations = {
  /** Canonical JSON of what was asked for (lib/access/intent.ts); only on the grant's ClusterRoleBinding. */
  intent: "kubectl-mirrord.io/intent",
  grantedBy: "kubectl-mirrord.io/granted-by",
  grantedAt: "kubectl-mirrord.io/granted-at",
  expiresAt: "kubectl-mirrord.io/expires-at",
  reason: "kubectl-mirrord.io/reason",
  /** JSON: the uid of each namespace that the grant names, as it was when it was granted (lib/access/namespace-uids.ts). */
  namespaceUids: "kubectl-mirrord.io/namespace-uids",
  /** RFC3339. The grant is being taken back: whatever is left of it goes, and nothing is restored. */
  revokedAt: "kubectl-mirrord.io/revoked-at",
  /** Beside that, where only some of its namespaces are taken back: the id of the grant that holds in the others. */
  goesOnAs: "kubectl-mirrord.io/goes-on-as",
} as const;

/** What all names of ours in RBAC begin with. */
export const OWN_PREFIX = "mirrord:";
export const GRANT_PREFIX = "mirrord:grant:";
export const ROLE_PREFIX = "mirrord:role:";

/** Expiry anchors get their names from the server: nobody can wait for them under a known one. */
export const ANCHOR_PREFIX = "mirrord-expiry-";

/** The roles that the operator's chart installs. Source: operator contract section 4.1. */
export const operatorRoles = {
  user: "mirrord-operator-user",
  basic: "mirrord-operator-user-basic",
  ci: "mirrord-operator-ci",
} as const;

/**
 * What the access model installs besides: the admission policies that guard grants, roles, expiry anchors, collections and organizations, and
 * the one CronJob that counts as running `grant sync`. Nothing else lives in its namespace, so that nobody else can make one there.
 */
export const accessModel = {
  policy: "kubectl-mirrord-grants",
  rolePolicy: "kubectl-mirrord-roles",
  anchorPolicy: "kubectl-mirrord-anchors",
  namespacePolicy: "kubectl-mirrord-namespaces",
  /** That the labels of a namespace's collections go together. */
  labelPolicy: "kubectl-mirrord-collection-labels",
  organizationPolicy: "kubectl-mirrord-organizations",
  /** Of what runs in the namespace of the CronJob. */
  syncPolicy: "kubectl-mirrord-sync",
  /** The ClusterRole that lets its holders read organizations. */
  readerRole: "mirrord-access-reader",
  /** `role`: the ClusterRole of its account, which lists the ClusterRoles that it may bind (lib/access/sync-role.ts). */
  sync: { namespace: "mirrord-access", name: "mirrord-access", role: "mirrord-access-sync" },
} as const;

/** The ClusterRole that makes its holders administrators, and the one ClusterRoleBinding in which `grant admin` names them. */
export const ADMIN_ROLE = "mirrord-access-admin";

/** On the ClusterRoles that administrators define (`grant role`); its value is the role's short name. */
export const CUSTOM_ROLE_LABEL = "kubectl-mirrord.io/role";

/** What the secure defaults install: policies and bindings of one name, and what the operator is exempted by. */
export const secureDefaults = {
  policyPrefix: "kubectl-mirrord-defaults-",
  rolesPolicy: "kubectl-mirrord-defaults-guard-roles",
  bindingsPolicy: "kubectl-mirrord-defaults-guard-bindings",
  endsPolicy: "kubectl-mirrord-defaults-guard-ends",
  /** Bindings that exempt the operator. */
  operator: "mirrord:operator",
  /** Bindings that exempt add-ons, and those of administrators. */
  addOn: "mirrord:add-on",
  administrator: "mirrord:administrator",
} as const;

/** Of a namespace: the collection that it is in, with dots for slashes. */
export const COLLECTION_LABEL = "kubectl-mirrord.io/collection";
/** Of a namespace: one label for each collection that it is within, so that one selector finds all below a path. */
export const COLLECTION_MEMBER_PREFIX = "collection.kubectl-mirrord.io/";

/** The ConfigMap that holds the paths of collections (dots for slashes) and their descriptions. */
export const COLLECTIONS = { namespace: "mirrord-access", name: "mirrord-collections" } as const;
/** Annotation of it, JSON: the collection that was moved by its last change (lib/access/moved-collection.ts). */
export const MOVED_ANNOTATION = "kubectl-mirrord.io/moved";

/** Annotation of an Organization, JSON: where each of its teams is being moved to (lib/access/organizations/moving.ts). */
export const MOVING_ANNOTATION = "kubectl-mirrord.io/moving";

/** Labels that say which collection a namespace is in: only administrators may change them. */
export function isCollectionLabel(key: string): boolean {
  return key === COLLECTION_LABEL || key.startsWith(COLLECTION_MEMBER_PREFIX);
}
