import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { RoleRef } from "../rbac/types.ts";
import { RBAC_GROUP, nativeResources } from "../kubernetes/resources.ts";
import { anchorJob } from "./anchor.ts";
import { encodeIntent, grantId, grantSlug, type GrantRole, type Intent } from "./intent.ts";
import { annotations, GRANT_LABEL, GRANT_PREFIX, MANAGED_BY, MANAGED_BY_LABEL, operatorRoles } from "./names.ts";
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

export function grantName(intent: Intent): string {
  return `${GRANT_PREFIX}${grantSlug(intent)}-${grantId(intent)}`;
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
  const parts = roleParts(intent, policies);
  const name = grantName(intent);
  const id = grantId(intent);
  const binding = (suffix: string, role: string, namespace?: string): WantedObject =>
    wantedBinding({
      name: `${name}${suffix}`,
      id,
      intent,
      role: clusterRoleRef(role),
      ...(namespace === undefined ? {} : { namespace }),
    });
  const main = withIntent(binding("", parts.clusterWide), intent, provenance);
  const shared = parts.own.map((role): WantedObject => ({
    type: nativeResources.clusterRoles,
    object: ownRole(role),
    part: "role",
  }));
  if (intent.set.kind === "all") {
    return [...shared, main, ...parts.everywhere.map(([suffix, role]) => binding(suffix, role))];
  }
  const children = (namespaces ?? intent.set.namespaces).flatMap((namespace) => {
    const limited = limits.get(namespace);
    if (intent.targets.length > 0 && limited === undefined) return [];
    const anchor =
      anchorSeconds === undefined
        ? []
        : [wantedAnchor(intent, { namespace, anchorSeconds, expiresAt: provenance.expiresAt })];
    const inside =
      intent.targets.length === 0 || limited === undefined
        ? parts.namespaced.map(([suffix, role]) => binding(suffix, role, namespace))
        : limitedPart({ name, id, intent, namespace, limited });
    return [...anchor, ...inside];
  });
  return [...shared, main, ...parts.beside.map(([suffix, role]) => binding(suffix, role)), ...children];
}

interface RoleParts {
  /** The ClusterRole of the binding that carries the intent. */
  clusterWide: string;
  /** Suffix of the name and ClusterRole of each further ClusterRoleBinding of a grant for some namespaces. */
  beside: [suffix: string, role: string][];
  /** The same for each RoleBinding in a namespace. */
  namespaced: [suffix: string, role: string][];
  /** The same for the further ClusterRoleBindings of a grant for all namespaces. */
  everywhere: [suffix: string, role: string][];
  own: OwnRole[];
}

function roleParts({ role, set, targets, reads }: Intent, policies: boolean): RoleParts {
  const all = set.kind === "all";
  // A view grant reads natively by itself, and limited targets bring their own reads in each namespace.
  const wantsReads = reads && role !== "view";
  const ownReads: OwnRole[] = wantsReads && targets.length === 0 ? ["reads"] : [];
  const besideReads: OwnRole[] = wantsReads && policies && !all ? ["reads-basic"] : [];
  const readsRole = [...besideReads, ...ownReads];
  const bound = (own: OwnRole[]) => own.map((name): [string, string] => [":reads", ownRoleName(name)]);
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

/** The ClusterRoles that must be there already: the operator's, or the one that the caller named. */
export function neededRoles(intent: Intent): string[] {
  const { clusterWide, namespaced, everywhere, own } = roleParts(intent, false);
  const ours = new Set(own.map(ownRoleName));
  const bound = intent.set.kind === "all" ? everywhere : intent.targets.length > 0 ? [] : namespaced;
  return [...new Set([clusterWide, ...bound.map(([, role]) => role)])].filter((role) => !ours.has(role));
}

const clusterRoleRef = (name: string): RoleRef => ({
  apiGroup: RBAC_GROUP,
  kind: "ClusterRole",
  name,
});

const grantLabels = (id: string) => ({ [GRANT_LABEL]: id, [MANAGED_BY_LABEL]: MANAGED_BY });

function wantedAnchor(
  intent: Intent,
  { namespace, anchorSeconds, expiresAt }: { namespace: string; anchorSeconds: number; expiresAt: string | undefined },
): WantedObject {
  const object = anchorJob({
    slug: grantSlug(intent),
    namespace,
    labels: grantLabels(grantId(intent)),
    ttlSeconds: anchorSeconds,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  return { type: nativeResources.jobs, part: "anchor", object };
}

function wantedBinding(options: {
  name: string;
  id: string;
  intent: Intent;
  role: RoleRef;
  namespace?: string;
}): WantedObject {
  const { name, id, intent, role, namespace } = options;
  const type = namespace === undefined ? nativeResources.clusterRoleBindings : nativeResources.roleBindings;
  return {
    type,
    part: "child",
    object: {
      apiVersion: `${type.group}/${type.version}`,
      kind: type.kind,
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        labels: grantLabels(id),
      },
      roleRef: role,
      subjects: [rbacSubject(intent.subject)],
    },
  };
}

function withIntent(wanted: WantedObject, intent: Intent, provenance: Provenance): WantedObject {
  const { object } = wanted;
  const { grantedBy, grantedAt, reason, expiresAt } = provenance;
  const carried = {
    [annotations.intent]: encodeIntent(intent),
    [annotations.grantedBy]: grantedBy,
    [annotations.grantedAt]: grantedAt,
    ...(reason === undefined ? {} : { [annotations.reason]: reason }),
    ...(expiresAt === undefined ? {} : { [annotations.expiresAt]: expiresAt }),
  };
  return {
    ...wanted,
    part: "main",
    object: { ...object, metadata: { ...object.metadata, annotations: carried } },
  };
}

/** The Role with the limit, and the binding to it. */
function limitedPart(options: {
  name: string;
  id: string;
  intent: Intent;
  namespace: string;
  limited: readonly LimitedTarget[];
}): WantedObject[] {
  const { name, id, intent, namespace, limited } = options;
  const role: WantedObject = {
    type: nativeResources.roles,
    part: "child",
    object: {
      apiVersion: `${RBAC_GROUP}/v1`,
      kind: nativeResources.roles.kind,
      metadata: { name, namespace, labels: grantLabels(id) },
      rules: targetRules(limited, {
        profiles: intent.role === "user",
        reads: intent.reads,
        copies: intent.allowCopy === true,
      }),
    },
  };
  const ref: RoleRef = { apiGroup: RBAC_GROUP, kind: "Role", name };
  return [role, wantedBinding({ name, id, intent, role: ref, namespace })];
}
