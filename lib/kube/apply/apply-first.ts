import { isConflict } from "../../kubernetes/api-error.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import type { Cluster, WriteOptions } from "../cluster.ts";
import { fieldConflicts } from "./field-conflicts.ts";

/** No object has it: the first one of a cluster has a higher version. */
const VERSION_OF_NONE = "1";

/**
 * An apply that makes the object. Of one that is there the server refuses a version that it has not, and of one that is not
 * there it does not look at it (apiserver registry/generic/registry/store.go, Update). One that the plan could not see, because
 * it lacks the labels by which it is found, is written like any other.
 */
export async function applyFirst(
  cluster: Cluster,
  type: ResourceType,
  object: KubernetesObject,
  options: WriteOptions,
): Promise<KubernetesObject> {
  const { name = "", namespace, labels = {} } = object.metadata;
  const guarded = { ...object, metadata: { ...object.metadata, resourceVersion: VERSION_OF_NONE } };
  try {
    return await cluster.apply(type, guarded, options);
  } catch (error) {
    if (!isConflict(error) || fieldConflicts(error).length > 0) throw error;
    const found = await cluster.get(type, name, namespace).catch(() => undefined);
    const isSeen = Object.entries(labels).every(([key, value]) => found?.metadata.labels?.[key] === value);
    if (found === undefined || isSeen) throw error;
    return await cluster.apply(type, object, options);
  }
}
