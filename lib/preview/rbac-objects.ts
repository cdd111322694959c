import type { Cluster, KubernetesObject, ResourceType } from "../kube/cluster.ts";
import { rbacResources } from "../rbac/resources.ts";
import { statusOf } from "./operator.ts";

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
      { type: rbacResources.roleBindings, namespace },
      { type: rbacResources.roles, namespace },
    ]),
  );
}

/** The same of every namespace. */
export async function readAllRbac(cluster: Cluster): Promise<RbacObjects> {
  return readLists(cluster, [{ type: rbacResources.roleBindings }, { type: rbacResources.roles }]);
}

async function readLists(
  cluster: Cluster,
  namespaced: readonly { type: ResourceType; namespace?: string }[],
): Promise<RbacObjects> {
  const wanted: { type: ResourceType; namespace?: string }[] = [
    { type: rbacResources.clusterRoleBindings },
    { type: rbacResources.clusterRoles },
    ...namespaced,
  ];
  const lists = await Promise.all(wanted.map(({ type, namespace }) => readAll(cluster, type, namespace)));
  return {
    objects: lists.flatMap((list) => list ?? []),
    unreadable: [...new Set(wanted.filter((_, index) => lists[index] === undefined).map(({ type }) => type.resource))],
  };
}

async function readAll(
  cluster: Cluster,
  type: ResourceType,
  namespace?: string,
): Promise<KubernetesObject[] | undefined> {
  try {
    return await Array.fromAsync(cluster.list(type, namespace === undefined ? {} : { namespace }));
  } catch (error) {
    if (statusOf(error) === 403) return undefined;
    throw error;
  }
}
