import { isDeepStrictEqual } from "node:util";
import { timestamp } from "../text/instant.ts";
import { listIn, objectIn } from "../json.ts";
import type { Finding, Severity } from "../findings/finding.ts";
import type { KubernetesObject, ObjectReference } from "../kubernetes/object.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { anchorState } from "./anchor.ts";
import type { Weakness } from "./defeat.ts";
import { MANAGED_BY } from "./names.ts";
import { outlineGrant } from "./outline.ts";
import { grantObjects, type WantedObject } from "./objects.ts";
import type { LimitedTarget } from "./roles.ts";
import type { StoredGrant, StoredObject } from "./stored.ts";

const SYNC = "Run kubectl mirrord grant sync.";

/**
 * What may not be as it should be about a grant, gravest first, with its word for a table. `unadopted`: written from a
 * file, `sync` has not seen it yet. `outdated`: the containers of a limited target have changed. `expiry-unknown`: its
 * anchors could not be read.
 */
const grantRules = {
  unreadable: { severity: "error", word: "unreadable", fix: "Revoke it by its id, and grant it again." },
  "expired-still-bound": { severity: "error", word: "EXPIRED, still bound", fix: SYNC },
  detached: { severity: "error", word: "DETACHED", fix: SYNC },
  unanchored: { severity: "error", word: "UNANCHORED", fix: SYNC },
  "expiry-not-enforced": { severity: "error", word: "EXPIRY NOT ENFORCED", fix: SYNC },
  "expiry-unknown": { severity: "warning", word: "expiry unknown", fix: "Ask somebody who may list jobs." },
  "expiry-in-doubt": { severity: "warning", word: "expiry in doubt", fix: SYNC },
  missing: { severity: "warning", word: "incomplete", fix: SYNC },
  outdated: { severity: "warning", word: "outdated", fix: SYNC },
  unadopted: { severity: "note", word: "unadopted", fix: SYNC },
  expired: { severity: "note", word: "expired", fix: SYNC },
} as const satisfies Record<string, { severity: Severity; word: string; fix: string }>;

export type GrantRule = keyof typeof grantRules;

/** Its subject is the object that is not as it should be, or the grant itself: kind `Grant`, named by its id. */
export type GrantFinding = Finding<GrantRule>;

export interface CheckContext {
  /** Milliseconds since 1970. */
  now: number;
  live: boolean;
  /** The cluster has policies, which those with a grant may list. */
  policies: boolean;
  /** Where a selector matches today; undefined: nobody could say, and the grant is taken as it stands. */
  namespaces?: readonly string[];
  /** The targets of a limited grant with their containers of today, by namespace; undefined: not compared. */
  limits?: ReadonlyMap<string, LimitedTarget[]>;
  /** Namespaces where the subject could undo the expiry. */
  weak?: readonly string[];
  /** Groups that could, where it is not known whether the subject is in them. */
  weakGroups?: Weakness["groups"];
  /** False: the anchors may not be read, so nobody can say whether a temporary grant ends. */
  anchorsRead?: boolean;
}

/** Compares a grant as it is stored with what its intent asks for. Pure; nothing found is "ok". */
export function grantFindings(grant: StoredGrant, context: CheckContext): GrantFinding[] {
  const { intent, binding, objects, expiresAt } = grant;
  if (intent === undefined) return [unreadable(grant)];
  const expired = expiresAt !== undefined && expiresAt <= context.now;
  if (expired) return [expiredFinding(grant)];
  const wanted = wantedNow(grant, context);
  const found = [
    ...objectFindings(wanted, grant, context),
    ...(intent.temporary === true && intent.set.kind !== "all" && context.live ? endFindings(grant, context) : []),
    ...(context.weak ?? []).map((namespace) => weakExpiry(grant, namespace)),
    ...(context.weakGroups ?? []).map((through) => doubtfulExpiry(grant, through)),
  ];
  if (intent.temporary === true && expiresAt === undefined) {
    const message = "a temporary grant without a time when it ends";
    const object = binding ?? objects[0]?.object;
    found.push(object === undefined ? aboutGrant("unanchored", grant, message) : about("unanchored", object, message));
  }
  const gravity = Object.keys(grantRules);
  return found.toSorted((a, b) => gravity.indexOf(a.rule) - gravity.indexOf(b.rule));
}

function unreadable(grant: StoredGrant): GrantFinding {
  return grant.binding === undefined
    ? { ...aboutGrant("unreadable", grant, "objects of a grant whose clusterrolebinding is gone"), fix: SYNC }
    : aboutGrant("unreadable", grant, "the intent was changed by hand, or written by a newer version");
}

function weakExpiry(grant: StoredGrant, namespace: string): GrantFinding {
  const message = `the subject may change jobs or rolebindings in namespace ${namespace}, and so keep the access`;
  const { subject, ...finding } = aboutGrant("expiry-not-enforced", grant, message);
  return { ...finding, subject: { ...subject, namespace }, fix: "Take that right away, or revoke the grant in time." };
}

function doubtfulExpiry(grant: StoredGrant, { group, namespaces }: Weakness["groups"][number]): GrantFinding {
  const message = `whoever is in group ${JSON.stringify(group)} may change jobs or rolebindings in ${namespaces.join(", ")}: if the subject is, it can keep the access`;
  const fix = "Say which groups the subject is in (--groups), take that right away, or revoke the grant in time.";
  return { ...aboutGrant("expiry-in-doubt", grant, message), fix };
}

/** What is left of a grant that is over: the access itself, or only the cluster-wide part, which no anchor can end. */
function expiredFinding(grant: StoredGrant): GrantFinding {
  const { intent, objects, expiresAt = 0 } = grant;
  const isBinding = ({ object }: StoredObject) => object.kind.endsWith("RoleBinding");
  const bound = intent?.set.kind === "all" || objects.some((item) => isBinding(item) && item.type.namespaced);
  const ended = `ended at ${timestamp(expiresAt)}`;
  return bound
    ? aboutGrant("expired-still-bound", grant, `${ended} and still gives the access`)
    : aboutGrant("expired", grant, `${ended}; only its cluster-wide part is left, until a sync`);
}

function wantedNow({ intent, objects }: StoredGrant, { namespaces, limits, policies }: CheckContext): WantedObject[] {
  if (intent === undefined) return [];
  const bound = [...new Set(objects.flatMap(({ object }) => object.metadata.namespace ?? []))];
  const places = namespaces ?? (intent.set.kind === "all" ? [] : [...new Set([...intent.set.namespaces, ...bound])]);
  const limited = limits ?? new Map(places.map((namespace) => [namespace, []]));
  const wanted = grantObjects(outlineGrant(intent), { grantedBy: "", grantedAt: "" }, limited, {
    namespaces: places,
    policies,
  });
  return wanted.filter(({ part }) => part === "main" || part === "child");
}

function objectFindings(wanted: readonly WantedObject[], grant: StoredGrant, context: CheckContext): GrantFinding[] {
  const there = new Map(grant.objects.map((item) => [objectKey(item.type, item.object.metadata), item]));
  const wantedKeys = new Set(wanted.map(({ type, object }) => objectKey(type, object.metadata)));
  const compared = wanted.flatMap((item): GrantFinding[] => {
    const stored = there.get(objectKey(item.type, item.object.metadata))?.object;
    if (stored === undefined) return [about("missing", item.object, "is missing")];
    return differences(item, stored, grant, context);
  });
  const surplus = grant.objects
    .filter(({ type, object }) => type.resource !== "jobs" && !wantedKeys.has(objectKey(type, object.metadata)))
    .map(({ object }) => about("detached", object, "carries the grant's label and is no part of it"));
  return [...compared, ...surplus];
}

function differences(
  { object, part }: WantedObject,
  stored: KubernetesObject,
  { intent, binding, objects }: StoredGrant,
  { live, limits }: CheckContext,
): GrantFinding[] {
  if (!["subjects", "roleRef"].every((field) => isDeepStrictEqual(stored[field], object[field]))) {
    return [about("detached", stored, "names other subjects or another role than was granted")];
  }
  if (part !== "child") return [];
  const outdated =
    object.kind === "Role" && limits !== undefined && !isDeepStrictEqual(stored["rules"], object["rules"])
      ? [about("outdated", stored, "does not fit the containers that its targets have now")]
      : [];
  // The owner of a binding that is to end is its anchor, which is looked at by itself.
  const byAnchor = intent?.temporary === true && stored.metadata.ownerReferences?.length === 1;
  return [...outdated, ...(live && !byAnchor ? ownerFindings(stored, binding, objects) : [])];
}

function ownerFindings(
  stored: KubernetesObject,
  binding: KubernetesObject | undefined,
  objects: readonly StoredObject[],
): GrantFinding[] {
  const owners = stored.metadata.ownerReferences ?? [];
  const ours = new Set([binding, ...objects.map(({ object }) => object)].map((object) => object?.metadata.uid));
  if (owners.length === 1 && ours.has(owners[0]?.uid)) return [];
  return owners.length === 0 && !wasWrittenByUs(stored)
    ? [about("unadopted", stored, "came from a file, and nothing of the grant owns it yet")]
    : [about("detached", stored, "is not owned by the grant any more, and would stay when the grant goes")];
}

/** metadata.managedFields[].manager: whether it was ever applied from here, and so had its owner. */
function wasWrittenByUs({ metadata }: KubernetesObject): boolean {
  return listIn(metadata["managedFields"])
    .map(objectIn)
    .some(({ manager, operation }) => manager === MANAGED_BY && operation === "Apply");
}

function endFindings(grant: StoredGrant, { anchorsRead = true }: CheckContext): GrantFinding[] {
  if (anchorsRead) return anchorFindings(grant);
  return [aboutGrant("expiry-unknown", grant, "whether it ends by itself is not known: you may not list jobs")];
}

function anchorFindings({ binding, objects, expiresAt = 0 }: StoredGrant): GrantFinding[] {
  const jobs = objects.filter(({ type }) => type.resource === "jobs").map(({ object }) => object);
  const states = new Map(jobs.map((job) => [job.metadata.uid, anchorState(job, binding?.metadata.uid)]));
  const children = objects.filter(({ type, object }) => type.namespaced && object.kind === "RoleBinding");
  const faults = children.flatMap(({ object }): GrantFinding[] => {
    const anchor = states.get(object.metadata.ownerReferences?.[0]?.uid);
    if (anchor?.state === "unsound") return [about("unanchored", object, `hangs on a job that ${anchor.why}`)];
    if (anchor === undefined) return [about("unanchored", object, "has nothing that ends it")];
    const drift = anchor.state === "sound" ? anchor.endsAt - expiresAt : 0;
    if (Math.abs(drift) <= CLOCK_MILLISECONDS) return [];
    const ends = timestamp(expiresAt + drift);
    return [about("expiry-not-enforced", object, `ends at ${ends} and not when the grant does`)];
  });
  return faults;
}

/** More than a busy controller explains. */
const CLOCK_MILLISECONDS = 60_000;

function about(rule: GrantRule, { kind, metadata }: KubernetesObject, message: string): GrantFinding {
  const { name = "", namespace } = metadata;
  return grantFinding(rule, { kind, name, ...(namespace === undefined ? {} : { namespace }) }, message);
}

function aboutGrant(rule: GrantRule, { id }: StoredGrant, message: string): GrantFinding {
  return grantFinding(rule, { kind: "Grant", name: id }, message);
}

function grantFinding(rule: GrantRule, subject: ObjectReference, message: string): GrantFinding {
  const { severity, fix } = grantRules[rule];
  return { rule, severity, subject, message, fix };
}

/** The word for a table: the gravest finding, or `ok`. */
export function statusWord(findings: readonly GrantFinding[]): string {
  const [first] = findings;
  return first === undefined ? "ok" : grantRules[first.rule].word;
}
