import { timestamp } from "../text/instant.ts";
import type { Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { oneByOne, plan, type Stored, type Wanted } from "../kubernetes/plan.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { isSameJson, listIn } from "../json.ts";
import { anchorState, ttlUntil } from "./anchor.ts";
import { chooseAnchor } from "./choose-anchor.ts";
import { annotations, GRANT_LABEL } from "./names.ts";
import type { Provenance, WantedObject } from "./objects.ts";
import type { StoredObject } from "./stored.ts";

/** What follows what: everything is created before anything is deleted, and a grant's own binding goes last. */
export const stages = {
  leaving: -1,
  role: 0,
  main: 1,
  anchor: 2,
  base: 3,
  binding: 4,
  mark: 5,
  remove: 6,
  removeMain: 7,
} as const;

export interface PlanInput {
  wanted: readonly WantedObject[];
  /** Everything that carries the grant's label now; what is not wanted any more is deleted. */
  stored: readonly StoredObject[];
  /** The shared ClusterRoles that are there, by name. */
  roles: ReadonlyMap<string, KubernetesObject>;
  /** False for a folder of manifests: no uids, no owner references, no anchors. */
  live: boolean;
  /** Subjects that somebody else added are taken out again, and labels put back, although they manage those fields now. */
  revert?: boolean;
  /** A grant that is not stored is made, and overwrites nothing that somebody else makes of it meanwhile, such as a later end. */
  isFirst?: true;
  /** Of a temporary grant, in milliseconds since 1970, by the server's clock. */
  expiry?: { end: number; now: number };
}

/**
 * What has to change so that every wanted object is there as wanted; who granted first, when and why is kept. In a
 * namespace the anchor owns the objects, elsewhere the main binding does.
 */
export function planGrantObjects({ wanted, stored, roles, live, revert = false, isFirst, expiry }: PlanInput): Plan {
  const main = wanted.find(({ part }) => part === "main");
  const staying = stored.filter((item) => !isLeaving(item));
  const mainObject = main && staying.find(({ object }) => isSameBinding(object, main.object))?.object;
  const mainOwner = live && main !== undefined ? { type: main.type, name: main.object.metadata.name ?? "" } : undefined;
  const jobs = staying.filter(({ type }) => type.resource === nativeResources.jobs.resource);
  // By namespace. Anchors come before what they own.
  const owners = new Map<string | undefined, Owner>();

  const toWrite = wanted.flatMap(({ type, object, part }): Wanted[] => {
    const { namespace } = object.metadata;
    if (part === "anchor") {
      if (!live || expiry === undefined) return [];
      const there = jobs.flatMap(({ object: job }) => (job.metadata.namespace === namespace ? job : []));
      const standing = chooseAnchor(there, { ownerUid: mainObject?.metadata.uid, ...expiry });
      const anchor = standing === undefined ? object : withEnd(standing, expiry);
      const { name, generateName = "" } = anchor.metadata;
      owners.set(namespace, { type, name: name ?? generateName, ...(namespace === undefined ? {} : { namespace }) });
      // What stands was made by a POST, which was another manager.
      const base = { type, object: anchor, stage: stages.anchor };
      return [standing === undefined ? { ...base, ...ownedBy(mainOwner) } : { ...base, force: true }];
    }
    if (part === "role") return [{ type, object, stage: stages.role }];
    const force = revert ? { force: ["subjects", "metadata.labels"] } : {};
    if (part === "main") {
      const first = isFirst === true ? { isFirst } : {};
      return [{ type, object: keepProvenance(object, mainObject), stage: stages.main, ...first, ...force }];
    }
    const stage = type.kind === "Role" ? stages.base : stages.binding;
    return [{ type, object, stage, ...ownedBy(owners.get(namespace) ?? mainOwner), ...force }];
  });
  const shared = wanted.flatMap(({ type, object, part }): Stored[] => {
    const role = part === "role" ? roles.get(object.metadata.name ?? "") : undefined;
    return role === undefined ? [] : [{ type, object: role }];
  });
  // What is being deleted takes nothing any more: it goes first, and is made anew.
  const leaving = plan(
    stored.filter(isLeaving).map((item) => ({ ...item, stage: stages.leaving })),
    [],
  );
  return [...leaving, ...plan([...shared, ...staying.map(removable)], toWrite)];
}

const isLeaving = ({ object: { metadata } }: StoredObject) => metadata.deletionTimestamp !== undefined;

/**
 * The deletion of a grant's objects: what gives the access first, the ClusterRoleBinding that carries the intent last, and only
 * when the others are gone. With `revokedAt` (RFC3339) that binding is marked before and gives nothing from then on: an
 * interrupted revocation is finished by the next sync, which would restore the others otherwise. The mark says as which grant it
 * goes on elsewhere (`goesOnAs`, by its id).
 */
export function planDeletion(
  objects: readonly StoredObject[],
  revokedAt?: string,
  goesOnAs: ReadonlyMap<string, string> = new Map(),
): Plan {
  const removed = plan(objects.map(removable), []);
  const others = removed.flatMap(({ type, object }) => (carriesIntent(object) ? [] : objectKey(type, object.metadata)));
  const marks = revokedAt === undefined ? [] : objects.flatMap((stored) => revocationMark(stored, revokedAt, goesOnAs));
  return [
    ...oneByOne(marks),
    ...removed.map((change) => (carriesIntent(change.object) ? { ...change, after: others } : change)),
  ];
}

/** Whoever may delete a binding may not always change it: then it goes without the mark. */
function revocationMark(
  { type, object: current }: StoredObject,
  revokedAt: string,
  goesOnAs: ReadonlyMap<string, string>,
): Plan {
  const { metadata } = current;
  const { name = "", uid = "", labels = {}, annotations: notes = {} } = metadata;
  if (!carriesIntent(current)) return [];
  if (notes[annotations.revokedAt] !== undefined && listIn(current["subjects"]).length === 0) return [];
  const own = Object.values(annotations).flatMap((key) => (notes[key] === undefined ? [] : [[key, notes[key]]]));
  const rest = goesOnAs.get(labels[GRANT_LABEL] ?? "");
  const marked = {
    ...Object.fromEntries(own),
    [annotations.revokedAt]: notes[annotations.revokedAt] ?? revokedAt,
    ...(rest === undefined ? {} : { [annotations.goesOnAs]: rest }),
  };
  const object = {
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: { name, uid, labels, annotations: marked },
    roleRef: current["roleRef"],
    subjects: [],
  };
  return [{ action: "update", type, object, current, stage: stages.mark, force: true, optional: true }];
}

// An interrupted revoke can still be seen and finished as long as the intent is there.
function removable({ type, object }: StoredObject): Stored {
  return { type, object, stage: carriesIntent(object) ? stages.removeMain : stages.remove };
}

function carriesIntent({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[annotations.intent] !== undefined;
}

type Owner = NonNullable<Wanted["owner"]>;

const ownedBy = (owner: Owner | undefined) => (owner === undefined ? {} : { owner });

/** A binding to another role cannot be changed into ours, so it is none of ours. */
function isSameBinding(stored: KubernetesObject, wanted: KubernetesObject): boolean {
  const same = stored.kind === wanted.kind && stored.metadata.name === wanted.metadata.name;
  return same && isSameJson(stored["roleRef"], wanted["roleRef"]);
}

/** How far an anchor's end may be from the grant's: a busy controller completes it late. */
const EARLY_MILLISECONDS = 2_000;
const LATE_MILLISECONDS = 15_000;

/** The anchor as it stands, or, where it would not go when the grant ends, the ttl of exactly that Job. */
function withEnd(job: KubernetesObject, { end, now }: { end: number; now: number }): KubernetesObject {
  const { name = "", namespace = "", uid = "", ownerReferences } = job.metadata;
  const state = anchorState(job, ownerReferences?.[0]?.uid);
  const endsAt = state.state === "sound" ? state.endsAt : end;
  if (endsAt >= end - EARLY_MILLISECONDS && endsAt <= end + LATE_MILLISECONDS) return job;
  return {
    apiVersion: job.apiVersion,
    kind: job.kind,
    metadata: { name, namespace, uid, annotations: { [annotations.expiresAt]: timestamp(end) } },
    spec: { ttlSecondsAfterFinished: ttlUntil(end, now, job) },
  };
}

/** Who granted, when and why; what is not stored with the grant is left empty, the time `grantedAt`. */
export function storedProvenance(binding: KubernetesObject | undefined, grantedAt: string): Provenance {
  const notes = binding?.metadata.annotations ?? {};
  const reason = notes[annotations.reason];
  return {
    grantedBy: notes[annotations.grantedBy] ?? "",
    grantedAt: notes[annotations.grantedAt] ?? binding?.metadata.creationTimestamp ?? grantedAt,
    ...(reason === undefined ? {} : { reason }),
  };
}

/**
 * With what is stored of that, whatever the wanted object says. A manifest does not say when it was made, and what came from
 * one is as granted without that.
 */
function keepProvenance(object: KubernetesObject, stored: KubernetesObject | undefined): KubernetesObject {
  const first = [annotations.grantedBy, annotations.grantedAt, annotations.reason].flatMap((key) => {
    const value = stored?.metadata.annotations?.[key];
    return value === undefined ? [] : [[key, value]];
  });
  const { [annotations.grantedAt]: now, ...wanted } = object.metadata.annotations ?? {};
  const isNew = stored === undefined && now !== undefined;
  const kept = { ...wanted, ...(isNew ? { [annotations.grantedAt]: now } : {}), ...Object.fromEntries(first) };
  return { ...object, metadata: { ...object.metadata, annotations: kept } };
}
