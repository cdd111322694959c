import { formatSubject, subjectIdentity, type RbacSubject } from "../../access/subject.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { byCodePoint } from "../../text/order.ts";
import { affectedSubjects, isRbac, subjectKey } from "./affected.ts";
import { rightsChanges, type RightsChange } from "./rights-diff.ts";
import { sessionChanges, type NamedTarget, type SessionChange } from "./session-diff.ts";

/** A policy limits everybody, so nobody gains or loses by it alone; that it differs is said. */
export interface PolicyChange {
  change: "added" | "changed" | "removed";
  kind: string;
  name: string;
  namespace?: string;
}

export interface AccessDiff {
  sessions: SessionChange[];
  rights: RightsChange[];
  policies: PolicyChange[];
}

/** What one side of a change consists of. */
export interface Side {
  /** Roles and bindings. */
  rbac: readonly KubernetesObject[];
  policies: readonly KubernetesObject[];
  targets: readonly NamedTarget[];
}

/**
 * Who gains and who loses which action of mirrord and which right, over everybody whom a binding of either side names and the
 * targets of both. What a group is given is shown at the group.
 */
export function accessDiff(base: Side, head: Side): AccessDiff {
  const sides = { base: authorizer(base.rbac), head: authorizer(head.rbac) };
  const targets = new Map([...base.targets, ...head.targets].map((target) => [JSON.stringify(target), target]));
  const affected = affectedSubjects(base.rbac.filter(isRbac), head.rbac.filter(isRbac)).toSorted((a, b) =>
    byCodePoint(formatSubject(a.subject), formatSubject(b.subject)),
  );
  const sessions = affected.flatMap((each) => sessionChanges(each, sides, [...targets.values()]));
  const rights = affected.flatMap((each) => rightsChanges(each, sides));
  return {
    sessions: withoutGroups(sessions),
    rights: withoutGroups(rights),
    policies: policyChanges(base.policies, head.policies),
  };
}

/** What somebody gains or loses with a group that they are always in is shown at the group alone. */
function withoutGroups<Change extends SessionChange | RightsChange>(changes: readonly Change[]): Change[] {
  const key = (subject: RbacSubject, { subject: _subject, ...change }: Change) =>
    JSON.stringify([subjectKey(subject), change]);
  const known = new Set(changes.map((change) => key(change.subject, change)));
  return changes.filter(
    (change) =>
      change.subject.kind === "Group" ||
      !subjectIdentity(change.subject).groups.some((name) => known.has(key({ kind: "Group", name }, change))),
  );
}

function policyChanges(base: readonly KubernetesObject[], head: readonly KubernetesObject[]): PolicyChange[] {
  const [before, after] = [base, head].map(
    (objects) => new Map(objects.map((object) => [keyByKind(object.kind, object.metadata), object])),
  );
  const keys = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].toSorted(byCodePoint);
  return keys.flatMap((key): PolicyChange[] => {
    const [one, other] = [before?.get(key), after?.get(key)];
    const object = other ?? one;
    if (object === undefined || JSON.stringify(one?.["spec"]) === JSON.stringify(other?.["spec"])) return [];
    const change = one === undefined ? "added" : other === undefined ? "removed" : "changed";
    const { name = "", namespace } = object.metadata;
    return [{ change, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) }];
  });
}
