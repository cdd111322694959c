import { formatSubject, subjectIdentity, type RbacSubject } from "../access/subject.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { allowedFinder } from "./allowed-all.ts";
import type { SessionRequest } from "../mirrord/plan/session-request.ts";
import { matchFinder } from "../rbac/decide/explain.ts";
import { rbacIndex } from "../rbac/decide/rbac-index.ts";
import type { Match } from "../rbac/types.ts";

/** One request of what was asked about, and what lets the subject send it. */
export interface AllowedStep {
  id: string;
  purpose: string;
  attributes: AccessAttributes;
  /** Absent for members of `system:masters`, who pass every check without any object. */
  match?: Match;
}

/** Somebody who may send every request that is needed. */
export interface Holder {
  subject: RbacSubject;
  /** `*`: in every namespace, also in those that come later. Empty for what has no namespace. */
  namespaces: string[];
  /** In the first of the namespaces. */
  steps: AllowedStep[];
}

/** What is asked about, in a namespace; for questions without one it does not look at its argument. */
export type RequestsIn = (namespace: string) => readonly SessionRequest[];

/** No namespace has this name: no RoleBinding is in it, and no rule names it. What is allowed there is allowed everywhere. */
const ANY_NAMESPACE = "\u0000";

/**
 * Everybody whom the RBAC objects allow all required requests: users, groups and service accounts that bindings name, each
 * with the groups that Kubernetes puts it in by itself. What such a group is enough for is shown at the group alone. A
 * user's other groups are not known: a user who needs one of them is not listed. Always names `system:masters`.
 * @param namespaces where to ask, beside everywhere at once; "none" for what has no namespace
 */
export function whoCanSend(
  objects: readonly KubernetesObject[],
  namespaces: readonly string[] | "none",
  requestsIn: RequestsIn,
): { holders: Holder[]; errors: string[] } {
  const index = rbacIndex(objects);
  const finder = allowedFinder(index);
  const findMatch = matchFinder(index);
  const holders = new Map<string, Holder>();
  const everywhere = new Set<string>();
  for (const namespace of namespaces === "none" ? [""] : [ANY_NAMESPACE, ...namespaces]) {
    const requests = requestsIn(namespace).filter(({ required }) => required);
    const isNamespace = namespace !== ANY_NAMESPACE && namespace !== "";
    const asked = requests.map(({ attributes }) => attributes);
    for (const [key, subject] of isNamespace ? finder.inNamespace(asked) : finder.everybody(asked)) {
      if (everywhere.has(key)) continue;
      if (namespace === ANY_NAMESPACE) everywhere.add(key);
      const known = holders.get(key);
      if (known === undefined) {
        // Names of the namespace must be those of a real one in what is shown.
        const shown = namespace === ANY_NAMESPACE ? requestsIn("*").filter(({ required }) => required) : requests;
        const steps = requests.map((request, at) => allowedStep(findMatch, subject, request, shown[at] ?? request));
        holders.set(key, { subject, namespaces: places(namespace), steps });
      } else known.namespaces.push(namespace);
    }
  }
  return { holders: inOrder([...holders.values()]), errors: [...index.errors, ...finder.missing] };
}

function places(namespace: string): string[] {
  if (namespace === ANY_NAMESPACE) return ["*"];
  return namespace === "" ? [] : [namespace];
}

function allowedStep(
  findMatch: ReturnType<typeof matchFinder>,
  subject: RbacSubject,
  { attributes }: SessionRequest,
  shown: SessionRequest,
): AllowedStep {
  const match = findMatch({ ...attributes, user: subjectIdentity(subject) });
  return {
    id: shown.id,
    purpose: shown.purpose,
    attributes: shown.attributes,
    ...(match === undefined ? {} : { match }),
  };
}

const kinds = ["User", "Group", "ServiceAccount"];

/** By kind, then as they are written. To write a subject takes long enough to do it once for each. */
function inOrder(holders: readonly Holder[]): Holder[] {
  const written = holders.map((holder) => ({
    holder,
    kind: kinds.indexOf(holder.subject.kind),
    text: formatSubject(holder.subject),
  }));
  return written
    .toSorted((a, b) => a.kind - b.kind || (a.text < b.text ? -1 : Number(a.text > b.text)))
    .map(({ holder }) => holder);
}
