import { createHash } from "node:crypto";
import { UserError, usageError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { parseTarget, type WorkloadTarget } from "../mirrord/target.ts";
import { parseOrganizationName, parseTeamName } from "../kubernetes/organization-name.ts";
import { parseSelectorText } from "../kubernetes/label-selector.ts";
import { remembered } from "../text/remembered.ts";
import { selectedCollection } from "./collection.ts";
import { privilegedAttributes, type PrivilegedAttribute } from "./privileged-options.ts";
import { isShared, type GrantSubject } from "./subject.ts";

/**
 * What a grant's role can be: the operator's own, ours, any ClusterRole by name, or an exemption from the secure defaults, with
 * its attributes in code-point order and commas between them.
 */
export type GrantRole = "user" | "minimal" | "view" | `clusterrole/${string}` | `privileged/${string}`;

/**
 * Where a grant holds: in named namespaces and in those whose labels match one of the selectors, whichever they are at the
 * time; or everywhere.
 */
export type ResourceSet = { kind: "namespaces"; namespaces: string[]; selectors?: string[] } | { kind: "all" };

/** One grant, as it was asked for: subject, role and resource set, with its limits. */
export interface Intent {
  subject: GrantSubject;
  role: GrantRole;
  set: ResourceSet;
  /** Target paths (lib/mirrord/target.ts) that the connection is limited to; empty: no limit. */
  targets: string[];
  /** False with `--no-reads`: the native reads that a session needs are left to somebody else. */
  reads: boolean;
  /** Copies of targets are allowed although targets are limited; a copy has no name to limit. */
  allowCopy?: boolean;
  /** All other groups that the subject is in, as whoever granted said: nobody can look them up. Only of one that ends. */
  groups?: string[];
  /** What was said on purpose when it was granted: `--dangerous` and `--allow-system` (consent.ts says when that counts). */
  dangerous?: boolean;
  allowSystem?: boolean;
  /** Of a role by name that has no rule of mirrord's: then nothing of mirrord comes with it. */
  plain?: boolean;
  /** It ends; when, is in the annotation `expires-at`, because that may change. */
  temporary?: boolean;
}

/** When a grant ends, as it was asked for: after so many milliseconds, or at a time in milliseconds since 1970. */
export type Lifetime = { for: number } | { until: number };

/** Grows when the meaning of a stored intent changes; older tools refuse what they do not know. */
const SCHEMA_VERSION = 1;

/**
 * The intent with its lists sorted and without repeats, so that two ways of asking for the same thing are one grant.
 */
export function normalizeIntent({ subject, role, set, targets, reads, groups, ...flags }: Intent): Intent {
  const { allowCopy, dangerous, allowSystem, plain, temporary } = flags;
  return {
    subject,
    role,
    set: set.kind === "all" ? set : normalizeSet(set),
    targets: sorted(targets),
    reads,
    ...(allowCopy === true ? { allowCopy } : {}),
    ...(groups === undefined ? {} : { groups: sorted(groups) }),
    ...(dangerous === true ? { dangerous } : {}),
    ...(allowSystem === true ? { allowSystem } : {}),
    ...(plain === true ? { plain } : {}),
    ...(temporary === true ? { temporary } : {}),
  };
}

const sorted = (values: readonly string[]) => [...new Set(values)].toSorted();

function normalizeSet({ namespaces, selectors = [] }: Extract<ResourceSet, { kind: "namespaces" }>): ResourceSet {
  const named = { kind: "namespaces", namespaces: sorted(namespaces) } as const;
  return selectors.length === 0 ? named : { ...named, selectors: sorted(selectors) };
}

/**
 * The annotation `kubectl-mirrord.io/intent`: JSON with sorted keys, a schema version, and defaults left out.
 * Source: design section 3.
 */
export function encodeIntent(intent: Intent): string {
  const { subject, role, set, targets, reads, ...limits } = normalizeIntent(intent);
  return canonicalJson({
    version: SCHEMA_VERSION,
    subject,
    ...(role === "user" ? {} : { role }),
    ...encodeSet(set),
    ...(targets.length === 0 ? {} : { targets }),
    ...(reads ? {} : { reads }),
    ...limits,
  });
}

function encodeSet(set: ResourceSet): Record<string, unknown> {
  if (set.kind === "all") return { allNamespaces: true };
  const { namespaces, selectors } = set;
  return { ...(namespaces.length === 0 ? {} : { namespaces }), ...(selectors === undefined ? {} : { selectors }) };
}

/**
 * The stored intent, or undefined when it is not one that this version wrote: then nobody may act on it. Equal texts give the
 * same object, so that what follows from it (outlineGrant) is worked out once.
 */
export const decodeIntent = (text: string | undefined): Intent | undefined =>
  text === undefined ? undefined : decoded(text);

const decoded = remembered((text): Intent | undefined => {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored["version"] !== SCHEMA_VERSION) return undefined;
  const subject = decodeSubject(stored["subject"]);
  const role = stored["role"] ?? "user";
  const set = decodeSet(stored);
  const { targets = [], reads = true, groups } = stored;
  const { allowCopy = false, dangerous = false, allowSystem = false, plain = false, temporary = false } = stored;
  if (subject === undefined || set === undefined || !isRole(role) || !isStrings(targets)) return undefined;
  if (!targets.every(isLimit)) return undefined;
  if (typeof reads !== "boolean" || typeof allowCopy !== "boolean" || typeof temporary !== "boolean") return undefined;
  if (typeof dangerous !== "boolean" || typeof allowSystem !== "boolean") return undefined;
  if (typeof plain !== "boolean" || (plain && !role.startsWith("clusterrole/"))) return undefined;
  if (groups !== undefined && !isStrings(groups)) return undefined;
  const stated = groups === undefined ? {} : { groups };
  const consent = { dangerous, allowSystem };
  return normalizeIntent({ subject, role, set, targets, reads, allowCopy, plain, temporary, ...consent, ...stated });
});

function decodeSet({ allNamespaces, namespaces = [], selectors = [] }: JsonObject): ResourceSet | undefined {
  if (!isStrings(namespaces) || !isStrings(selectors) || !selectors.every(isSelector)) return undefined;
  const some = namespaces.length + selectors.length > 0;
  if (allNamespaces === true && !some) return { kind: "all" };
  return some && allNamespaces === undefined ? { kind: "namespaces", namespaces, selectors } : undefined;
}

/**
 * The grant's id: the first 20 base32 characters (100 bits) of the sha256 of subject, role, set, targets and lifetime.
 * A permanent and a temporary grant of the same thing are two grants.
 */
export function grantId(intent: Intent): string {
  const known = ids.get(intent);
  if (known !== undefined) return known;
  const { subject, role, set, targets, temporary } = normalizeIntent(intent);
  const lifetime = temporary === true ? "temporary" : "permanent";
  const digest = createHash("sha256").update(canonicalJson({ subject, role, set, targets, lifetime })).digest();
  const id = base32(digest).slice(0, 20);
  ids.set(intent, id);
  return id;
}

const ids = new WeakMap<Intent, string>();

/** Whether whom a grant is to, or where it holds, changes without the grant: with who belongs to a team, and the labels of namespaces. */
export const followsOthers = ({ subject, set }: Intent): boolean =>
  isShared(subject) || (set.kind !== "all" && set.selectors !== undefined);

/** `jim-dev`: the part of a grant's name that people recognise. At most 30 characters of `[a-z0-9-]`, never empty. */
export function grantSlug(intent: Intent): string {
  const { set, subject } = normalizeIntent(intent);
  const words = [
    subject.name,
    ...(set.kind === "all"
      ? ["all"]
      : [...set.namespaces, ...(set.selectors ?? []).map((each) => selectedCollection(each) ?? each)]),
  ];
  const slug = words
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 30)
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? "grant" : slug;
}

const base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += base32Alphabet[(value >> (bits - 5)) & 31] ?? "";
  }
  return text;
}

/** JSON with every object's keys in code-point order: equal values give equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isJsonObject(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

function decodeSubject(value: unknown): GrantSubject | undefined {
  if (!isJsonObject(value) || typeof value["name"] !== "string" || value["name"] === "") return undefined;
  const { kind, name, namespace } = value;
  if (kind === "Team" || kind === "Organization") {
    const isName = kind === "Team" ? () => parseTeamName(name) : () => parseOrganizationName(name);
    return succeeds(isName) ? { kind, name } : undefined;
  }
  if (kind === "User" || kind === "Group") return { kind, name };
  return kind === "ServiceAccount" && typeof namespace === "string" ? { kind, namespace, name } : undefined;
}

function isRole(value: unknown): value is GrantRole {
  if (typeof value !== "string") return false;
  if (["user", "minimal", "view"].includes(value) || /^clusterrole\/./su.test(value)) return true;
  const attributes = exemptedAttributes(value);
  return attributes !== undefined && value === exemptionRole(attributes);
}

/** What the role of an exemption begins with. */
export const EXEMPTION = "privileged/";

/** The role that exempts from these attributes. */
export const exemptionRole = (attributes: readonly PrivilegedAttribute[]): GrantRole =>
  `${EXEMPTION}${sorted(attributes).join(",")}`;

/** What a role exempts from; undefined for a role that is no exemption, or names what there is not. */
export function exemptedAttributes(role: string): PrivilegedAttribute[] | undefined {
  if (!role.startsWith(EXEMPTION)) return undefined;
  const names = role.slice(EXEMPTION.length).split(",");
  const known = privilegedAttributes.filter((attribute) => names.includes(attribute));
  return names.every((name) => known.some((attribute) => attribute === name)) ? known : undefined;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "");
}

/** Whether a connection can be limited to it: what was written by hand may be anything. */
function isLimit(path: string): boolean {
  return succeeds(() => workloadTarget(path));
}

function isSelector(text: string): boolean {
  return succeeds(() => parseSelectorText(text));
}

function succeeds(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** The workload of one of an intent's `targets`. Throws UserError "usage" when it names none. */
export function workloadTarget(path: string): WorkloadTarget {
  const target = parseTarget(path);
  if (target.kind !== "label" && target.kind !== "targetless") return target;
  throw usageError(`a grant cannot be limited to ${JSON.stringify(path)}`, "Name a workload, such as deployment/web.");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
