import { isDeepStrictEqual } from "node:util";
import { timestamp } from "../text/instant.ts";
import { listIn, objectIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { anchorFindings } from "./anchor-findings.ts";
import type { Weakness } from "./defeat.ts";
import { about, aboutGrant, grantRules, SYNC, type GrantFinding } from "./grant-rules.ts";
import { heldBy, type KindFinalizer } from "./held.ts";
import { GRANT_LABEL, MANAGED_BY } from "./names.ts";
import { madeAnew, storedUids, type NamespaceUids } from "./namespace-uids.ts";
import { membersToday, type Membership } from "./organizations/directory.ts";
import { outlineGrant } from "./outline.ts";
import { grantObjects, type WantedObject } from "./objects.ts";
import type { LimitedTarget } from "./roles.ts";
import type { Intent } from "./intent.ts";
import { boundSubjects, isRevoked, type StoredGrant, type StoredObject } from "./stored.ts";
import { formatSubject, isShared } from "./subject.ts";

export interface CheckContext {
  /** Milliseconds since 1970. */
  now: number;
  live: boolean;
  /** The cluster has policies, which those with a grant may list. */
  policies: boolean;
  /** Where a selector matches today; undefined: nobody could say, and the grant is taken as it stands. */
  namespaces?: readonly string[];
  /** Who the grant is for today; left out, the subject itself. */
  membership?: Membership;
  /** The targets of a limited grant with their containers of today, by namespace; undefined: not compared. */
  limits?: ReadonlyMap<string, LimitedTarget[]>;
  /** Namespaces where the subject could undo the expiry. */
  weak?: readonly string[];
  /** Groups that could, where it is not known whether the subject is in them. */
  weakGroups?: Weakness["groups"];
  /** Of all namespaces as they are now; undefined: not known. */
  uids?: NamespaceUids;
  /** Finalizers that a platform puts on every binding. */
  platform?: ReadonlySet<KindFinalizer>;
  /** False: the anchors may not be read, so nobody can say whether a temporary grant ends. */
  anchorsRead?: boolean;
}

/** Compares a grant as it is stored with what its intent asks for. Pure; nothing found is "ok". */
export function grantFindings(grant: StoredGrant, context: CheckContext): GrantFinding[] {
  const { intent, binding, objects, expiresAt } = grant;
  const held = heldFindings(grant, context);
  const over = endedFinding(grant, context);
  if (intent === undefined || over !== undefined) return [over ?? unreadable(grant), ...held];
  const membership = membershipToday(intent, context);
  if (membership.state === "absent") return [dangling(grant, intent), ...held];
  const wanted = wantedNow(grant, context);
  const found = [
    ...held,
    ...anewFindings(grant, context),
    ...objectFindings(wanted, grant, context),
    ...(hasAnchors(grant) ? endFindings(grant, context) : []),
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

/** Who the grant is for today, by what the context says. */
export const membershipToday = ({ subject }: Intent, { membership }: CheckContext): Membership =>
  membership ?? membersToday(subject, undefined);

/** Why a grant to a team or an organization that is not there gives nobody anything. */
export const danglingText = ({ subject }: Intent): string =>
  `${formatSubject(subject)} does not exist: it gives nobody anything any more`;

const dangling = (grant: StoredGrant, intent: Intent) => aboutGrant("dangling", grant, danglingText(intent));

function unreadable(grant: StoredGrant): GrantFinding {
  return grant.binding === undefined
    ? { ...aboutGrant("unreadable", grant, "objects of a grant whose clusterrolebinding is gone"), fix: SYNC }
    : aboutGrant("unreadable", grant, "the intent was changed by hand, or written by a newer version");
}

/** A namespace that was made anew gets nothing by itself, so that nothing of the grant is missing there. */
function anewFindings(grant: StoredGrant, context: CheckContext): GrantFinding[] {
  return namespacesAnew(grant, context).map((namespace) => {
    const message = `namespace ${namespace} was deleted and made anew since it was granted: the new one gets nothing without --yes`;
    const { subject, ...finding } = aboutGrant("namespace-anew", grant, message);
    return { ...finding, subject: { ...subject, namespace } };
  });
}

const namespacesAnew = ({ binding }: StoredGrant, { uids = {} }: CheckContext): string[] =>
  madeAnew(storedUids(binding), uids);

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

/**
 * What is left of a grant that was revoked or is over: the access itself, or only the cluster-wide part, which no anchor can
 * end. Undefined: it goes on.
 */
function endedFinding(grant: StoredGrant, { now }: CheckContext): GrantFinding | undefined {
  const { intent, objects, expiresAt = Infinity } = grant;
  if (isRevoked(grant))
    return aboutGrant("revoked-still-bound", grant, "was revoked, and objects of it are still there");
  if (intent === undefined || expiresAt > now) return undefined;
  const isBinding = ({ object }: StoredObject) => object.kind.endsWith("RoleBinding");
  const bound = intent.set.kind === "all" || objects.some((item) => isBinding(item) && item.type.namespaced);
  const ended = `ended at ${timestamp(expiresAt)}`;
  return bound
    ? aboutGrant("expired-still-bound", grant, `${ended} and still gives the access`)
    : aboutGrant("expired", grant, `${ended}; only its cluster-wide part is left, until a sync`);
}

/** What would keep objects of the grant when they are deleted, or keeps them already. Of an anchor its own check tells. */
function heldFindings({ objects }: StoredGrant, { platform }: CheckContext): GrantFinding[] {
  return objects.flatMap(({ type, object }): GrantFinding[] => {
    if (type.resource === "jobs") return [];
    const { foreign, known, leaving } = heldBy(object, platform);
    const names = [...foreign, ...known].map((name) => JSON.stringify(name)).join(", ");
    if (leaving) {
      const what = names === "" ? "was deleted and is still there" : `was deleted, and the finalizer ${names} keeps it`;
      return [about("detached", object, what)];
    }
    if (foreign.length > 0) {
      const text = `has the finalizer ${foreign.map((name) => JSON.stringify(name)).join(", ")}, which keeps it and its access when it is deleted`;
      return [{ ...about("detached", object, text), fix: "Take it off; revoke and sync do when the grant has ended." }];
    }
    return known.length === 0
      ? []
      : [about("platform-finalizer", object, `has the finalizer ${names}, as every such object here`)];
  });
}

function wantedNow({ intent, objects }: StoredGrant, context: CheckContext): WantedObject[] {
  if (intent === undefined) return [];
  const { namespaces, limits, policies } = context;
  const bound = [...new Set(objects.flatMap(({ object }) => object.metadata.namespace ?? []))];
  const places = namespaces ?? (intent.set.kind === "all" ? [] : [...new Set([...intent.set.namespaces, ...bound])]);
  const limited = limits ?? new Map(places.map((namespace) => [namespace, []]));
  const membership = membershipToday(intent, context);
  // Where nobody may read who that is, the bindings are taken as they stand.
  const members = membership.state === "known" ? membership.subjects : boundSubjects(objects);
  const wanted = grantObjects(outlineGrant(intent, members), { grantedBy: "", grantedAt: "" }, limited, {
    namespaces: places,
    policies,
  });
  return wanted.filter(({ part }) => part === "main" || part === "child");
}

function objectFindings(wanted: readonly WantedObject[], grant: StoredGrant, context: CheckContext): GrantFinding[] {
  const there = new Map(grant.objects.map((item) => [objectKey(item.type, item.object.metadata), item]));
  const wantedKeys = new Set(wanted.map(({ type, object }) => objectKey(type, object.metadata)));
  const anew = namespacesAnew(grant, context);
  const compared = wanted.flatMap((item): GrantFinding[] => {
    const stored = there.get(objectKey(item.type, item.object.metadata))?.object;
    if (stored === undefined && anew.includes(item.object.metadata.namespace ?? "")) return [];
    if (stored === undefined) return [about("missing", item.object, "is missing")];
    return differences(item, stored, grant, context);
  });
  const surplus = grant.objects
    .filter(
      ({ type, object }) =>
        !(type.resource === "jobs" && hasAnchors(grant)) && !wantedKeys.has(objectKey(type, object.metadata)),
    )
    .map(({ object }) => about("detached", object, "carries the grant's label and is no part of it"));
  return [...compared, ...surplus];
}

function differences(
  { object, part }: WantedObject,
  stored: KubernetesObject,
  { id, intent, binding, objects }: StoredGrant,
  { live, limits }: CheckContext,
): GrantFinding[] {
  if (!isDeepStrictEqual(stored["roleRef"], object["roleRef"]) || !isSubset(stored, object)) {
    return [about("detached", stored, "names other subjects or another role than was granted")];
  }
  if (!isSubset(object, stored)) {
    return [
      intent !== undefined && isShared(intent.subject)
        ? about("outdated", stored, `does not name all who belong to ${formatSubject(intent.subject)}`)
        : about("detached", stored, "names other subjects or another role than was granted"),
    ];
  }
  if (stored.metadata.labels?.[GRANT_LABEL] !== id) {
    return [about("detached", stored, "does not carry the grant's label any more")];
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

/** Whether each subject of one binding is among those of the other; of what is no binding, there is none. */
function isSubset(one: KubernetesObject, other: KubernetesObject): boolean {
  const known = new Set(listIn(other["subjects"]).map(subjectKey));
  return listIn(one["subjects"]).every((subject) => known.has(subjectKey(subject)));
}

const subjectKey = (subject: unknown) => {
  const { kind, apiGroup = "", namespace = "", name } = objectIn(subject);
  return JSON.stringify([kind, apiGroup, namespace, name]);
};

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
export function wasWrittenByUs({ metadata }: KubernetesObject): boolean {
  return listIn(metadata["managedFields"])
    .map(objectIn)
    .some(({ manager, operation }) => manager === MANAGED_BY && operation === "Apply");
}

/** A temporary grant in namespaces: Jobs end it there. */
function hasAnchors({ intent }: StoredGrant): boolean {
  return intent?.temporary === true && intent.set.kind !== "all";
}

function endFindings(grant: StoredGrant, { anchorsRead = true, live, now }: CheckContext): GrantFinding[] {
  if (!live) {
    if (grant.expiresAt === undefined) return [];
    const finding = aboutGrant("unanchored", grant, "files carry only when it ends, and nothing ends it");
    return [{ ...finding, fix: "Have kubectl mirrord grant sync run in the cluster that the files are applied to." }];
  }
  if (anchorsRead) return anchorFindings(grant, now);
  return [aboutGrant("expiry-unknown", grant, "whether it ends by itself is not known: you may not list jobs")];
}
