import type { Cluster, ListOptions } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { statusOf } from "../kubernetes/api-status.ts";

/** What a read found; `forbidden` when the caller may not make it. */
export type Read<Value> = { forbidden: false; value: Value } | { forbidden: true };

/** An object, or undefined when it is not there. */
export function readObject(
  cluster: Cluster,
  type: ResourceType,
  name: string,
  namespace?: string,
): Promise<Read<KubernetesObject | undefined>> {
  return unlessUnserved(cluster, type, () => cluster.get(type, name, namespace));
}

/** Every object of a list; undefined when the cluster does not know the type at all (404). */
export function readList(
  cluster: Cluster,
  type: ResourceType,
  options: ListOptions = {},
): Promise<Read<KubernetesObject[] | undefined>> {
  return unlessUnserved(cluster, type, async () => {
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

/** What is forbidden of a type that the cluster does not have is not there. */
async function unlessUnserved<Value>(
  cluster: Cluster,
  type: ResourceType,
  reading: () => Promise<Value | undefined>,
): Promise<Read<Value | undefined>> {
  const read = await unlessForbidden(reading);
  return read.forbidden && !(await isServed(cluster, type)) ? { forbidden: false, value: undefined } : read;
}

/**
 * Whether the cluster has the type at all, which a 403 does not say: access is checked before existence. Everybody may
 * discover (system:discovery); where that fails, true. Kubernetes' own types are always there.
 */
export async function isServed(cluster: Cluster, { group, version, resource }: ResourceType): Promise<boolean> {
  if (!group.includes(".") || group.endsWith(".k8s.io")) return true;
  const known = discovered.get(cluster) ?? new Map<string, ReturnType<Cluster["discover"]>>();
  discovered.set(cluster, known);
  const place = `${group}/${version}`;
  const asked = known.get(place) ?? cluster.discover(group, version);
  known.set(place, asked);
  try {
    const types = await asked;
    return types !== undefined && (types.length === 0 || types.some((type) => type.resource === resource));
  } catch {
    return true;
  }
}

const discovered = new WeakMap<Cluster, Map<string, ReturnType<Cluster["discover"]>>>();
