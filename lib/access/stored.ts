import type { KubernetesObject, ResourceType } from "../kube/cluster.ts";
import { isDeepStrictEqual } from "node:util";
import { decodeIntent, grantId, type Intent } from "./intent.ts";
import { annotations, GRANT_LABEL } from "./names.ts";
import { grantObjects } from "./objects.ts";

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
  /** Everything with the grant's label, the ClusterRoleBinding included. */
  objects: StoredObject[];
}

/** Sorts labelled objects into grants, by id. Objects without the label are left out. */
export function storedGrants(objects: readonly StoredObject[]): StoredGrant[] {
  const byId = new Map<string, StoredObject[]>();
  for (const stored of objects) {
    const id = stored.object.metadata.labels?.[GRANT_LABEL];
    if (id === undefined) continue;
    const parts = byId.get(id);
    if (parts === undefined) byId.set(id, [stored]);
    else parts.push(stored);
  }
  return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([id, parts]) => storedGrant(id, parts));
}

function storedGrant(id: string, objects: StoredObject[]): StoredGrant {
  const binding = objects.find(
    ({ object }) =>
      object.kind === "ClusterRoleBinding" && object.metadata.annotations?.[annotations.intent] !== undefined,
  )?.object;
  const intent = decodeIntent(binding?.metadata.annotations?.[annotations.intent]);
  // An intent under another grant's label was copied or edited by hand: its label and its content disagree.
  const genuine = intent !== undefined && grantId(intent) === id;
  return { id, intent: genuine ? intent : undefined, binding, objects };
}

/**
 * `ok`: everything the intent asks for is there, for the subject and role it names. `incomplete`: something is missing.
 * `drifted`: a binding names other subjects or another role than was written. `unreadable`: nobody knows the intent.
 * The rules of limited Roles are not compared, because they follow the containers of their targets.
 */
export type GrantStatus = "ok" | "incomplete" | "drifted" | "unreadable";

export function grantStatus({ intent, objects }: StoredGrant): GrantStatus {
  if (intent === undefined) return "unreadable";
  const there = new Map(objects.map(({ object }) => [placeOf(object), object]));
  const namespaces = intent.set.kind === "all" ? [] : intent.set.namespaces;
  const limits = new Map(namespaces.map((namespace) => [namespace, []]));
  const wanted = grantObjects(intent, { grantedBy: "", grantedAt: "" }, limits)
    .map(({ object }) => object)
    .filter(({ metadata }) => metadata.labels?.[GRANT_LABEL] !== undefined);
  if (wanted.some((object) => !there.has(placeOf(object)))) return "incomplete";
  const same = (object: KubernetesObject, field: string) =>
    isDeepStrictEqual(there.get(placeOf(object))?.[field], object[field]);
  return wanted.every((object) => same(object, "subjects") && same(object, "roleRef")) ? "ok" : "drifted";
}

const placeOf = ({ kind, metadata }: KubernetesObject) =>
  [kind, metadata.namespace ?? "", metadata.name ?? ""].join("\0");
