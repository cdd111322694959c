import type { AccessAttributes } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { authorizer } from "../rbac/authorizer.ts";
import type { Explanation } from "../rbac/decide/explain.ts";
import type { Match } from "../rbac/types.ts";
import { parseTime } from "../text/instant.ts";
import { annotations, GRANT_LABEL } from "./names.ts";
import type { GrantOutline } from "./outline.ts";
import { boundGroups } from "./remaining.ts";
import { accessPlaces, accessRequests } from "./session-access.ts";
import { commonIdentity } from "./subject.ts";

/** What lets a subject mirror and steal in a place without the grant that is looked at. */
export interface OtherAccess {
  /** Empty: everywhere. */
  namespace: string;
  /** `grant ID`, or `rolebinding/x` for one that was made by hand. */
  by: string[];
  /** Groups without which it is not so; nobody can look up who is in them. */
  groups: string[];
}

/**
 * Where the subject of a grant could use mirrord without it, or a group that a user may be in: of a grant that only looks, any
 * target; of a limited one, its targets.
 * @param end milliseconds since 1970: what is over by then does not count
 */
export function otherAccess(
  grant: GrantOutline,
  objects: readonly KubernetesObject[],
  namespaces: readonly string[],
  end = 0,
): OtherAccess[] {
  const over = new Set(objects.filter((object) => endsBy(object, end)).map(grantLabel));
  const rest = objects.filter((object) => {
    const id = grantLabel(object);
    const isOwn = id === grant.id || object.metadata.name?.startsWith(grant.name) === true;
    return !isOwn && (id === undefined || !over.has(id));
  });
  const labels = new Map(rest.map((object) => [bindingName(object), grantLabel(object)]));
  const { explain } = authorizer(rest);
  const { groups: stated } = grant.intent;
  const user = commonIdentity(grant.members, stated);
  const isPerson = grant.members.some(({ kind }) => kind === "User") && stated === undefined;
  const withGroups = isPerson ? commonIdentity(grant.members, boundGroups(rest)) : user;
  return accessPlaces(grant, namespaces).flatMap(({ namespace, target }): OtherAccess[] => {
    const place = target === undefined ? { namespace } : { namespace, target };
    const requests = accessRequests(place).map(({ attributes }) => attributes);
    const alone = requests.map((attributes) => explain({ user, ...attributes }));
    const isAlone = alone.every(isAllowed);
    const all = isAlone ? alone : requests.map((attributes) => explain({ user: withGroups, ...attributes }));
    if (!all.every(isAllowed)) return [];
    const connecting = all.flatMap(({ via }, at) => (isConnection(requests[at]) ? via : []));
    const by = connecting.map(({ binding }) => {
      const name = bindingName({ kind: binding.kind, metadata: binding });
      const id = labels.get(name);
      return id === undefined ? `${binding.kind.toLowerCase()}/${binding.name}` : `grant ${id}`;
    });
    // Where the connection is allowed anyway, a group adds what else a session needs.
    const ways = all.flatMap(({ via }, at) => (alone[at]?.answer === "yes" ? [] : via));
    const opening = connecting.some(isGroup) ? connecting.filter(isGroup) : ways.filter(isGroup);
    const groups = isAlone ? [] : opening.map(({ subject }) => subject.name);
    return [{ namespace, by: [...new Set(by)], groups: [...new Set(groups)].toSorted() }];
  });
}

const isAllowed = ({ answer }: Explanation): boolean => answer === "yes";
const isGroup = ({ subject }: Match): boolean => subject.kind === "Group" && !subject.name.startsWith("system:");
const isConnection = (attributes: AccessAttributes | undefined): boolean =>
  attributes !== undefined && "resource" in attributes && attributes.resource === "targets";

const grantLabel = ({ metadata }: KubernetesObject): string | undefined => metadata.labels?.[GRANT_LABEL];

function endsBy({ metadata }: KubernetesObject, end: number): boolean {
  const expiresAt = parseTime(metadata.annotations?.[annotations.expiresAt]);
  return expiresAt !== undefined && expiresAt <= end;
}

const bindingName = ({ kind, metadata }: { kind: string; metadata: { name?: string; namespace?: string } }): string =>
  [kind, metadata.namespace ?? "", metadata.name ?? ""].join("/");
