import { createHash } from "node:crypto";
import { isJsonObject } from "../json.ts";
import type { GrantSubject } from "./subject.ts";

/** What a grant's role can be: the operator's own, ours, or any ClusterRole by name. */
export type GrantRole = "user" | "minimal" | "view" | `clusterrole/${string}`;

/** Where a grant holds. */
export type ResourceSet = { kind: "namespaces"; namespaces: string[] } | { kind: "all" };

/** One grant, as it was asked for: subject, role and resource set, with its limits. */
export interface Intent {
  subject: GrantSubject;
  role: GrantRole;
  set: ResourceSet;
  /** Target paths (lib/mirrord/target.ts) that the connection is limited to; empty: no limit. */
  targets: string[];
  /** False with `--no-reads`: the native reads that a session needs are left to somebody else. */
  reads: boolean;
}

/** Grows when the meaning of a stored intent changes; older tools refuse what they do not know. */
const SCHEMA_VERSION = 1;

/**
 * The intent with its lists sorted and without repeats, so that two ways of asking for the same thing are one grant.
 */
export function normalizeIntent(intent: Intent): Intent {
  const sorted = (values: readonly string[]) => [...new Set(values)].toSorted();
  const set = intent.set.kind === "all" ? intent.set : { ...intent.set, namespaces: sorted(intent.set.namespaces) };
  return { ...intent, set, targets: sorted(intent.targets) };
}

/**
 * The annotation `kubectl-mirrord.io/intent`: JSON with sorted keys, a schema version, and defaults left out.
 * Source: design section 3.
 */
export function encodeIntent(intent: Intent): string {
  const { subject, role, set, targets, reads } = normalizeIntent(intent);
  return canonicalJson({
    version: SCHEMA_VERSION,
    subject,
    ...(role === "user" ? {} : { role }),
    ...(set.kind === "all" ? { allNamespaces: true } : { namespaces: set.namespaces }),
    ...(targets.length === 0 ? {} : { targets }),
    ...(reads ? {} : { reads }),
  });
}

/** The stored intent, or undefined when it is not one that this version wrote: then nobody may act on it. */
export function decodeIntent(text: string | undefined): Intent | undefined {
  const stored = parseJson(text ?? "");
  if (!isJsonObject(stored) || stored["version"] !== SCHEMA_VERSION) return undefined;
  const subject = decodeSubject(stored["subject"]);
  const role = stored["role"] ?? "user";
  const namespaces = stored["namespaces"];
  const targets = stored["targets"] ?? [];
  const reads = stored["reads"] ?? true;
  if (subject === undefined || !isRole(role) || !isStrings(targets) || typeof reads !== "boolean") return undefined;
  if (stored["allNamespaces"] === true && namespaces === undefined) {
    return normalizeIntent({ subject, role, set: { kind: "all" }, targets, reads });
  }
  if (!isStrings(namespaces) || namespaces.length === 0 || stored["allNamespaces"] !== undefined) return undefined;
  return normalizeIntent({
    subject,
    role,
    set: { kind: "namespaces", namespaces },
    targets,
    reads,
  });
}

/**
 * The grant's id: the first 20 base32 characters (100 bits) of the sha256 of subject, role, set, targets and lifetime.
 * A permanent and a temporary grant of the same thing are two grants.
 */
export function grantId(intent: Intent, lifetime: "permanent" | "temporary" = "permanent"): string {
  const { subject, role, set, targets } = normalizeIntent(intent);
  const digest = createHash("sha256").update(canonicalJson({ subject, role, set, targets, lifetime })).digest();
  return base32(digest).slice(0, 20);
}

/** `jim-dev`: the part of a grant's name that people recognise. At most 30 characters of `[a-z0-9-]`, never empty. */
export function grantSlug(intent: Intent): string {
  const { set, subject } = normalizeIntent(intent);
  const words = [subject.name, ...(set.kind === "all" ? ["all"] : set.namespaces)];
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
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => base32Alphabet[Number.parseInt(five, 2)] ?? "").join("");
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
  if (kind === "User" || kind === "Group") return { kind, name };
  return kind === "ServiceAccount" && typeof namespace === "string" ? { kind, namespace, name } : undefined;
}

function isRole(value: unknown): value is GrantRole {
  return (
    value === "user" ||
    value === "minimal" ||
    value === "view" ||
    (typeof value === "string" && /^clusterrole\/./su.test(value))
  );
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
