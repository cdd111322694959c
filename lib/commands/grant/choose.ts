import { isDeepStrictEqual } from "node:util";
import { boundSubjects, type StoredGrant } from "../../access/stored.ts";
import { parseSubject, subjectWords } from "../../access/subject.ts";
import { usageError, type UserError } from "../../errors.ts";
import { bindingName } from "./find-unmanaged.ts";

const idOrPrefix = /^[a-z2-7]{4,20}$/;

/** A whole id, or the beginning of one: people have their numbers at the end. */
export const looksLikeId = (word: string): boolean =>
  /^(?=.*[2-7])[a-z2-7]{20}$/.test(word) || /^(?=.*[2-7][a-z])[a-z2-7]{6,19}$/.test(word);

/** Nothing that a word could mean. */
export function notFound(wanted: string): UserError {
  const what = bindingName(wanted) === undefined ? noGrant(wanted, []) : `no grant has the binding ${wanted}`;
  return usageError(what, "See what there is: kubectl mirrord grant list");
}

export function noGrant(wanted: string, namespaces: readonly string[]): string {
  const where = namespaces.length === 0 ? "" : ` in namespace ${namespaces.join(", ")}`;
  return `no grant of ${subjectWords(parseSubject(wanted))} was found${where}`;
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

/** The one grant that a word means. Throws UserError "usage" for none and for several. */
export function chooseGrant(grants: readonly StoredGrant[], wanted: string): StoredGrant {
  const [first, ...others] = findGrants(grants, wanted, []);
  if (first === undefined) throw notFound(wanted);
  if (others.length === 0) return first;
  const ids = [first, ...others].map(({ id }) => id).join(", ");
  throw usageError(`${JSON.stringify(wanted)} has ${others.length + 1} grants: ${ids}`, "Name one by its id.");
}

/** Whether a grant holds in a namespace now, or may at any time because a selector could match it. */
function mayHoldIn({ intent, objects }: StoredGrant, namespace: string): boolean {
  if (intent === undefined) return objects.some(({ object }) => object.metadata.namespace === namespace);
  const { set } = intent;
  return set.kind === "all" || set.namespaces.includes(namespace) || set.selectors !== undefined;
}
