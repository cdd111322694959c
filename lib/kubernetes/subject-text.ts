import { usageError, type UserError } from "../errors.ts";
import { escapeCell, escapeJson } from "../text/escape.ts";
import { shellCommand, shellQuote } from "../text/shell-quote.ts";
import { formatTeamName, parseOrganizationName, parseTeamName } from "./organization-name.ts";
import { otherMeaning, subjectPrefixes } from "./subject-look.ts";

/** A subject of RBAC, as people name it. */
export type RbacSubject =
  | { kind: "User"; name: string }
  | { kind: "Group"; name: string }
  | { kind: "ServiceAccount"; namespace: string; name: string };

/** Whom people name: a subject of RBAC, or those who belong to a team (`acme/web`) or an organization, whoever they are at the time. */
export type NamedSubject = RbacSubject | { kind: "Team" | "Organization"; name: string };

export const SERVICE_ACCOUNT_USER = "system:serviceaccount:";

const subjectHint = "A subject is USER, user:NAME, group:NAME, sa:NAMESPACE/NAME, team:ORG/TEAM or org:ORG.";

const withPrefix = new RegExp(`^(${subjectPrefixes.join("|")}):(.*)$`, "su");

/** Neither a prefix nor anything else that is looked at. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;

/**
 * Reads `jim`, `user:jim`, `group:oidc:web` (only the first known prefix counts), `sa:NAMESPACE/NAME`, `team:ORG/TEAM` and `org:ORG`;
 * `bare`: without a prefix. Throws UserError "usage", also for what only looks like the name of a user. Source: design section 2.1.
 */
export function readSubject(text: string): { subject: NamedSubject; bare: boolean } {
  // Organizations have thousands of members.
  if (plainName.test(text)) return { subject: { kind: "User", name: text }, bare: true };
  const { prefix, name } = split(text);
  refuseDeceptive(name, text);
  switch (prefix) {
    case "team":
      return { subject: { kind: "Team", name: formatTeamName(parseTeamName(name)) }, bare: false };
    case "org":
      return { subject: { kind: "Organization", name: parseOrganizationName(name) }, bare: false };
    case "group":
      return { subject: { kind: "Group", name }, bare: false };
    case "sa":
      return { subject: parseServiceAccount(name, "/", text), bare: false };
    case "user":
      return { subject: parseUser(name), bare: false };
    case undefined: {
      const other = otherMeaning(name);
      if (other !== undefined) throw usageError(`${JSON.stringify(text)} ${other.look}`, other.hint);
      return { subject: parseUser(name), bare: true };
    }
  }
}

/**
 * The user name behind a flag that takes one, such as --as: `sa:ci/runner` is system:serviceaccount:ci:runner. Names of users
 * may have colons, so only what begins with a prefix, however it is spelled, is more than a name. Throws UserError "usage".
 */
export function userName(flag: string, text: string): string {
  if (text === "") return text;
  const { prefix, name } = split(text);
  if (prefix === undefined) {
    const other = otherMeaning(name);
    if (other?.isPrefix === true || (other !== undefined && !name.includes(":")))
      throw usageError(`${flag} ${JSON.stringify(text)} ${other.look}`, other.hint);
    return name;
  }
  const { subject } = readSubject(text);
  if (subject.kind === "ServiceAccount") return `${SERVICE_ACCOUNT_USER}${subject.namespace}:${subject.name}`;
  if (subject.kind === "User") return subject.name;
  throw notAUser(flag, text, subject);
}

function notAUser(flag: string, text: string, { kind, name }: NamedSubject): UserError {
  const what = kind === "Team" ? "a team" : kind === "Organization" ? "an organization" : "a group";
  const hint =
    kind === "Team" || kind === "Organization"
      ? `See who is in it: ${shellCommand(["kubectl", "mirrord", "grant", kind === "Team" ? "team" : "org", "describe"], [name])}`
      : flag === "--as"
        ? `Say who is in it: --as USER --as-group ${shellQuote(name)}.`
        : `Nobody can look up who is in ${JSON.stringify(name)}: name the user.`;
  return usageError(`${flag} is for a user, and ${JSON.stringify(text)} is ${what}`, hint);
}

/** The group behind a flag that takes one: `group:x` is x. Throws UserError "usage" for a user or a service account. */
export function groupName(flag: string, text: string): string {
  const { prefix, name } = text === "" ? { prefix: undefined, name: "" } : split(text);
  if (prefix === undefined || prefix === "group") return name;
  throw usageError(
    `${flag} is for a group, and ${JSON.stringify(text)} is none`,
    `For a group of that name write group:${text}.`,
  );
}

type Prefix = (typeof subjectPrefixes)[number];

function split(text: string): { prefix: Prefix | undefined; name: string } {
  const [, typed, rest = ""] = withPrefix.exec(text) ?? [];
  const prefix = subjectPrefixes.find((each) => each === typed);
  const name = prefix === undefined ? text : rest;
  if (name === "") throw usageError(`subject ${JSON.stringify(text)} has no name`, subjectHint);
  return { prefix, name };
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
function parseUser(name: string): RbacSubject {
  return name.startsWith(SERVICE_ACCOUNT_USER)
    ? parseServiceAccount(name.slice(SERVICE_ACCOUNT_USER.length), ":", name)
    : { kind: "User", name };
}

// Namespaces are DNS labels and service accounts DNS subdomains (RBAC validation refuses other names with 422).
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsSubdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function parseServiceAccount(text: string, separator: string, given: string): RbacSubject {
  const [namespace = "", name = "", ...rest] = text.split(separator);
  if (rest.length === 0 && dnsLabel.test(namespace) && dnsSubdomain.test(name)) {
    return { kind: "ServiceAccount", namespace, name };
  }
  const [, first, second] = /^([^:/]+)[:/]([^:/]+)$/u.exec(text.replace(SERVICE_ACCOUNT_USER, "")) ?? [];
  const meant =
    first !== undefined && second !== undefined && dnsLabel.test(first) && dnsSubdomain.test(second)
      ? `Did you mean sa:${first}/${second}? `
      : "";
  throw usageError(
    `${JSON.stringify(given)} is not a service account`,
    `${meant}A service account is sa:NAMESPACE/NAME; both are lower-case letters, digits and '-'.`,
  );
}
