import { UserError } from "../errors.ts";
import type { Cluster, ListOptions } from "../kube/cluster.ts";
import { httpStatus } from "../kubernetes/api-error.ts";
import { allObjects } from "../kubernetes/object-list.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";

/** What a read came to: a value, or the failure that others can make up for. */
export type Read<Value> = { failed: false; value: Value } | FailedRead;

export interface FailedRead {
  failed: true;
  error: UserError;
  /** HTTP; undefined where no server answered. */
  status: number | undefined;
}

/** A read whose failure is an answer. A bug of ours and Ctrl-C are none: they are thrown. */
export async function attempt<Value>(read: () => Promise<Value>): Promise<Read<Value>> {
  try {
    return { failed: false, value: await read() };
  } catch (error) {
    if (isFailure(error)) return { failed: true, error, status: httpStatus(error) };
    throw error;
  }
}

/** A read that fails only where the caller may not make it (403). Every other failure is thrown. */
export async function unlessForbidden<Value>(read: () => Promise<Value>): Promise<Read<Value>> {
  const result = await attempt(read);
  if (result.failed && result.status !== 403) throw result.error;
  return result;
}

/** An object, or undefined when it is not there; fails where the caller may not read it. */
export function readObject(
  cluster: Cluster,
  type: ResourceType,
  name: string,
  namespace?: string,
): Promise<Read<KubernetesObject | undefined>> {
  return unlessUnserved(cluster, type, undefined, () => cluster.get(type, name, namespace));
}

/** Every object of a list; none of a type that the cluster does not serve. Fails where the caller may not list it. */
export function readList(
  cluster: Cluster,
  type: ResourceType,
  options: ListOptions = {},
): Promise<Read<KubernetesObject[]>> {
  return unlessUnserved(cluster, type, [], () => allObjects(cluster.list(type, options)));
}

/** A 403 or 404 for a type that the cluster does not serve means: not there. */
async function unlessUnserved<Value>(
  cluster: Cluster,
  type: ResourceType,
  absent: Value,
  read: () => Promise<Value>,
): Promise<Read<Value>> {
  const result = await attempt(read);
  if (!result.failed) return result;
  if (result.status === 404) return { failed: false, value: absent };
  if (result.status !== 403) throw result.error;
  return (await isServed(cluster, type)) ? result : { failed: false, value: absent };
}

/**
 * Whether the cluster has the type at all, which a 403 does not say: access is checked before existence. Everybody may
 * discover (system:discovery); where that fails, true. Kubernetes' own types are always there. Each group is asked for once.
 */
export async function isServed(cluster: Cluster, { group, version, resource }: ResourceType): Promise<boolean> {
  if (!group.includes(".") || group.endsWith(".k8s.io")) return true;
  const groups = discovered.get(cluster) ?? new Map<string, ReturnType<Cluster["discover"]>>();
  discovered.set(cluster, groups);
  const groupVersion = `${group}/${version}`;
  const discovery = groups.get(groupVersion) ?? cluster.discover(group, version);
  groups.set(groupVersion, discovery);
  const types = await attempt(() => discovery);
  if (types.failed) return true;
  return (
    types.value !== undefined && (types.value.length === 0 || types.value.some((type) => type.resource === resource))
  );
}

const discovered = new WeakMap<Cluster, Map<string, ReturnType<Cluster["discover"]>>>();

function isFailure(error: unknown): error is UserError {
  return error instanceof UserError && error.kind !== "interrupted";
}
