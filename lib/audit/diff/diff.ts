import type { Directory } from "../../access/organizations/directory.ts";
import { formatSubject, subjectIdentity } from "../../access/subject.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { byCodePoint } from "../../text/order.ts";
import { affectedSubjects, isRbac } from "./affected.ts";
import { memberChanges, type MemberChange } from "./member-diff.ts";
import { rightsComparison, type RightsChange } from "./rights-diff.ts";
import { sessionChanges, type NamedTarget, type SessionChange } from "./session-diff.ts";

/** A policy limits everybody, so nobody gains or loses by it alone; that it differs is said. */
export interface PolicyChange {
  change: "added" | "changed" | "removed";
  kind: string;
  name: string;
  namespace?: string;
}

/** `sync`: by what `grant sync` makes of the grants and organizations of the new side, and not before. */
type Timed<Change> = Change & { when?: "sync" };

export interface AccessDiff {
  members: MemberChange[];
  sessions: Timed<SessionChange>[];
  rights: Timed<RightsChange>[];
  policies: PolicyChange[];
}

/** What one side of a change consists of. */
export interface Side {
  /** Roles and bindings. */
  rbac: readonly KubernetesObject[];
  /** The same as `grant sync` would leave them; left out where that is the same, or nobody can say. */
  synced?: readonly KubernetesObject[];
  /** Left out: not known. */
  organizations?: Directory | undefined;
  policies: readonly KubernetesObject[];
  targets: readonly NamedTarget[];
}

/**
 * Who gains and who loses which action of mirrord and which right, over everybody whom a binding of either side names and the
 * targets of both. What a group is given is shown at the group. A file of an organization, or a namespace's label, changes nothing
 * by itself: what `grant sync` then makes of it is part of the change, and what it would do without it is not.
 */
export function accessDiff(base: Side, head: Side): AccessDiff {
  const named = new Map([...base.targets, ...head.targets].map((target) => [JSON.stringify(target), target]));
  const targets = [...named.values()];
  const compare = (before: readonly KubernetesObject[], after: readonly KubernetesObject[]) =>
    rbacDiff(before, after, targets);
  const now = compare(base.rbac, head.rbac);
  const later = compare(head.rbac, head.synced ?? head.rbac);
  const anyway = compare(base.rbac, base.synced ?? base.rbac);
  const both = <Change extends object>(at: Change[], then: Change[], known: Change[]): Timed<Change>[] => [
    ...at,
    ...without(then, known).map((change) => ({ ...change, when: "sync" as const })),
  ];
  return {
    members:
      base.organizations === undefined || head.organizations === undefined
        ? []
        : memberChanges(base.organizations, head.organizations),
    sessions: both(now.sessions, later.sessions, anyway.sessions),
    rights: both(now.rights, later.rights, anyway.rights),
    policies: policyChanges(base.policies, head.policies),
  };
}

function without<Change>(changes: readonly Change[], known: readonly Change[]): Change[] {
  const keys = new Set(known.map((change) => JSON.stringify(change)));
  return changes.filter((change) => !keys.has(JSON.stringify(change)));
}

function rbacDiff(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  targets: readonly NamedTarget[],
): { sessions: SessionChange[]; rights: RightsChange[] } {
  if (before === after) return { sessions: [], rights: [] };
  const named = Map.groupBy(targets, ({ namespace }) => namespace);
  const sides = { base: authorizer(before), head: authorizer(after) };
  const affected = affectedSubjects(before.filter(isRbac), after.filter(isRbac)).toSorted((a, b) =>
    byCodePoint(formatSubject(a.subject), formatSubject(b.subject)),
  );
  return {
    sessions: withoutGroups(affected.flatMap((each) => sessionChanges(each, sides, named))),
    rights: withoutGroups(affected.flatMap(rightsComparison(sides))),
  };
}

/** What somebody gains or loses with a group that they are always in is shown at the group alone. */
function withoutGroups<Change extends SessionChange | RightsChange>(changes: readonly Change[]): Change[] {
  const key = ({ subject: _subject, ...change }: Change) => JSON.stringify(change);
  const groups = Map.groupBy(
    changes.filter(({ subject }) => subject.kind === "Group" && subject.name.startsWith("system:")),
    ({ subject }) => subject.name,
  );
  const known = new Map([...groups].map(([name, theirs]) => [name, new Set(theirs.map(key))]));
  return changes.filter(
    (change) =>
      change.subject.kind === "Group" ||
      !subjectIdentity(change.subject).groups.some((name) => known.get(name)?.has(key(change))),
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
