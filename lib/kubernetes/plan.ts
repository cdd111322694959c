// The one planner: what has to change so that objects are stored as wanted. Pure; what carries a plan out is in
// lib/kube/apply.

import { isJsonObject, isSameJson, mergePatch } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import { FIELD_MANAGER } from "./field-manager.ts";
import type { KubernetesObject, ResourceType } from "./object.ts";
import { objectKey } from "./object-key.ts";
import { formatApiVersion } from "./resources.ts";
import { applyTo } from "./server-side-apply.ts";

export interface Wanted {
  type: ResourceType;
  /** As it is sent: only the fields that are to be ours. With generateName instead of a name it is always a new object. */
  object: KubernetesObject;
  /** Objects of one stage do not need each other; lower stages are written first. */
  stage: number;
  /** The one object of the plan, before this one, that is to own it. */
  owner?: Change["owner"];
  /**
   * Whether fields that others manage are taken over when the object is written: always, or when one of these fields
   * (`subjects`, `metadata.labels`) differs. Otherwise such a field is a conflict, and the server refuses the write.
   */
  force?: true | readonly string[];
  /** Where it is not there yet: it is made, and what somebody else makes of it meanwhile is not overwritten. */
  isFirst?: true;
}

export interface Stored {
  type: ResourceType;
  object: KubernetesObject;
  /** When it is deleted if it is not wanted; left out, last. */
  stage?: number;
}

/**
 * What has to change so that every wanted object is stored as wanted, and of `current` nothing else; in the order in which it
 * is carried out. "unchanged" is certain: the merge is foreseen from the object's managedFields. "update" may turn out to
 * change nothing where the server has its own form for a value (`0.5` CPUs are `500m`); a dry run settles that.
 */
export function plan(current: readonly Stored[], wanted: readonly Wanted[]): Plan {
  const stored = new Map(current.map((item) => [objectKey(item.type, item.object.metadata), item]));
  const surplus = new Map(stored);
  const staying = new Map<string, string | undefined>();
  const changes = wanted.flatMap((item): Change[] => {
    const key = objectKey(item.type, item.object.metadata);
    surplus.delete(key);
    const ownerUid = item.owner && staying.get(objectKey(item.owner.type, item.owner));
    const made = changesTo(item, stored.get(key)?.object, ownerUid);
    if (made.length === 1) staying.set(key, made[0]?.current?.metadata.uid);
    return made;
  });
  return inOrder([...changes, ...[...surplus.values()].map(deletion)]);
}

/**
 * An update by a JSON merge patch, which also takes away what others wrote; "unchanged" where it changes nothing. The patch says
 * which version it is for, where that matters.
 */
export function patchChange(
  { type, current, stage }: Required<Pick<Change, "type" | "current" | "stage">>,
  patch: Record<string, unknown>,
  isSame = isSameJson(mergePatch(current, patch), current),
): Change {
  const { apiVersion, kind } = current;
  const { name = "", namespace } = current.metadata;
  const object = { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
  if (isSame) return { action: "unchanged", type, object, current, stage };
  return { action: "update", type, object, current, merged: mergePatch(current, patch), patch, stage };
}

/** One plan of several, with the writes of one stage together. */
export function inOrder(changes: Plan): Plan {
  return changes.toSorted((a, b) => (a.stage ?? 0) - (b.stage ?? 0));
}

/** So many requests one after another are soon done. */
const MOST_ONE_BY_ONE = 20;

/**
 * Few changes of one stage in the order of their names, one after another and before the next stage: of several commands that
 * change the same objects at once one is the first at all of them, and the others find that out before they have changed any.
 */
export function oneByOne(changes: Plan): Plan {
  if (changes.length > MOST_ONE_BY_ONE) return changes;
  const name = ({ object }: Change) => object.metadata.name ?? "";
  const sorted = changes.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
  return sorted.map((change, at) => ({ ...change, stage: (change.stage ?? 0) + at / sorted.length }));
}

function deletion({ type, object, stage = Number.MAX_SAFE_INTEGER }: Stored): Change {
  return { action: "delete", type, object, current: object, stage };
}

/** What cannot be changed in a stored object: another value needs another object of the same name. */
const fixedFields: Readonly<Record<string, readonly [string, ...string[]]>> = {
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  Deployment: ["spec", "selector"],
  DaemonSet: ["spec", "selector"],
  StatefulSet: ["spec", "selector"],
};

function changesTo(
  { type, object, stage, owner, force, isFirst }: Wanted,
  current: KubernetesObject | undefined,
  ownerUid: string | undefined,
): Change[] {
  const base = { type, object, stage, ...(owner === undefined ? {} : { owner }) };
  const made: Change = { action: "create", ...base, ...(isFirst === true ? { isFirst } : {}) };
  if (current === undefined) return [made];
  const owned = owner === undefined || ownerUid === undefined ? object : withOwner(object, owner, ownerUid);
  const merged = applyTo(current, owned, FIELD_MANAGER);
  // What is stored as it is wanted is asked nothing else: nearly all of a large plan.
  if (merged === current && (owner === undefined || isOwnedBy(current, ownerUid))) {
    return [{ action: "unchanged", ...base, current }];
  }
  if (needsReplacement(current, object)) {
    return [deletion({ type, object: current, stage: stage - 0.5 }), made];
  }
  const takesOver = force === true || force?.some((path) => !isSameJson(at(current, path), at(merged, path))) === true;
  return [{ action: "update", ...base, current, merged, ...(takesOver ? { force: true } : {}) }];
}

function needsReplacement(current: KubernetesObject, object: KubernetesObject): boolean {
  const path = fixedFields[object.kind];
  const wanted = path && fieldAt(object, path);
  return wanted !== undefined && !isSameJson(fieldAt(current, path ?? []), wanted);
}

const at = (object: KubernetesObject, path: string): unknown => fieldAt(object, path.split("."));

function fieldAt(object: KubernetesObject, path: readonly string[]): unknown {
  return path.reduce((value: unknown, name) => (isJsonObject(value) ? value[name] : undefined), object);
}

/** The object with that one owner reference. */
export function withOwner(
  object: KubernetesObject,
  owner: NonNullable<Change["owner"]>,
  uid: string,
): KubernetesObject {
  const reference = { ...ownerReference(owner), uid };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } };
}

/** What names the owner in an object, but for the uid, which a new owner has not got yet. */
export function ownerReference({ type, name }: NonNullable<Change["owner"]>): {
  apiVersion: string;
  kind: string;
  name: string;
} {
  return { apiVersion: formatApiVersion(type), kind: type.kind, name };
}

function isOwnedBy({ metadata: { ownerReferences = [] } }: KubernetesObject, uid: string | undefined): boolean {
  return uid !== undefined && ownerReferences.length === 1 && ownerReferences[0]?.uid === uid;
}
