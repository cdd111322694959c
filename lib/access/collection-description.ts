import { byCodePoint } from "../text/order.ts";
import { ancestry, isWithin, type CollectionPath, type Membership } from "./collection.ts";
import { intentCollections } from "./collection-plan.ts";
import type { CollectionsSeen } from "./collections-seen.ts";
import { roleText } from "./custom-role.ts";
import type { StoredGrant } from "./stored.ts";
import { formatSubject } from "./subject.ts";

/** A grant that holds in every namespace of a collection. */
export interface ReachingGrant {
  id: string;
  /** As it is typed. */
  subject: string;
  role: string;
  /** The collection that it names: this one or one above it; `*`: it holds everywhere. */
  on: string;
}

export interface CollectionDescription {
  path: CollectionPath;
  description: string;
  /** From the top. */
  above: CollectionPath[];
  /** One step down. */
  children: CollectionPath[];
  /** In it, not below it. */
  namespaces: string[];
  below: { namespace: string; path: CollectionPath }[];
  /** Undefined: the caller may not list grants. */
  grants: ReachingGrant[] | undefined;
}

/** What there is to say of one collection. */
export function describeCollection(
  path: CollectionPath,
  { known, members }: Pick<CollectionsSeen, "known" | "members">,
  grants: readonly StoredGrant[] | undefined,
): CollectionDescription {
  const inside = members.flatMap(({ namespace, path: at }: Membership) =>
    at !== undefined && isWithin(at, path) ? [{ namespace, path: at }] : [],
  );
  return {
    path,
    description: known.get(path) ?? "",
    above: ancestry(path).slice(0, -1),
    children: [...known.keys()].filter(
      (each) => isWithin(each, path) && each !== path && !each.slice(path.length + 1).includes("/"),
    ),
    namespaces: inside.filter((each) => each.path === path).map(({ namespace }) => namespace),
    below: inside.filter((each) => each.path !== path),
    grants: grants
      ?.flatMap((grant) => reachingGrants(path, grant))
      .toSorted((one, other) => byCodePoint(one.subject, other.subject) || byCodePoint(one.id, other.id)),
  };
}

function reachingGrants(path: CollectionPath, { id, intent }: StoredGrant): ReachingGrant[] {
  if (intent === undefined) return [];
  const on =
    intent.set.kind === "all" ? "*" : intentCollections(intent).find((each) => each === "/" || isWithin(path, each));
  return on === undefined ? [] : [{ id, subject: formatSubject(intent.subject), role: roleText(intent.role), on }];
}
