import type { V1RoleRef } from "@kubernetes/client-node";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { listIn, objectIn } from "../json.ts";
import { boundSubject, subjectKey, type RbacSubject } from "./subject.ts";
import { decodeIntent, grantId, type Intent } from "./intent.ts";
import { annotations, GRANT_LABEL, GRANT_PREFIX, MANAGED_BY, MANAGED_BY_LABEL } from "./names.ts";
import { parseTime } from "../text/instant.ts";
import { ownRoleName } from "./roles.ts";

export interface StoredObject {
  type: ResourceType;
  object: KubernetesObject;
}

/** A grant as it is found in a cluster: its objects by label, and the intent when it can be read. */
export interface StoredGrant {
  id: string;
  /** Undefined: the ClusterRoleBinding is gone, or its intent was not written by this version, or not for this id. */
  intent: Intent | undefined;
  binding: KubernetesObject | undefined;
  /** When it ends, in milliseconds since 1970; undefined: never, or nobody can say. */
  expiresAt: number | undefined;
  /** Everything with the grant's label, the ClusterRoleBinding included. */
  objects: StoredObject[];
}

/** Whether a grant lets its subject list the cluster-wide policies. It keeps that when the cluster has no policies for a while. */
export function bindsPolicyReads(grant: StoredGrant | undefined): boolean {
  const role = ownRoleName("reads-basic");
  return grant?.objects.some(({ object }) => fieldsIn<V1RoleRef>(object["roleRef"]).name === role) ?? false;
}

/**
 * Whether a grant is being taken back: its binding is marked, or was deleted and something still keeps it. The rest of it goes,
 * and nothing is restored.
 */
export function isRevoked({ binding }: Pick<StoredGrant, "binding">): boolean {
  const { annotations: notes, deletionTimestamp } = binding?.metadata ?? {};
  return notes?.[annotations.revokedAt] !== undefined || deletionTimestamp !== undefined;
}

/** Sorts labelled objects into grants, by id. Objects that are not ours are left out. */
export function storedGrants(objects: readonly StoredObject[]): StoredGrant[] {
  const byId = new Map<string, StoredObject[]>();
  for (const stored of objects) {
    const id = stored.object.metadata.labels?.[GRANT_LABEL];
    if (id === undefined || !isOurs(stored.object)) continue;
    const parts = byId.get(id);
    if (parts === undefined) byId.set(id, [stored]);
    else parts.push(stored);
  }
  return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([id, parts]) => storedGrant(id, parts));
}

const nameOfGrant = new RegExp(`^(${GRANT_PREFIX}[-a-z0-9]*-([a-z2-7]{20}))(:|$)`);

/** The name of the ClusterRoleBinding of the grant that an object belongs to by its own name, if it does. */
export function grantName(name: string): string | undefined {
  return nameOfGrant.exec(name)?.[1];
}

/** The id of the grant that an object belongs to by its own name, if it does. */
export function idInName(name: string): string | undefined {
  return nameOfGrant.exec(name)?.[2];
}

/**
 * The grants with what is theirs by its name alone: a label can be taken off, or changed, and the access stays. What belongs to
 * no grant any more is a grant that cannot be read. `named`: objects whose names begin as those of grants do, of the same reading.
 */
export function withLeftovers(grants: readonly StoredGrant[], named: readonly StoredObject[]): StoredGrant[] {
  const byId = Map.groupBy(named, ({ object }) => idInName(object.metadata.name ?? ""));
  byId.delete(undefined);
  const found = grants.map((grant) => {
    const candidates = byId.get(grant.id) ?? [];
    const known = new Set(grant.objects.map(({ object }) => object));
    const more = candidates.filter(({ object }) => !known.has(object));
    byId.delete(grant.id);
    return more.length === 0 ? grant : storedGrant(grant.id, [...grant.objects, ...more]);
  });
  return [...found, ...[...byId].map(([id = "", parts]) => storedGrant(id, parts))];
}

/** The objects without those of grants that have ended; when one ends, only the binding that carries its intent says. */
export function withoutExpired(objects: readonly KubernetesObject[], now: number): KubernetesObject[] {
  const ended = new Set<string | undefined>();
  for (const { kind, metadata } of objects) {
    const notes = kind === "ClusterRoleBinding" ? (metadata.annotations ?? {}) : {};
    const end = notes[annotations.intent] === undefined ? undefined : parseTime(notes[annotations.expiresAt]);
    if (end !== undefined && end <= now) ended.add(metadata.labels?.[GRANT_LABEL]);
  }
  return objects.filter(
    ({ metadata: { labels } }) => labels?.[GRANT_LABEL] === undefined || !ended.has(labels[GRANT_LABEL]),
  );
}

/** Whom the bindings among the objects name. */
export function boundSubjects(objects: readonly StoredObject[]): RbacSubject[] {
  const subjects = objects.flatMap(({ object }) =>
    listIn(object["subjects"]).flatMap((subject) => boundSubject(objectIn(subject), object.metadata.namespace) ?? []),
  );
  return [...new Map(subjects.map((subject) => [subjectKey(subject), subject])).values()];
}

// Anybody can put our label on an object of their own; what is ours also has our name, or says who manages it.
function isOurs({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY || (metadata.name?.startsWith(GRANT_PREFIX) ?? false);
}

function storedGrant(id: string, objects: StoredObject[]): StoredGrant {
  const binding = objects.find(
    ({ object }) =>
      object.kind === "ClusterRoleBinding" && object.metadata.annotations?.[annotations.intent] !== undefined,
  )?.object;
  const intent = decodeIntent(binding?.metadata.annotations?.[annotations.intent]);
  // An intent under another grant's label was copied or edited by hand: its label and its content disagree.
  const genuine = intent !== undefined && grantId(intent) === id;
  const expiresAt = parseTime(binding?.metadata.annotations?.[annotations.expiresAt]);
  return { id, intent: genuine ? intent : undefined, binding, expiresAt, objects };
}
