import type { RbacSubject } from "../../access/subject.ts";
import type { StoredGrant } from "../../access/stored.ts";
import { subjectIdentity } from "../../access/subject.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import type { RequestTotals, SessionTotals, UsageTotals } from "../usage/totals.ts";

/** What logs say of the use of one grant. */
export interface GrantUse {
  /** When it was last used, in milliseconds since 1970; undefined: not at all, or the log does not say when. */
  last: number | undefined;
  isUsed: boolean;
  sessions: SessionTotals[];
  /** What the API server let through. */
  requests: RequestTotals[];
}

export interface GrantReach {
  grant: StoredGrant;
  /** Whom its bindings name today. */
  members: readonly RbacSubject[];
  /** Where it holds; undefined: everywhere. */
  namespaces: readonly string[] | undefined;
}

/**
 * The use of a grant since `from`. The API server names the binding that allowed a request: by that a group's grant is seen in use.
 * Where no log names bindings, and in the operator's, it is whoever the grant names, where it holds.
 */
export function grantUse({ grant, members, namespaces }: GrantReach, totals: UsageTotals, from: number): GrantUse {
  const isRecent = ({ last = Infinity }: { last?: number }) => last >= from;
  const own = new Set(grant.objects.map(({ object }) => keyByKind(object.kind, object.metadata)));
  const byBinding = [...totals.bindings.values()].filter(
    (each) => isRecent(each) && own.has(keyByKind(each.binding.kind, each.binding)),
  );
  const named = members.flatMap((member) => (member.kind === "Group" ? [] : [subjectIdentity(member).name]));
  const users = new Set([...named, ...byBinding.map(({ user }) => user)]);
  const isThere = ({ user, namespace }: { user: string; namespace: string }) =>
    users.has(user) && (namespaces === undefined || namespace === "" || namespaces.includes(namespace));
  const sessions = [...totals.sessions.values()].filter((each) => isRecent(each) && isThere(each));
  const requests = [...totals.requests.values()].filter((each) => each.allowed > 0 && isRecent(each) && isThere(each));
  const byName = totals.bindings.size > 0 ? [] : requests.filter(({ namespace }) => namespace !== "");
  const inPlace = sessions.filter(({ namespace }) => namespaces === undefined || namespace !== "");
  const found = [...byBinding, ...inPlace, ...byName];
  const times = found.flatMap(({ last }) => last ?? []);
  return {
    last: times.length === 0 ? undefined : Math.max(...times),
    isUsed: found.length > 0,
    sessions,
    requests,
  };
}
