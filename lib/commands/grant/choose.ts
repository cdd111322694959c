import { isDeepStrictEqual } from "node:util";
import { boundSubjects, type StoredGrant } from "../../access/stored.ts";
import { formatSubject, parseSubject } from "../../access/subject.ts";
import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";

const idOrPrefix = /^[a-z2-7]{4,20}$/;

/** Like `findGrants`, where there must be one. Throws UserError "usage" when there is none. */
export function chooseGrants(grants: readonly StoredGrant[], wanted: string): StoredGrant[] {
  const chosen = findGrants(grants, wanted, []);
  if (chosen.length > 0) return chosen;
  throw usageError(noGrant(wanted, []), "See what there is: kubectl mirrord grant list");
}

export function noGrant(wanted: string, namespaces: readonly string[]): string {
  const where = namespaces.length === 0 ? "" : ` in namespace ${namespaces.join(", ")}`;
  return `no grant of ${formatSubject(parseSubject(wanted))} was found${where}`;
}

/**
 * The grants that a word means: those of a subject, or the one whose id it is or begins. Throws UserError "usage" when
 * it could be two ids.
 */
export function findGrants(
  grants: readonly StoredGrant[],
  wanted: string,
  namespaces: readonly string[],
): StoredGrant[] {
  const byId = grants.filter(({ id }) => id === wanted);
  if (byId.length > 0) return byId;
  const own = ofSubject(grants, wanted);
  const begin = idOrPrefix.test(wanted) ? grants.filter(({ id }) => id.startsWith(wanted)) : [];
  if (own.length === 0 && begin.length > 1) throw ambiguous(wanted, begin);
  return (own.length > 0 ? own : begin).filter(
    (grant) => namespaces.length === 0 || namespaces.some((namespace) => mayHoldIn(grant, namespace)),
  );
}

function ofSubject(grants: readonly StoredGrant[], wanted: string): StoredGrant[] {
  const subject = parseSubject(wanted);
  return grants.filter(({ intent, objects }) =>
    // What is left of a grant is whose bindings name nobody else.
    isDeepStrictEqual(intent === undefined ? boundSubjects(objects) : [intent.subject], [subject]),
  );
}

function ambiguous(wanted: string, grants: readonly StoredGrant[]): UserError {
  return usageError(
    `${JSON.stringify(wanted)} begins ${grants.length} ids: ${grants.map(({ id }) => id).join(", ")}`,
    "Write more of the one you mean.",
  );
}

/** Like `chooseGrants`, where one grant is meant. Throws UserError "usage" for several. */
export function chooseGrant(grants: readonly StoredGrant[], wanted: string): StoredGrant {
  const [first, ...others] = chooseGrants(grants, wanted);
  if (first !== undefined && others.length === 0) return first;
  const ids = [first, ...others].map((grant) => grant?.id ?? "").join(", ");
  throw usageError(`${JSON.stringify(wanted)} has ${others.length + 1} grants: ${ids}`, "Name one by its id.");
}

/** Whether a grant holds in a namespace now, or may at any time because a selector could match it. */
function mayHoldIn({ intent, objects }: StoredGrant, namespace: string): boolean {
  if (intent === undefined) return objects.some(({ object }) => object.metadata.namespace === namespace);
  const { set } = intent;
  return set.kind === "all" || set.namespaces.includes(namespace) || set.selectors !== undefined;
}
