import type { KubernetesObject, ObjectMeta, ResourceType } from "../kubernetes/object.ts";
import { RBAC_GROUP, nativeResources } from "../kubernetes/resources.ts";
import type { PolicyRule, RoleRef, Subject } from "../rbac/types.ts";
import { anchorJob } from "./anchor.ts";
import { identifyGrant, type GrantRole, type Intent } from "./intent.ts";
import { annotations, GRANT_LABEL, MANAGED_BY, MANAGED_BY_LABEL, operatorRoles } from "./names.ts";
import { ownRole, ownRoleName, targetRules, type LimitedTarget, type OwnRole } from "./roles.ts";
import { rbacSubject } from "./subject.ts";

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
  intent: Intent,
  provenance: Provenance,
  limits: ReadonlyMap<string, LimitedTarget[]> = new Map(),
  { namespaces, anchorSeconds, policies = false }: GrantPlace = {},
): WantedObject[] {
  const { set, targets, role, reads } = intent;
  const parts = roleParts(intent, policies);
  const { id, name, slug, text } = identifyGrant(intent);
  const labels = { [GRANT_LABEL]: id, [MANAGED_BY_LABEL]: MANAGED_BY };
  const common: Common = { name, labels, subjects: [rbacSubject(intent.subject)] };
  const roles = parts.own.map((own): WantedObject => {
    return { type: nativeResources.clusterRoles, object: ownRole(own), part: "role" };
  });
  const main = withIntent(clusterRoleBinding(common, ["", parts.clusterWide]), text, provenance);
  if (set.kind === "all")
    return [...roles, main, ...parts.everywhere.map((bound) => clusterRoleBinding(common, bound))];
  const limitOptions = { profiles: role === "user", reads, copies: intent.allowCopy === true };
  const children = (namespaces ?? set.namespaces).flatMap((namespace) => {
    const limited = limits.get(namespace);
    if (targets.length > 0 && limited === undefined) return [];
    const { expiresAt } = provenance;
    const anchor = { slug, namespace, labels, ...(expiresAt === undefined ? {} : { expiresAt }) };
    return [
      ...(anchorSeconds === undefined ? [] : [wantedAnchor({ ...anchor, ttlSeconds: anchorSeconds })]),
      ...(targets.length === 0 || limited === undefined
        ? parts.namespaced.map((bound) => roleBinding(common, bound, namespace))
        : limitedRole(common, targetRules(limited, limitOptions), namespace)),
    ];
  });
  return [...roles, main, ...parts.beside.map((bound) => clusterRoleBinding(common, bound)), ...children];
}

/** Suffix of a binding's name, and the ClusterRole that it binds. */
type Bound = [suffix: string, role: string];

interface RoleParts {
  /** The ClusterRole of the binding that carries the intent. */
  clusterWide: string;
  /** The further ClusterRoleBindings of a grant for some namespaces. */
  beside: Bound[];
  /** The RoleBindings in each namespace. */
  namespaced: Bound[];
  /** The further ClusterRoleBindings of a grant for all namespaces. */
  everywhere: Bound[];
  own: OwnRole[];
}

function roleParts({ role, set, targets, reads }: Intent, policies: boolean): RoleParts {
  const all = set.kind === "all";
  // A view grant reads natively by itself, and limited targets bring their own reads in each namespace.
  const wantsReads = reads && role !== "view";
  const ownReads: OwnRole[] = wantsReads && targets.length === 0 ? ["reads"] : [];
  const besideReads: OwnRole[] = wantsReads && policies && !all ? ["reads-basic"] : [];
  const readsRole = [...besideReads, ...ownReads];
  const bound = (own: OwnRole[]) => own.map((name): Bound => [":reads", ownRoleName(name)]);
  const readsPart = bound(ownReads);
  const beside = bound(besideReads);
  switch (role) {
    case "user": {
      const clusterWide = all ? operatorRoles.user : operatorRoles.basic;
      return {
        clusterWide,
        beside,
        namespaced: [["", operatorRoles.user], ...readsPart],
        everywhere: readsPart,
        own: readsRole,
      };
    }
    case "minimal":
    case "view": {
      const own: OwnRole[] = all ? [role] : targets.length > 0 ? [`${role}-basic`] : [`${role}-basic`, role];
      return {
        clusterWide: ownRoleName(all ? role : `${role}-basic`),
        beside,
        namespaced: [["", ownRoleName(role)], ...readsPart],
        everywhere: readsPart,
        own: [...own, ...readsRole],
      };
    }
    default: {
      const name = clusterRoleOf(role);
      return {
        clusterWide: all ? name : operatorRoles.basic,
        beside,
        namespaced: [["", name], ...readsPart],
        everywhere: [[":basic", operatorRoles.basic], ...readsPart],
        own: readsRole,
      };
    }
  }
}

/** The ClusterRole that `clusterrole/NAME` names. */
export function clusterRoleOf(role: Extract<GrantRole, `clusterrole/${string}`>): string {
  return role.slice("clusterrole/".length);
}

/** The ClusterRoles that a grant binds: those that must be there already, the operator's or a custom one; and ours that it may bring. */
export function boundRoles(intent: Intent): { needed: string[]; own: string[] } {
  const { clusterWide, namespaced, everywhere, own } = roleParts(intent, true);
  const ours = own.map(ownRoleName);
  const bound = intent.set.kind === "all" ? everywhere : intent.targets.length > 0 ? [] : namespaced;
  const all = new Set([clusterWide, ...bound.map(([, role]) => role)]);
  return { needed: [...all].filter((role) => !ours.includes(role)), own: ours };
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

/** The Role with the limit, and the binding to it. */
function limitedRole({ name, labels, subjects }: Common, rules: PolicyRule[], namespace: string): WantedObject[] {
  const metadata = { name, namespace, labels };
  const roleRef: RoleRef = { apiGroup: RBAC_GROUP, kind: "Role", name };
  return [
    rbacPart(nativeResources.roles, metadata, { rules }),
    rbacPart(nativeResources.roleBindings, metadata, { roleRef, subjects }),
  ];
}

function rbacPart(type: ResourceType, metadata: ObjectMeta, fields: Record<string, unknown>): WantedObject {
  return {
    type,
    part: "child",
    object: { apiVersion: `${type.group}/${type.version}`, kind: type.kind, metadata, ...fields },
  };
}

function wantedAnchor(options: Parameters<typeof anchorJob>[0]): WantedObject {
  return { type: nativeResources.jobs, part: "anchor", object: anchorJob(options) };
}

function withIntent({ type, object }: WantedObject, text: string, provenance: Provenance): WantedObject {
  const { grantedBy, grantedAt, reason, expiresAt } = provenance;
  const carried = {
    [annotations.intent]: text,
    [annotations.grantedBy]: grantedBy,
    [annotations.grantedAt]: grantedAt,
    ...(reason === undefined ? {} : { [annotations.reason]: reason }),
    ...(expiresAt === undefined ? {} : { [annotations.expiresAt]: expiresAt }),
  };
  return { type, part: "main", object: { ...object, metadata: { ...object.metadata, annotations: carried } } };
}
