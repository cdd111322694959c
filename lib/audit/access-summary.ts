import { isControlPlane } from "./control-plane.ts";
import { SESSION } from "./edges/edge.ts";
import type { AuditFacts } from "./findings.ts";
import { EVERYTHING, isOwnAccount } from "./path-graph.ts";
import { wayPlaces, type heldRights } from "./rights.ts";

/**
 * The access to mirrord in numbers. Subjects are users, groups and service accounts that bindings name. What a number is counted
 * in may be what the caller may not list: then it is left out.
 */
export interface AccessSummary {
  /** Who may do everything, beside the control plane. */
  administrators?: number;
  /** Subjects that may start sessions, administrators aside; and how many of them may anywhere. */
  sessions?: number;
  sessionsEverywhere?: number;
  /** Where somebody may who may not everywhere. */
  namespaces?: number;
  grants?: number;
  bindings?: number;
  roles?: number;
}

export function accessSummary(facts: AuditFacts, { holders }: ReturnType<typeof heldRights>): AccessSummary {
  const people = [...holders.values()].filter(
    ({ subject }) => !isControlPlane(subject) && !isOwnAccount(subject, facts),
  );
  const count = (kind: string) => facts.rbac.filter((object) => object.kind === kind).length;
  const administrators = people.filter((holder) => holder.rights.has(EVERYTHING));
  const places = people
    .filter((holder) => !holder.rights.has(EVERYTHING))
    .map((holder) => wayPlaces(holder, SESSION).map(({ namespace }) => namespace));
  const isRead = (...resources: string[]) => !resources.some((resource) => facts.unreadable.includes(resource));
  const areBindingsRead = isRead("clusterrolebindings", "rolebindings");
  const areRolesRead = isRead("clusterroles", "roles");
  return {
    ...(areBindingsRead && areRolesRead
      ? {
          administrators: administrators.length,
          sessions: places.filter((held) => held.length > 0).length,
          sessionsEverywhere: places.filter((held) => held.includes("")).length,
          namespaces: new Set(places.flat().filter((namespace) => namespace !== "")).size,
        }
      : {}),
    // The ClusterRoleBinding carries the grant.
    ...(isRead("clusterrolebindings") ? { grants: facts.grants.length } : {}),
    ...(areBindingsRead ? { bindings: count("ClusterRoleBinding") + count("RoleBinding") } : {}),
    ...(areRolesRead ? { roles: count("ClusterRole") + count("Role") } : {}),
  };
}
