import type { V1ClusterRoleBinding, V1Role } from "@kubernetes/client-node";
import type { Json } from "../kubernetes/api-types.ts";
import type { KubernetesObject, ObjectMeta, ResourceType } from "../kubernetes/object.ts";
import { RBAC_GROUP, nativeResources } from "../kubernetes/resources.ts";
import type { RoleRef, Subject } from "../rbac/types.ts";
import { anchorJob } from "./anchor.ts";
import type { Intent } from "./intent.ts";
import { annotations, GRANT_LABEL, MANAGED_BY, MANAGED_BY_LABEL } from "./names.ts";
import type { NamespaceUids } from "./namespace-uids.ts";
import type { GrantOutline } from "./outline.ts";
import { rbacSubject } from "./subject.ts";
import { ownRole, targetRules, type Bound, type LimitedTarget } from "./roles.ts";

/** An object that a grant wants to exist. */
export interface WantedObject {
  type: ResourceType;
  object: KubernetesObject;
  /**
   * `role`: a ClusterRole that grants share. `main`: the ClusterRoleBinding that carries the intent. `anchor`: ends the grant
   * in its namespace; owned by the main binding. `child`: owned by the anchor of its namespace, or by the main binding.
   */
  part: "role" | "main" | "anchor" | "child";
}

/** Who made the grant, when and why, and when it ends; the first three are kept when the same grant is made again. */
export interface Provenance {
  grantedBy: string;
  /** RFC3339. */
  grantedAt: string;
  reason?: string;
  /** RFC3339; only of a temporary grant. */
  expiresAt?: string;
  /** Of the namespaces that it names; none are known in files. */
  uids?: NamespaceUids | undefined;
}

export interface GrantPlace {
  /** Where a grant for some namespaces holds today; left out, those that it names. */
  namespaces?: readonly string[];
  /** The cluster has policies: whoever is to see beforehand what they refuse must list the cluster-wide ones too. */
  policies?: boolean;
  /** On a live cluster a temporary grant has anchors that end it; in files it has none. Seconds that are left. */
  anchorSeconds?: number;
}

/**
 * Everything that makes the intent true, in the order in which it is written: shared roles, the ClusterRoleBinding
 * that carries the intent, then its children. `limits` holds, for each namespace, the targets with their containers; a
 * limited grant has nothing in a namespace that is not in it. Source: design section 3.
 */
export function grantObjects(
  { intent, id, name, slug, text, members, roles, named }: GrantOutline,
  provenance: Provenance,
  limits: ReadonlyMap<string, LimitedTarget[]> = new Map(),
  { namespaces = named, anchorSeconds, policies = false }: GrantPlace = {},
): WantedObject[] {
  const labels = { [GRANT_LABEL]: id, [MANAGED_BY_LABEL]: MANAGED_BY };
  const common: Common = { name, labels, subjects: members.map(rbacSubject) };
  const { main, namespaced } = roles;
  const clusterWide = [...roles.clusterWide, ...(policies ? roles.policyReads : [])];
  const shared = new Set([main, ...[...clusterWide, ...namespaced].map(([, role]) => role)]);
  const { expiresAt } = provenance;
  const anchor = { slug, labels, ...(expiresAt === undefined ? {} : { expiresAt }) };
  return [
    ...[...shared].flatMap(sharedRole),
    withIntent(clusterRoleBinding(common, ["", main]), text, provenance),
    ...clusterWide.map((bound) => clusterRoleBinding(common, bound)),
    ...namespaces.flatMap((namespace): WantedObject[] => {
      const limited = limits.get(namespace);
      if (intent.targets.length > 0 && limited === undefined) return [];
      return [
        ...(anchorSeconds === undefined ? [] : [wantedAnchor({ ...anchor, namespace, ttlSeconds: anchorSeconds })]),
        ...namespaced.map((bound) => roleBinding(common, bound, namespace)),
        ...(limited === undefined ? [] : limitedRole(common, limited, intent, namespace)),
      ];
    }),
  ];
}

/** What all objects of a grant have. */
interface Common {
  name: string;
  labels: Record<string, string>;
  subjects: Subject[];
}

const clusterRole = (name: string): RoleRef => ({ apiGroup: RBAC_GROUP, kind: "ClusterRole", name });

function clusterRoleBinding({ name, labels, subjects }: Common, [suffix, role]: Bound): WantedObject {
  const metadata = { name: `${name}${suffix}`, labels };
  return rbacPart(nativeResources.clusterRoleBindings, metadata, { roleRef: clusterRole(role), subjects });
}

function roleBinding({ name, labels, subjects }: Common, [suffix, role]: Bound, namespace: string): WantedObject {
  const metadata = { name: `${name}${suffix}`, namespace, labels };
  return rbacPart(nativeResources.roleBindings, metadata, { roleRef: clusterRole(role), subjects });
}

/** The Role with the limit, and the binding to it; nothing for a grant without a limit. */
function limitedRole(
  { name, labels, subjects }: Common,
  limited: readonly LimitedTarget[],
  { role, targets, reads, allowCopy }: Intent,
  namespace: string,
): WantedObject[] {
  if (targets.length === 0) return [];
  const rules = targetRules(limited, { profiles: role === "user", reads, copies: allowCopy === true });
  const metadata = { name, namespace, labels };
  const roleRef: RoleRef = { apiGroup: RBAC_GROUP, kind: "Role", name };
  return [
    rbacPart(nativeResources.roles, metadata, { rules }),
    rbacPart(nativeResources.roleBindings, metadata, { roleRef, subjects }),
  ];
}

function rbacPart(
  type: ResourceType,
  metadata: ObjectMeta,
  fields: Json<Pick<V1ClusterRoleBinding, "roleRef" | "subjects">> | Json<Pick<V1Role, "rules">>,
): WantedObject {
  return {
    type,
    part: "child",
    object: { apiVersion: `${type.group}/${type.version}`, kind: type.kind, metadata, ...fields },
  };
}

function sharedRole(name: string): WantedObject[] {
  const object = ownRole(name);
  return object === undefined ? [] : [{ type: nativeResources.clusterRoles, object, part: "role" }];
}

function wantedAnchor(options: Parameters<typeof anchorJob>[0]): WantedObject {
  return { type: nativeResources.jobs, part: "anchor", object: anchorJob(options) };
}

function withIntent({ type, object }: WantedObject, text: string, provenance: Provenance): WantedObject {
  const { grantedBy, grantedAt, reason, expiresAt, uids } = provenance;
  const carried = {
    [annotations.intent]: text,
    [annotations.grantedBy]: grantedBy,
    [annotations.grantedAt]: grantedAt,
    ...(reason === undefined ? {} : { [annotations.reason]: reason }),
    ...(expiresAt === undefined ? {} : { [annotations.expiresAt]: expiresAt }),
    ...(uids === undefined ? {} : { [annotations.namespaceUids]: JSON.stringify(uids) }),
  };
  return { type, part: "main", object: { ...object, metadata: { ...object.metadata, annotations: carried } } };
}
