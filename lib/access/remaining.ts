import { formatTarget, type WorkloadTarget } from "../mirrord/target.ts";
import { authorizer } from "../rbac/authorizer.ts";
import { groupFinder } from "../rbac/decide/group-finder.ts";
import type { RbacSeen } from "./limits.ts";
import type { GrantOutline } from "./outline.ts";
import { connectAttributes, type NamespaceAccess } from "./session-access.ts";
import { subjectIdentity, type GrantSubject } from "./subject.ts";

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

/** What is left of a grant that was taken back: its access as it was asked for again, and what else gives it. */
export function remainingAccess(grant: GrantOutline, access: readonly NamespaceAccess[], rbac: RbacSeen): Remaining[] {
  const { intent, subjectText: subject } = grant;
  const groupsThatMay = groupFinder(rbac);
  const { explain } = authorizer(rbac.objects);
  const bindings = (who: GrantSubject, namespace: string, target: WorkloadTarget | undefined) => {
    const { via } = explain({ user: subjectIdentity(who), ...connectAttributes(intent.role, namespace, target) });
    return [...new Set(via.map(({ binding }) => `${binding.kind.toLowerCase()}/${binding.name}`))].toSorted();
  };
  return access.map(({ namespace, target, answer, missing }): Remaining => {
    const none = { through: [], groups: [] };
    const place = { subject, namespace, ...(target === undefined ? {} : { target: formatTarget(target) }), ...none };
    if (answer === "yes") return { ...place, state: "remains", through: bindings(intent.subject, namespace, target) };
    if (answer === "unknown") return { ...place, state: "unknown", reason: missing[0]?.reason ?? "" };
    if (intent.subject.kind !== "User") return { ...place, state: "gone" };
    const may = groupsThatMay(connectAttributes(intent.role, namespace, target));
    if (!may.known) return { ...place, state: "may-remain", reason: may.why };
    const groups = may.groups.map(
      (name) => `${name} (${bindings({ kind: "Group", name }, namespace, target).join(", ")})`,
    );
    return { ...place, state: groups.length === 0 ? "gone" : "may-remain", groups };
  });
}

/** One sentence. */
export function remainingText({ subject, namespace, target, state, through, groups, reason = "" }: Remaining): string {
  const where = namespace === "" ? "In all namespaces" : `In namespace ${namespace}`;
  const what = target === undefined ? "use mirrord" : `connect to ${target}`;
  switch (state) {
    case "gone":
      return `${where} ${subject} can no longer ${what}.`;
    case "remains":
      return `${where} ${subject} can still ${what}${through.length === 0 ? "" : `, through ${through.join(", ")}`}.`;
    case "may-remain":
      return groups.length === 0
        ? `${where} access of ${subject} may remain: ${reason}.`
        : `${where} ${subject} can no longer ${what} by a binding of their own, but access may remain through ${groups.map((group) => `group ${group}`).join(", ")}.`;
    case "unknown":
      return `${where} it could not be asked whether ${subject} can still ${what}: ${reason}.`;
  }
}
