import type { Intent } from "../../access/intent.ts";
import { formatSubject, subjectIdentity } from "../../access/subject.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { formatTarget, type WorkloadTarget } from "../../mirrord/target.ts";
import { connectAttributes } from "../../access/session-access.ts";
import { groupFinder } from "../../rbac/decide/group-finder.ts";
import { readRbac, type RbacObjects } from "../../reading/rbac-objects.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { withImpliedGroups } from "../../rbac/decide/implied-groups.ts";
import { accessAfter } from "./access-after.ts";

/** What a subject can still do in one place after its grant is gone. */
export interface Remaining {
  subject: string;
  /** Empty: all namespaces. */
  namespace: string;
  target?: string;
  /**
   * `remains`: the same identity is still allowed. `may-remain`: a group is, and nobody can look up who is in it.
   * `unknown`: it could not be asked.
   */
  state: "gone" | "remains" | "may-remain" | "unknown";
  /** Bindings that still give the subject the connection. */
  through: string[];
  /** Groups that may, with the bindings that let them: `oidc:web (rolebinding/x)`. */
  groups: string[];
  reason?: string;
}

/** What a grant gave until now, and where. */
export interface RevokedAccess {
  intent: Intent;
  /** Empty for a grant that held everywhere. */
  namespaces: string[];
}

/** Asks again for everything that an intent gave, and finds what else gives it. */
export async function remainingAccess(
  cluster: Cluster,
  { intent, namespaces }: RevokedAccess,
  world: World,
): Promise<Remaining[]> {
  const subject = formatSubject(intent.subject);
  const after = await accessAfter(cluster, intent, { namespaces, settle: "no" }, world);
  const rbac = await readRbac(cluster, namespaces);
  const groupsThatMay = groupFinder(rbac);
  return after.map(({ namespace, target, answer, missing }): Remaining => {
    const place = { subject, namespace, ...(target === undefined ? {} : { target: formatTarget(target) }) };
    if (answer === "yes")
      return { ...place, state: "remains", through: bindingsOf(rbac, intent, namespace, target), groups: [] };
    if (answer === "unknown")
      return { ...place, state: "unknown", through: [], groups: [], reason: missing[0]?.reason ?? "" };
    if (intent.subject.kind !== "User") return { ...place, state: "gone", through: [], groups: [] };
    const may = groupsThatMay(connectAttributes(intent.role, namespace, target));
    if (!may.known) return { ...place, state: "may-remain", through: [], groups: [], reason: may.why };
    const groups = may.groups.map((group) => {
      const bindings = bindingsOf(rbac, { ...intent, subject: { kind: "Group", name: group } }, namespace, target);
      return `${group} (${bindings.join(", ")})`;
    });
    return { ...place, state: groups.length === 0 ? "gone" : "may-remain", through: [], groups };
  });
}

function bindingsOf(
  { objects }: RbacObjects,
  { subject, role }: Intent,
  namespace: string,
  target: WorkloadTarget | undefined,
): string[] {
  const user = withImpliedGroups(subjectIdentity(subject));
  const { via } = authorizer(objects).explain({ user, ...connectAttributes(role, namespace, target) });
  return [...new Set(via.map(({ binding }) => `${binding.kind.toLowerCase()}/${binding.name}`))].toSorted();
}

export function remainingText({ subject, namespace, target, state, through, groups, reason }: Remaining): string {
  const where = namespace === "" ? "In all namespaces" : `In namespace ${namespace}`;
  const what = target === undefined ? "use mirrord" : `connect to ${target}`;
  switch (state) {
    case "gone":
      return `${where} ${subject} can no longer ${what}.`;
    case "remains":
      return `${where} ${subject} can still ${what}${through.length === 0 ? "" : `, through ${through.join(", ")}`}.`;
    case "may-remain":
      return groups.length === 0
        ? `${where} access of ${subject} may remain: ${reason ?? ""}.`
        : `${where} ${subject} can no longer ${what} by a binding of their own, but access may remain through ${groups.map((group) => `group ${group}`).join(", ")}.`;
    case "unknown":
      return `${where} it could not be asked whether ${subject} can still ${what}: ${reason ?? ""}.`;
  }
}
