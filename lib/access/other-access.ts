import type { KubernetesObject } from "../kubernetes/object.ts";
import { authorizer } from "../rbac/authorizer.ts";
import { parseTime } from "../text/instant.ts";
import { annotations, GRANT_LABEL } from "./names.ts";
import type { GrantOutline } from "./outline.ts";
import { accessPlaces, accessRequests } from "./session-access.ts";

/** What lets a subject mirror and steal in a place without the grant that is looked at. */
export interface OtherAccess {
  /** Empty: everywhere. */
  namespace: string;
  /** `grant ID`, or `rolebinding/x` for one that was made by hand. */
  by: string[];
}

/**
 * Where the subject of a grant could use mirrord without it: of a grant that only looks, any target; of a limited one, its targets.
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
  return accessPlaces(grant, namespaces).flatMap(({ namespace, target }): OtherAccess[] => {
    const place = target === undefined ? { namespace } : { namespace, target };
    const answers = accessRequests(place).map(({ attributes }) => ({
      attributes,
      ...explain({ user: grant.user, ...attributes }),
    }));
    if (!answers.every(({ answer }) => answer === "yes")) return [];
    const connecting = answers.filter(
      ({ attributes }) => "resource" in attributes && attributes.resource === "targets",
    );
    const by = connecting.flatMap(({ via }) =>
      via.map(({ binding }) => {
        const name = bindingName({ kind: binding.kind, metadata: binding });
        const id = labels.get(name);
        return id === undefined ? `${binding.kind.toLowerCase()}/${binding.name}` : `grant ${id}`;
      }),
    );
    return [{ namespace, by: [...new Set(by)] }];
  });
}

const grantLabel = ({ metadata }: KubernetesObject): string | undefined => metadata.labels?.[GRANT_LABEL];

function endsBy({ metadata }: KubernetesObject, end: number): boolean {
  const expiresAt = parseTime(metadata.annotations?.[annotations.expiresAt]);
  return expiresAt !== undefined && expiresAt <= end;
}

const bindingName = ({ kind, metadata }: { kind: string; metadata: { name?: string; namespace?: string } }): string =>
  [kind, metadata.namespace ?? "", metadata.name ?? ""].join("/");
