import { boundSubject, formatSubject, subjectIdentity, type RbacSubject } from "../access/subject.ts";
import { isJsonObject } from "../json.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { SessionRequest } from "../mirrord/plan/session-request.ts";
import { authorizer, type Authorizer } from "../rbac/authorizer.ts";
import type { Match, Subject } from "../rbac/types.ts";

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
  const answers = authorizer(objects);
  const holders = new Map<string, Holder>();
  const errors = new Set<string>();
  const everywhere = new Set<string>();
  for (const namespace of namespaces === "none" ? [""] : [ANY_NAMESPACE, ...namespaces]) {
    const requests = requestsIn(namespace).filter(({ required }) => required);
    const { subjects, problems } = allowedAll(answers, requests);
    for (const problem of problems) errors.add(problem);
    for (const subject of subjects) {
      const key = subjectKey(subject);
      if (everywhere.has(key)) continue;
      if (namespace === ANY_NAMESPACE) everywhere.add(key);
      const known = holders.get(key);
      if (known === undefined) {
        // Names of the namespace must be those of a real one in what is shown.
        const shown = namespace === ANY_NAMESPACE ? requestsIn("*").filter(({ required }) => required) : requests;
        const steps = requests.map((request, at) => allowedStep(answers, subject, request, shown[at] ?? request));
        holders.set(key, { subject, namespaces: places(namespace), steps });
      } else known.namespaces.push(namespace);
    }
  }
  return { holders: [...holders.values()].toSorted(bySubject), errors: [...errors] };
}

function places(namespace: string): string[] {
  if (namespace === ANY_NAMESPACE) return ["*"];
  return namespace === "" ? [] : [namespace];
}

/** The subjects that are allowed every request, by themselves or through a group that they are always in. */
function allowedAll(
  answers: Authorizer,
  requests: readonly SessionRequest[],
): { subjects: RbacSubject[]; problems: string[] } {
  const problems: string[] = [];
  const candidates = new Map<string, RbacSubject>();
  const allowed = requests.map(({ attributes }) => {
    const { subjects, errors } = answers.whoCan(attributes);
    problems.push(...errors);
    const known = subjects.flatMap((subject) => grantSubject(subject) ?? []);
    for (const subject of known) candidates.set(subjectKey(subject), subject);
    return new Set(known.map(subjectKey));
  });
  const subjects = [...candidates.values()].filter((subject) => {
    const keys = [subjectKey(subject), ...impliedGroups(subject)];
    return allowed.every((set) => keys.some((key) => set.has(key)));
  });
  return { subjects, problems };
}

function impliedGroups(subject: RbacSubject): string[] {
  return subjectIdentity(subject).groups.map((name) => subjectKey({ kind: "Group", name }));
}

function allowedStep(
  answers: Authorizer,
  subject: RbacSubject,
  { attributes }: SessionRequest,
  shown: SessionRequest,
): AllowedStep {
  const [match] = answers.explain({ ...attributes, user: subjectIdentity(subject) }).via;
  return {
    id: shown.id,
    purpose: shown.purpose,
    attributes: shown.attributes,
    ...(match === undefined ? {} : { match }),
  };
}

function grantSubject(subject: Subject): RbacSubject | undefined {
  return isJsonObject(subject) ? boundSubject(subject, undefined) : undefined;
}

const subjectKey = (subject: RbacSubject): string => JSON.stringify([subject.kind, formatSubject(subject)]);

const kinds = ["User", "Group", "ServiceAccount"];

function bySubject({ subject: a }: Holder, { subject: b }: Holder): number {
  const [one, other] = [formatSubject(a), formatSubject(b)];
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (one < other ? -1 : Number(one > other));
}
