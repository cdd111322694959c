import { nearest } from "../text/suggest.ts";
import { nativeResources } from "./resources.ts";

/** What a subject may begin with, before a colon. */
export const subjectPrefixes = ["user", "group", "sa", "team", "org"] as const;

export type SubjectPrefix = (typeof subjectPrefixes)[number];

/** Why a text is not taken for the name of a user, and what it may mean instead. */
export interface OtherMeaning {
  /** Behind the text: `looks like a service account`. */
  look: string;
  hint: string;
  /** The text begins with a prefix, written in another way; otherwise it is only a guess. */
  isPrefix: boolean;
}

/** What people write in place of a prefix. */
const spellings: Readonly<Record<string, SubjectPrefix>> = {
  users: "user",
  usr: "user",
  u: "user",
  groups: "group",
  grp: "group",
  g: "group",
  serviceaccount: "sa",
  serviceaccounts: "sa",
  "service-account": "sa",
  service_account: "sa",
  account: "sa",
  svc: "sa",
  ...Object.fromEntries(subjectPrefixes.map((prefix) => [prefix, prefix])),
  teams: "team",
  orgs: "org",
  organization: "org",
  organizations: "org",
};

/** Long enough that a slip of the finger is still near. */
const longSpellings = Object.keys(spellings).filter((word) => word.length > 3);

/** These have members and are no users. Source: apiserver pkg/authentication/user/user.go, and the bootstrap token groups. */
const groupsOfKubernetes =
  /^system:(masters|nodes|(un)?authenticated|serviceaccounts(:.*)?|bootstrappers(:.*)?|monitoring)$/u;

/**
 * Kubernetes takes any text for a user's name, so what was meant for something else would make a user that nobody is: another
 * spelling of a prefix, `ci/runner`, a group's name with the colon of its identity provider. Undefined for a plain name, and for
 * a URL, as an identity provider that is an issuer writes its users.
 * @param text without one of the prefixes
 */
export function otherMeaning(text: string): OtherMeaning | undefined {
  if (text === "*")
    return guess("names nobody: RBAC has no wildcard for subjects", "Everybody who is logged in: group:NAME.");
  if (groupsOfKubernetes.test(text)) return guess("is a group of Kubernetes", `Write group:${text}.`);
  if (text.startsWith("system:") || text.includes("://")) return undefined;
  const [, word = "", mark, rest = ""] = /^([^:/]*)([:/])(.*)$/su.exec(text) ?? [];
  if (mark === undefined) return undefined;
  const prefix = spelledPrefix(word);
  if (prefix !== undefined) {
    const meant = prefixed(prefix, rest);
    return { look: "is not how a subject is written", hint: `Did you mean ${meant}? ${orUser(text)}`, isPrefix: true };
  }
  if (mark === ":")
    return guess("could be a group or a user", `Write group:${text} for the group, or user:${text} for the user.`);
  if (isKind(word))
    return guess("looks like an object, not like a subject", `The subject comes first. ${orUser(text)}`);
  return guess("looks like a service account", `Write sa:${text} for the service account. ${orUser(text)}`);
}

const guess = (look: string, hint: string): OtherMeaning => ({ look, hint, isPrefix: false });

const orUser = (text: string) => `For a user of that name write user:${text}.`;

function spelledPrefix(word: string): SubjectPrefix | undefined {
  const typed = word.toLowerCase();
  if (Object.hasOwn(spellings, typed)) return spellings[typed];
  return spellings[nearest(typed, longSpellings) ?? ""];
}

/** Also from `ci:runner`, as `kubectl create rolebinding --serviceaccount` has it, and from a name without a namespace. */
function prefixed(prefix: SubjectPrefix, rest: string): string {
  if (prefix !== "sa") return `${prefix}:${rest}`;
  const [namespace = "", name] = rest.split(/[:/]/u);
  return name === undefined ? `sa:NAMESPACE/${namespace}` : `sa:${namespace}/${name}`;
}

function isKind(word: string): boolean {
  const [typed = ""] = word.toLowerCase().split(".");
  return Object.values(nativeResources).some(
    ({ resource, kind, shortNames = [] }) =>
      resource === typed || kind.toLowerCase() === typed || shortNames.includes(typed),
  );
}
