import { isDeepStrictEqual } from "node:util";
import { timestamp } from "../text/instant.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import type { KubernetesObject, OwnerReference, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { anchorState, ttlUntil } from "./anchor.ts";
import { annotations } from "./names.ts";
import type { WantedObject } from "./objects.ts";
import type { StoredObject } from "./stored.ts";

/** What follows what: everything is created before anything is deleted, and a grant's own binding goes last. */
const stages = { replace: 0, role: 0, main: 1, anchor: 2, base: 3, binding: 4, remove: 5, removeMain: 6 } as const;

export interface PlanInput {
  wanted: readonly WantedObject[];
  /** Everything that carries the grant's label now; what is not wanted any more is deleted. */
  stored: readonly StoredObject[];
  /** The shared ClusterRoles that are there, by name. */
  roles: ReadonlyMap<string, KubernetesObject>;
  /** False for a folder of manifests: no uids, no owner references, no anchors. */
  live: boolean;
  /** Subjects that somebody else added are taken out again, although they manage that field now. */
  revert?: boolean;
  /** Of a temporary grant, in milliseconds since 1970, by the server's clock. */
  expiry?: { end: number; now: number };
}

/**
 * What has to change so that every wanted object is there as wanted. Nothing that is equal already is written again,
 * and who granted first, when and why is kept. Pure; in the order in which it is carried out.
 */
export function planGrantObjects(input: PlanInput): Plan {
  const stored = new Map(input.stored.map((item) => [keyOf(item.type, item.object), item]));
  const anchors = planAnchors(input);
  const main = input.wanted.find(({ part }) => part === "main");
  const mainUid = standingMain(input)?.metadata.uid;

  const ownerOf = ({ object, part }: WantedObject): Owner | undefined => {
    if (part !== "child" || main === undefined) return undefined;
    const { namespace } = object.metadata;
    const anchor = namespace === undefined ? undefined : anchors.kept.get(namespace);
    if (anchor !== undefined) return anchor;
    return { type: main.type, name: main.object.metadata.name ?? "", uid: mainUid };
  };
  const changes = input.wanted.flatMap((wanted): Change[] => {
    if (wanted.part === "anchor") return [];
    const key = keyOf(wanted.type, wanted.object);
    const current =
      wanted.part === "role" ? input.roles.get(wanted.object.metadata.name ?? "") : stored.get(key)?.object;
    return changesOf(wanted, current, {
      owner: input.live ? ownerOf(wanted) : undefined,
      revert: input.revert === true,
    });
  });
  const wantedKeys = new Set(input.wanted.map(({ type, object }) => keyOf(type, object)));
  const surplus = input.stored.filter(
    ({ type, object }) => type.resource !== "jobs" && !wantedKeys.has(keyOf(type, object)),
  );
  return inOrder([...changes, ...anchors.changes, ...deletions([...surplus, ...anchors.surplus])]);
}

/** The deletion of a grant's objects: what gives the access first, the ClusterRoleBinding that carries the intent last. */
export function planDeletion(objects: readonly StoredObject[]): Plan {
  return inOrder(deletions(objects));
}

/** One plan of several, with the writes of one stage together. */
export function inOrder(plan: Plan): Plan {
  return plan.toSorted((a, b) => (a.stage ?? 0) - (b.stage ?? 0));
}

interface Owner {
  type: ResourceType;
  /** Of an anchor that is yet to be made, its generateName. */
  name: string;
  namespace?: string;
  /** Undefined: not there yet. */
  uid: string | undefined;
}

// An interrupted revoke can still be seen and finished as long as the intent is there.
function deletions(objects: readonly StoredObject[]): Plan {
  return objects.map(({ type, object }): Change => {
    const carriesIntent = object.metadata.annotations?.[annotations.intent] !== undefined;
    return {
      action: "delete",
      type,
      object,
      current: object,
      stage: carriesIntent ? stages.removeMain : stages.remove,
    };
  });
}

function changesOf(
  { type, object, part }: WantedObject,
  current: KubernetesObject | undefined,
  { owner, revert }: { owner: Owner | undefined; revert: boolean },
): Plan {
  const stage = part === "child" ? (type.kind === "Role" ? stages.base : stages.binding) : stages[part];
  const base = { type, stage, ...(owner === undefined ? {} : { owner: withoutUid(owner) }) };
  if (current === undefined) return [{ action: "create", object, ...base }];
  // A roleRef cannot be changed, so a binding to another role makes way for ours.
  if (!isDeepStrictEqual(current["roleRef"], object["roleRef"])) {
    const gone: Change = { action: "delete", type, object: current, current, stage: stages.replace };
    return [gone, { action: "create", object, ...base }];
  }
  const kept = keepProvenance(object, current);
  if (holds(current, kept) && isOwnedBy(current, owner)) {
    return [{ action: "unchanged", object: kept, current, ...base }];
  }
  const foreign = revert && part !== "role" && !isDeepStrictEqual(current["subjects"], object["subjects"]);
  return [{ action: "update", object: kept, current, ...base, ...(foreign ? { force: true as const } : {}) }];
}

/** The binding that carries the intent, unless it is bound to another role and has to be made again. */
function standingMain({ wanted, stored }: PlanInput): KubernetesObject | undefined {
  const main = wanted.find(({ part }) => part === "main");
  const found = stored.find(
    ({ type, object }) => type.resource === main?.type.resource && object.metadata.name === main.object.metadata.name,
  )?.object;
  return isDeepStrictEqual(found?.["roleRef"], main?.object["roleRef"]) ? found : undefined;
}

const withoutUid = ({ type, name, namespace }: Owner) => ({
  type,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

/** Whether the owner references are exactly those that are wanted. Main bindings and shared roles have none of ours. */
function isOwnedBy({ metadata }: KubernetesObject, owner: Owner | undefined): boolean {
  const references: OwnerReference[] = metadata.ownerReferences ?? [];
  if (owner === undefined) return true;
  return owner.uid !== undefined && references.length === 1 && references[0]?.uid === owner.uid;
}

interface Anchors {
  changes: Plan;
  /** By namespace: what owns the objects there. */
  kept: Map<string, Owner>;
  surplus: StoredObject[];
}

/** How far an anchor's end may be from the grant's: a busy controller completes it late. */
const EARLY_MILLISECONDS = 2_000;
const LATE_MILLISECONDS = 15_000;

function planAnchors(input: PlanInput): Anchors {
  const { wanted, stored, live, expiry } = input;
  const type = nativeResources.jobs;
  const jobs = stored.filter((item) => item.type.resource === type.resource);
  const main = wanted.find(({ part }) => part === "main");
  const mainName = main?.object.metadata.name ?? "";
  const mainUid = standingMain(input)?.metadata.uid;
  const owner = { type: nativeResources.clusterRoleBindings, name: mainName };
  const anchors: Anchors = { changes: [], kept: new Map(), surplus: [] };
  const used = new Set<StoredObject>();
  for (const { object, part } of wanted) {
    const { namespace = "" } = object.metadata;
    if (part !== "anchor" || !live || expiry === undefined) continue;
    const sound = jobs
      .filter((job) => job.object.metadata.namespace === namespace)
      .find((job) => anchorState(job.object, mainUid).state !== "unsound");
    if (sound === undefined) {
      anchors.changes.push({ action: "create", type, object, owner, stage: stages.anchor });
      anchors.kept.set(namespace, { type, name: object.metadata.generateName ?? "", namespace, uid: undefined });
      continue;
    }
    used.add(sound);
    const { name = "", uid } = sound.object.metadata;
    anchors.changes.push(anchorChange(sound.object, expiry));
    anchors.kept.set(namespace, { type, name, namespace, uid });
  }
  anchors.surplus = jobs.filter((job) => !used.has(job));
  return anchors;
}

/** Only the ttl is written, on exactly that Job. */
function anchorChange(job: KubernetesObject, { end, now }: { end: number; now: number }): Change {
  const type = nativeResources.jobs;
  const state = anchorState(job, job.metadata.ownerReferences?.[0]?.uid);
  const endsAt = state.state === "sound" ? state.endsAt : end;
  const fits = endsAt >= end - EARLY_MILLISECONDS && endsAt <= end + LATE_MILLISECONDS;
  if (fits) return { action: "unchanged", type, object: job, current: job, stage: stages.anchor };
  const { name = "", namespace = "", uid = "" } = job.metadata;
  const object: KubernetesObject = {
    apiVersion: job.apiVersion,
    kind: job.kind,
    metadata: { name, namespace, uid, annotations: { [annotations.expiresAt]: timestamp(end) } },
    spec: { ttlSecondsAfterFinished: ttlUntil(end, now, job) },
  };
  return { action: "update", type, object, current: job, stage: stages.anchor, force: true };
}

function keepProvenance(object: KubernetesObject, stored: KubernetesObject): KubernetesObject {
  const wanted = object.metadata.annotations;
  if (wanted?.[annotations.intent] === undefined) return object;
  const first = [annotations.grantedBy, annotations.grantedAt, annotations.reason].flatMap((key) => {
    const value = stored.metadata.annotations?.[key];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...wanted, ...Object.fromEntries(first) } },
  };
}

/** Whether everything that is wanted is stored so; what others added to the metadata does not count. */
export function holds(stored: KubernetesObject, wanted: KubernetesObject): boolean {
  const within = (part: "labels" | "annotations") =>
    Object.entries(wanted.metadata[part] ?? {}).every(([key, value]) => stored.metadata[part]?.[key] === value);
  return (
    within("labels") &&
    within("annotations") &&
    ["rules", "roleRef", "subjects"].every((field) => isDeepStrictEqual(stored[field], wanted[field]))
  );
}

/** One text for each object: no part can hold a NUL. */
export function keyOf({ resource }: ResourceType, { metadata }: KubernetesObject): string {
  return [resource, metadata.namespace ?? "", metadata.name ?? ""].join("\0");
}
