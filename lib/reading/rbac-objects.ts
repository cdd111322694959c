import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { unlessForbidden } from "./read.ts";

/** The RBAC objects that can decide a question about one namespace, as far as the caller may read them. */
export interface RbacObjects {
  objects: KubernetesObject[];
  /** What the caller may not list, as plural resource names; empty means that nothing is missing. */
  unreadable: string[];
}

/**
 * Reads roles and bindings of the whole cluster and of the given namespaces, all at once. What may not be read is named,
 * never taken for empty.
 */
export async function readRbac(cluster: Cluster, ...namespaces: readonly string[]): Promise<RbacObjects> {
  return readLists(
    cluster,
    namespaces.flatMap((namespace) => [
      { type: nativeResources.roleBindings, namespace },
      { type: nativeResources.roles, namespace },
    ]),
  );
}

/** The same of every namespace. */
export async function readAllRbac(cluster: Cluster): Promise<RbacObjects> {
  return readLists(cluster, [{ type: nativeResources.roleBindings }, { type: nativeResources.roles }]);
}

/** For more namespaces than this all RBAC objects are read at once. */
const READ_ONE_BY_ONE = 10;

/** What can decide questions about these namespaces, which may be many; what is about others may be among it. */
export function readRbacOf(cluster: Cluster, namespaces: readonly string[]): Promise<RbacObjects> {
  return namespaces.length > READ_ONE_BY_ONE ? readAllRbac(cluster) : readRbac(cluster, ...namespaces);
}

async function readLists(
  cluster: Cluster,
  namespaced: readonly { type: ResourceType; namespace?: string }[],
): Promise<RbacObjects> {
  const wanted: { type: ResourceType; namespace?: string }[] = [
    { type: nativeResources.clusterRoleBindings },
    { type: nativeResources.clusterRoles },
    ...namespaced,
  ];
  const lists = await Promise.all(
    wanted.map(async ({ type, namespace }) => {
      const options = namespace === undefined ? {} : { namespace };
      return { type, read: await unlessForbidden(() => Array.fromAsync(cluster.list(type, options))) };
    }),
  );
  return {
    objects: lists.flatMap(({ read }) => (read.failed ? [] : read.value)),
    unreadable: [...new Set(lists.flatMap(({ type, read }) => (read.failed ? type.resource : [])))],
  };
}
