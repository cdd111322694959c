import type { RbacSubject } from "../../access/subject.ts";
import type { StoredGrant } from "../../access/stored.ts";
import { subjectIdentity } from "../../access/subject.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import type { BindingTotals, RequestTotals, SessionTotals, UsageTotals } from "../usage/totals.ts";

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

/** What logs say, by who and by which binding: of a grant only its own part is looked at. */
export interface UsageIndex {
  /** By user names. */
  sessions: ReadonlyMap<string, readonly SessionTotals[]>;
  requests: ReadonlyMap<string, readonly RequestTotals[]>;
  /** By `keyByKind`; empty where no log names bindings. */
  bindings: ReadonlyMap<string, readonly BindingTotals[]>;
}

/** @param from milliseconds since 1970; what was last seen before is left out */
export function usageIndex({ sessions, requests, bindings }: UsageTotals, from: number): UsageIndex {
  const recent = <Totals extends { last?: number }>(all: ReadonlyMap<string, Totals>): Totals[] =>
    [...all.values()].filter(({ last = Infinity }) => last >= from);
  return {
    sessions: Map.groupBy(recent(sessions), ({ user }) => user),
    requests: Map.groupBy(
      recent(requests).filter(({ allowed }) => allowed > 0),
      ({ user }) => user,
    ),
    bindings: Map.groupBy(recent(bindings), ({ binding }) => keyByKind(binding.kind, binding)),
  };
}

/**
 * The use of a grant. The API server names the binding that allowed a request: by that a group's grant is seen in use.
 * Where no log names bindings, and in the operator's, it is whoever the grant names, where it holds.
 * @param namesBindings whether a log names bindings
 */
export function grantUse(
  { grant, members, namespaces }: GrantReach,
  index: UsageIndex,
  namesBindings: boolean,
): GrantUse {
  const own = new Set(grant.objects.map(({ object }) => keyByKind(object.kind, object.metadata)));
  const byBinding = [...own].flatMap((key) => index.bindings.get(key) ?? []);
  const named = members.flatMap((member) => (member.kind === "Group" ? [] : [subjectIdentity(member).name]));
  const users = [...new Set([...named, ...byBinding.map(({ user }) => user)])];
  const places = namespaces && new Set(["", ...namespaces]);
  const isThere = ({ namespace }: { namespace: string }) => places?.has(namespace) ?? true;
  const sessions = users.flatMap((user) => index.sessions.get(user)?.filter(isThere) ?? []);
  const requests = users.flatMap((user) => index.requests.get(user)?.filter(isThere) ?? []);
  const byName = namesBindings ? [] : requests.filter(({ namespace }) => namespace !== "");
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
