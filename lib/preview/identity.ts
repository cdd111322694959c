import type { Cluster } from "../kube/cluster.ts";
import type { UserInfo } from "../kubernetes/access.ts";
import { isForbidden, isNotFound } from "../kubernetes/api-error.ts";
import { attempt } from "../reading/read.ts";
import { ANONYMOUS, serviceAccountFromName, withImpliedGroups } from "../rbac/decide/implied-groups.ts";

/** Whose session it would be. */
export interface Identity {
  user: UserInfo;
  /** The caller itself: the server knows all of its groups. */
  self: boolean;
  /** Nobody can look up a user's groups: false when they were not given and could be more. */
  groupsKnown: boolean;
  /** The caller, whose name the cluster does not tell: nothing can be looked up about it in RBAC objects. */
  nameless?: true;
  /** Groups that were not given and that every request of this identity carries all the same. */
  impliedGroups: string[];
}

/** Somebody other than the caller. */
export interface AskedIdentity {
  name: string;
  groups: string[];
  groupsGiven: boolean;
  uid?: string;
  extra?: Record<string, string[]>;
}

/** The groups of a service account and of the anonymous user are known: they have no others. */
export function otherIdentity({ groupsGiven, ...user }: AskedIdentity): Identity {
  const withGroups = withImpliedGroups(user);
  return {
    user: withGroups,
    self: false,
    groupsKnown: groupsGiven || serviceAccountFromName(user.name) !== undefined || user.name === ANONYMOUS,
    impliedGroups: withGroups.groups.filter((group) => !user.groups.includes(group)),
  };
}

export async function ownIdentity(cluster: Cluster): Promise<Identity> {
  const known = { self: true, groupsKnown: true, impliedGroups: [] };
  const read = await attempt(() => cluster.identity());
  if (!read.failed) return { ...known, user: read.value };
  if (!isUnserved(read.error.cause)) throw read.error;
  return { ...known, user: { name: "you", groups: [] }, nameless: true };
}

/** Clusters before 1.28 need not say who one is: each request is answered for the caller all the same. */
function isUnserved(cause: unknown): boolean {
  return isNotFound(cause) || isForbidden(cause);
}
