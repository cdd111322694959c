import { usageError } from "../errors.ts";
import { slip } from "../text/suggest.ts";
import { escapeCell, escapeJson } from "../text/escape.ts";
import type { UserInfo } from "../kubernetes/access.ts";
import type { Subject } from "../rbac/types.ts";
import { serviceAccountFromName, withImpliedGroups } from "../rbac/decide/implied-groups.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";

/** Who a grant is for. */
export type GrantSubject =
  | { kind: "User"; name: string }
  | { kind: "Group"; name: string }
  | { kind: "ServiceAccount"; namespace: string; name: string };

const SERVICE_ACCOUNT_USER = "system:serviceaccount:";
const subjectHint = "A subject is USER, user:NAME, group:NAME or sa:NAMESPACE/NAME.";

/** The verbs of `grant`: a bare subject must not be one of them or close to one, or a slip of the finger makes a user. */
export const grantVerbs = ["list", "describe", "explain", "extend", "revoke", "sync", "matrix", "whoami"] as const;

/** Kept for verbs of later versions: a command that grants today must not mean something else then. */
const keptWords = ["org", "team", "collection", "role"] as const;

/**
 * Reads `jim`, `user:jim`, `group:oidc:web` (only the first known prefix counts) and `sa:NAMESPACE/NAME`, for what looks
 * subjects up. Throws UserError "usage". Source: design section 2.1.
 */
export function parseSubject(text: string): GrantSubject {
  return readSubject(text).subject;
}

/** The same where `grant VERB` could have been meant: `grant revok` must never make a user of that name. */
export function parseSubjectNotVerb(text: string): GrantSubject {
  const { subject, bare } = readSubject(text);
  if (bare) refuseReserved(text);
  return subject;
}

/** `bare`: without a prefix. */
function readSubject(text: string): { subject: GrantSubject; bare: boolean } {
  const [, prefix, rest] = /^(user|group|sa|team|org):(.*)$/su.exec(text) ?? [undefined, undefined, text];
  const name = rest ?? "";
  if (name === "") throw usageError(`subject ${JSON.stringify(text)} has no name`, subjectHint);
  refuseDeceptive(name, text);
  switch (prefix) {
    case "team":
    case "org":
      throw usageError(`${prefix}: subjects are not supported by this version`, subjectHint);
    case "group":
      return { subject: { kind: "Group", name }, bare: false };
    case "sa":
      return { subject: parseServiceAccount(name, "/", text), bare: false };
    default:
      return { subject: parseUser(name), bare: prefix === undefined };
  }
}

// The API server compares names byte by byte: one that looks like another would be somebody else.
function refuseDeceptive(name: string, text: string): void {
  const what = /\p{Cc}/u.test(name)
    ? "a control character"
    : escapeCell(name) !== name
      ? "a character that nobody sees"
      : /^\s|\s$/u.test(name)
        ? "a blank at its start or end"
        : undefined;
  if (what === undefined) return;
  const shown = escapeJson(JSON.stringify(text));
  throw usageError(`subject ${shown} has ${what} in its name`, subjectHint);
}

// A user name of this form is a service account to the API server as well; stored one way, it has one grant.
function parseUser(name: string): GrantSubject {
  return name.startsWith(SERVICE_ACCOUNT_USER)
    ? parseServiceAccount(name.slice(SERVICE_ACCOUNT_USER.length), ":", name)
    : { kind: "User", name };
}

// Namespaces are DNS labels and service accounts DNS subdomains (RBAC validation refuses other names with 422).
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsSubdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function parseServiceAccount(text: string, separator: string, given: string): GrantSubject {
  const [namespace = "", name = "", ...rest] = text.split(separator);
  if (rest.length > 0 || !dnsLabel.test(namespace) || !dnsSubdomain.test(name)) {
    throw usageError(
      `${JSON.stringify(given)} is not a service account`,
      "A service account is sa:NAMESPACE/NAME; both are lower-case letters, digits and '-'.",
    );
  }
  return { kind: "ServiceAccount", namespace, name };
}

function refuseReserved(name: string): void {
  const near = reservedNear(name);
  if (near === undefined) return;
  const exact = near === name.toLowerCase();
  const what = keptWords.some((word) => word === near)
    ? `is ${exact ? "" : `too close to "${near}", which is `}kept for a verb of this command`
    : exact
      ? "is a verb of this command"
      : `is too close to the verb "${near}"`;
  throw usageError(`${JSON.stringify(name)} ${what}`, `For a user of that name write user:${name}.`);
}

/** The nearest of the words that a bare name must not be mistaken for, if one is near. */
function reservedNear(name: string): string | undefined {
  return slip(name, [...grantVerbs, ...keptWords]);
}

/** `jim`, `group:web`, `sa:ci/runner`: what parseSubjectNotVerb reads again. */
export function formatSubject(subject: GrantSubject): string {
  switch (subject.kind) {
    case "Group":
      return `group:${subject.name}`;
    case "ServiceAccount":
      return `sa:${subject.namespace}/${subject.name}`;
    case "User": {
      const ambiguous =
        // Where the command is pasted, a name that begins with a dash would be read as a flag, and `help` as a question.
        /^(-|(user|group|sa|team|org):|help$)/.test(subject.name) || reservedNear(subject.name) !== undefined;
      return ambiguous ? `user:${subject.name}` : subject.name;
    }
  }
}

/** Users and groups that Kubernetes gives a meaning of its own: granting to them is granting to strangers. */
export function isSystemSubject(subject: GrantSubject): boolean {
  return subject.kind !== "ServiceAccount" && subject.name.startsWith("system:");
}

/** The subject as bindings name it, fully defaulted, so that what is read back compares equal. */
export function rbacSubject(subject: GrantSubject): Subject {
  return subject.kind === "ServiceAccount"
    ? { kind: "ServiceAccount", name: subject.name, namespace: subject.namespace }
    : { kind: subject.kind, apiGroup: RBAC_GROUP, name: subject.name };
}

/**
 * The identity that has this subject's rights and no others, with the groups that it implies: what to ask an authorizer about.
 * A group is asked about as a user that nobody is, who is in that group. `groups`: more that the subject is in.
 */
export function subjectIdentity(subject: GrantSubject, groups: readonly string[] = []): UserInfo {
  switch (subject.kind) {
    case "User":
      return withImpliedGroups({ name: subject.name, groups: [...groups] });
    case "Group":
      return withImpliedGroups({ name: "kubectl-mirrord:any-member", groups: [subject.name, ...groups] });
    case "ServiceAccount": {
      const name = `${SERVICE_ACCOUNT_USER}${subject.namespace}:${subject.name}`;
      return withImpliedGroups({ name, groups: [...groups] });
    }
  }
}

/** The subject that stands for an identity in a grant. */
export function userSubject(name: string): GrantSubject {
  const account = serviceAccountFromName(name);
  return account === undefined ? { kind: "User", name } : { kind: "ServiceAccount", ...account };
}

/**
 * The subject that a binding names, undefined when it is of no known kind. A service account without a namespace is in that
 * of its RoleBinding. Source: rbac semantics section 1 (subject matching).
 */
export function boundSubject(subject: Record<string, unknown>, bound: string | undefined): GrantSubject | undefined {
  const { kind, name, namespace } = subject;
  if (typeof name !== "string") return undefined;
  if (kind === "User") return userSubject(name);
  if (kind === "Group") return { kind, name };
  const place = typeof namespace === "string" && namespace !== "" ? namespace : bound;
  return kind === "ServiceAccount" && place !== undefined ? { kind, namespace: place, name } : undefined;
}
