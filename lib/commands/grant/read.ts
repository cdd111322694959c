import { storedGrants, type StoredGrant, type StoredObject } from "../../access/stored.ts";
import { GRANT_LABEL } from "../../access/names.ts";
import type { Cluster, ResourceType } from "../../kube/cluster.ts";
import { rbacResources } from "../../rbac/resources.ts";

const types: readonly ResourceType[] = [
  rbacResources.clusterRoleBindings,
  rbacResources.roleBindings,
  rbacResources.roles,
];

/**
 * The grants of the cluster, or the one with this id: everything that carries the grant label. Throws when a list is
 * refused or incomplete, because half of the grants must never pass for all.
 */
export async function readGrants(cluster: Cluster, id?: string): Promise<StoredGrant[]> {
  const labelSelector = id === undefined ? GRANT_LABEL : `${GRANT_LABEL}=${id}`;
  const lists = await Promise.all(
    types.map(async (type): Promise<StoredObject[]> => {
      const objects = await Array.fromAsync(cluster.list(type, { labelSelector }));
      return objects.map((object) => ({ type, object }));
    }),
  );
  return storedGrants(lists.flat());
}
