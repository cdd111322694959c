import { usageError } from "../errors.ts";
import type { UserInfo } from "../kubernetes/access.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import { otherMeaning } from "../kubernetes/subject-look.ts";
import { readSubject, SERVICE_ACCOUNT_USER, type NamedSubject, type RbacSubject } from "../kubernetes/subject-text.ts";
import { serviceAccountFromName, withImpliedGroups } from "../rbac/decide/implied-groups.ts";
import type { Subject } from "../rbac/types.ts";
import { reservedBecause } from "./reserved-words.ts";

/** Who a grant is for. */
export type GrantSubject = NamedSubject;

/** Those whom bindings name: who belongs to a team or an organization stands in its place. */
export type { RbacSubject };

/** Whether it stands for others, who may change. */
export function isShared(subject: GrantSubject): subject is Exclude<GrantSubject, RbacSubject> {
  return subject.kind === "Team" || subject.kind === "Organization";
}

/** The subject itself, or nobody for one that stands for others. */
export const ownSubjects = (subject: GrantSubject): RbacSubject[] => (isShared(subject) ? [] : [subject]);

/**
 * Reads `jim`, `user:jim`, `group:oidc:web` (only the first known prefix counts), `sa:NAMESPACE/NAME`, `team:ORG/TEAM` and `org:ORG`, for what looks
 * subjects up. Throws UserError "usage". Source: design section 2.1.
 */
export function parseSubject(text: string): GrantSubject {
  return readSubject(text).subject;
}

/** The same of those whom a binding can name. */
export const parseRbacSubject = (text: string): RbacSubject => requireRbac(parseSubject(text));

/** Throws UserError "usage" for a team or an organization. */
export function requireRbac(subject: GrantSubject): RbacSubject {
  if (!isShared(subject)) return subject;
  throw usageError(
    `${formatSubject(subject)} stands for others, and is no subject of RBAC`,
    "Name a user, a group or a service account.",
  );
}

/** The same as parseSubject where `grant VERB` could have been meant: `grant revok` must never make a user of that name. */
export function parseSubjectNotVerb(text: string): GrantSubject {
  const { subject, bare } = readSubject(text);
  if (bare) refuseReserved(text);
  return subject;
}

function refuseReserved(name: string): void {
  const because = reservedBecause(name);
  if (because === undefined) return;
  throw usageError(`${JSON.stringify(name)} ${because}`, `For a user of that name write user:${name}.`);
}

/** `jim`, `group:web`, `sa:ci/runner`, `team:acme/web`: what parseSubjectNotVerb reads again. */
export function formatSubject(subject: GrantSubject): string {
  switch (subject.kind) {
    case "Group":
      return `group:${subject.name}`;
    case "ServiceAccount":
      return `sa:${subject.namespace}/${subject.name}`;
    case "Team":
      return `team:${subject.name}`;
    case "Organization":
      return `org:${subject.name}`;
    case "User": {
      const ambiguous =
        // Where the command is pasted, a name that begins with a dash would be read as a flag.
        /^(-|(user|group|sa|team|org):)/.test(subject.name) ||
        reservedBecause(subject.name) !== undefined ||
        otherMeaning(subject.name) !== undefined;
      return ambiguous ? `user:${subject.name}` : subject.name;
    }
  }
}

/** As a sentence has it: `jim`, `group oidc:web`, `service account ci/runner`, `team acme/web`. */
export function subjectWords(subject: GrantSubject): string {
  switch (subject.kind) {
    case "Group":
      return `group ${subject.name}`;
    case "ServiceAccount":
      return `service account ${subject.namespace}/${subject.name}`;
    case "Team":
      return `team ${subject.name}`;
    case "Organization":
      return `organization ${subject.name}`;
    case "User":
      return formatSubject(subject) !== subject.name ||
        /^(user|group|service account|team|organization) /.test(subject.name)
        ? `user ${subject.name}`
        : subject.name;
  }
}

/** The same for equal subjects, in the order of their names; cheaper than a text that people read. */
export const subjectKey = (subject: GrantSubject): string =>
  `${subject.name}\0${subject.kind}\0${subject.kind === "ServiceAccount" ? subject.namespace : ""}`;

/** Users and groups that Kubernetes gives a meaning of its own: granting to them is granting to strangers. */
export function isSystemSubject(subject: GrantSubject): boolean {
  return (subject.kind === "User" || subject.kind === "Group") && subject.name.startsWith("system:");
}

/** The subject as bindings name it, fully defaulted, so that what is read back compares equal. */
export function rbacSubject(subject: RbacSubject): Subject {
  return subject.kind === "ServiceAccount"
    ? { kind: "ServiceAccount", name: subject.name, namespace: subject.namespace }
    : { kind: subject.kind, apiGroup: RBAC_GROUP, name: subject.name };
}

/** Whoever is in the group of the service accounts of a namespace is in this one too. */
const ALL_ACCOUNTS = "system:serviceaccounts";

/** No identity provider has a user of this name. */
const NOBODY = "kubectl-mirrord:any-member";

/**
 * The identity that has this subject's rights and no others, with the groups that it implies: what to ask an authorizer about.
 * A group is asked about as a user that nobody is, who is in that group. `groups`: more that the subject is in.
 */
export function subjectIdentity(subject: RbacSubject, groups: readonly string[] = []): UserInfo {
  switch (subject.kind) {
    case "User":
      return withImpliedGroups({ name: subject.name, groups: [...groups] });
    case "Group": {
      const wider = subject.name.startsWith(`${ALL_ACCOUNTS}:`) ? [ALL_ACCOUNTS] : [];
      return withImpliedGroups({ name: NOBODY, groups: [subject.name, ...wider, ...groups] });
    }
    case "ServiceAccount": {
      const name = `${SERVICE_ACCOUNT_USER}${subject.namespace}:${subject.name}`;
      return withImpliedGroups({ name, groups: [...groups] });
    }
  }
}

/**
 * Like `subjectIdentity` for all of these, who have the same rights: a group, where there is one, else the first; nobody, where
 * there is none.
 */
export function commonIdentity(subjects: readonly RbacSubject[], groups: readonly string[] = []): UserInfo {
  const one = subjects.find(({ kind }) => kind === "Group") ?? subjects[0];
  return one === undefined ? withImpliedGroups({ name: NOBODY, groups: [...groups] }) : subjectIdentity(one, groups);
}

/** The subject that stands for an identity in a grant. */
export function userSubject(name: string): RbacSubject {
  const account = serviceAccountFromName(name);
  return account === undefined ? { kind: "User", name } : { kind: "ServiceAccount", ...account };
}

/**
 * The subject that a binding names, undefined when it is of no known kind. A service account without a namespace is in that
 * of its RoleBinding. Source: rbac semantics section 1 (subject matching).
 */
export function boundSubject(subject: Record<string, unknown>, bound: string | undefined): RbacSubject | undefined {
  const { kind, name, namespace } = subject;
  if (typeof name !== "string") return undefined;
  if (kind === "User") return userSubject(name);
  if (kind === "Group") return { kind, name };
  const place = typeof namespace === "string" && namespace !== "" ? namespace : bound;
  return kind === "ServiceAccount" && place !== undefined ? { kind, namespace: place, name } : undefined;
}
