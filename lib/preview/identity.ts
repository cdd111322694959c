import type { Cluster } from "../kube/cluster.ts";
import type { UserInfo } from "../kubernetes/access.ts";
import { ANONYMOUS, serviceAccountFromName, withImpliedGroups } from "../rbac/decide/implied-groups.ts";

/** Whose session it would be. */
export interface Identity {
  user: UserInfo;
  /** The caller itself: the server knows all of its groups. */
  self: boolean;
  /** Nobody can look up a user's groups: false when they were not given and could be more. */
  groupsKnown: boolean;
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
  return { user: await cluster.identity(), self: true, groupsKnown: true, impliedGroups: [] };
}
