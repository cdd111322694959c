import type { Cluster, KubernetesObject, ListOptions, ResourceType } from "../kube/cluster.ts";
import { statusOf } from "./status-of.ts";

/** What a read found; `forbidden` when the caller may not make it. */
export type Read<Value> = { forbidden: false; value: Value } | { forbidden: true };

/** An object, or undefined when it is not there. */
export function readObject(
  cluster: Cluster,
  type: ResourceType,
  name: string,
  namespace?: string,
): Promise<Read<KubernetesObject | undefined>> {
  return unlessForbidden(() => cluster.get(type, name, namespace));
}

/** Every object of a list; undefined when the cluster does not know the type at all (404). */
export function readList(
  cluster: Cluster,
  type: ResourceType,
  options: ListOptions = {},
): Promise<Read<KubernetesObject[] | undefined>> {
  return unlessForbidden(async () => {
    try {
      return await Array.fromAsync(cluster.list(type, options));
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  });
}

/** A read that may be forbidden. Throws what else it fails with. */
export async function unlessForbidden<Value>(read: () => Promise<Value>): Promise<Read<Value>> {
  try {
    return { forbidden: false, value: await read() };
  } catch (error) {
    if (statusOf(error) === 403) return { forbidden: true };
    throw error;
  }
}
