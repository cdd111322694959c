import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { allObjects } from "../kubernetes/object-list.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { unlessForbidden } from "./read.ts";

/** The RBAC objects that can decide a question about one namespace, as far as the caller may read them. */
export interface RbacObjects {
  objects: KubernetesObject[];
  /** What the caller may not list, as plural resource names; empty means that nothing is missing. */
  unreadable: string[];
}

/** For more namespaces than this all RBAC objects are read at once. */
const READ_ONE_BY_ONE = 10;

/**
 * Reads what can decide questions about these namespaces: roles and bindings of the whole cluster and of each of them, all at
 * once. Of many namespaces, what is about others may be among it. What may not be read is named, never taken for empty.
 */
export async function readRbac(cluster: Cluster, namespaces: readonly string[]): Promise<RbacObjects> {
  const distinct = [...new Set(namespaces)];
  if (distinct.length > READ_ONE_BY_ONE) return readAllRbac(cluster);
  return readLists(
    cluster,
    distinct.flatMap((namespace) => [
      { type: nativeResources.roleBindings, namespace },
      { type: nativeResources.roles, namespace },
    ]),
  );
}

/** Reads the RBAC objects of every namespace. */
export async function readAllRbac(cluster: Cluster): Promise<RbacObjects> {
  return readLists(cluster, [{ type: nativeResources.roleBindings }, { type: nativeResources.roles }]);
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
      return { type, read: await unlessForbidden(() => allObjects(cluster.list(type, options))) };
    }),
  );
  return {
    objects: lists.flatMap(({ read }) => (read.failed ? [] : read.value)),
    unreadable: [...new Set(lists.flatMap(({ type, read }) => (read.failed ? type.resource : [])))],
  };
}
