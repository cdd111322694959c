import { isDeepStrictEqual } from "node:util";
import type { Change, KubernetesObject, Plan, ResourceType } from "../kube/cluster.ts";
import { rbacResources } from "../rbac/resources.ts";
import { annotations } from "./names.ts";
import type { WantedObject } from "./objects.ts";

/** What stands in the cluster for an object, found by type, namespace and name. */
export type Lookup = (type: ResourceType, name: string, namespace?: string) => KubernetesObject | undefined;

/**
 * What has to change so that every wanted object is there as wanted. Nothing that is equal already is written again,
 * and who granted first, when and why is kept. Pure; the order is that of `wanted`.
 */
export function planObjects(wanted: readonly WantedObject[], current: Lookup, owner: string): Plan {
  return wanted.map(({ type, object, owned }): Change => {
    const stored = current(type, object.metadata.name ?? "", object.metadata.namespace);
    const asOwner = owned ? { owner: { type: rbacResources.clusterRoleBindings, name: owner } } : {};
    if (stored === undefined) return { action: "create", type, object, ...asOwner };
    const kept = keepProvenance(object, stored);
    const action = holds(stored, kept) ? "unchanged" : "update";
    return { action, type, object: kept, current: stored, ...asOwner };
  });
}

/**
 * The deletion of a grant's objects, what gives the access first and the ClusterRoleBinding that carries the intent
 * last: an interrupted revoke can still be seen and finished.
 */
export function planDeletion(objects: readonly { type: ResourceType; object: KubernetesObject }[]): Plan {
  const last = ({ object }: { object: KubernetesObject }) =>
    object.metadata.annotations?.[annotations.intent] === undefined ? 0 : 1;
  return objects
    .toSorted((a, b) => last(a) - last(b))
    .map(({ type, object }): Change => ({ action: "delete", type, object, current: object }));
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
function holds(stored: KubernetesObject, wanted: KubernetesObject): boolean {
  const within = (part: "labels" | "annotations") =>
    Object.entries(wanted.metadata[part] ?? {}).every(([key, value]) => stored.metadata[part]?.[key] === value);
  return (
    within("labels") &&
    within("annotations") &&
    ["rules", "roleRef", "subjects"].every((field) => isDeepStrictEqual(stored[field], wanted[field]))
  );
}
