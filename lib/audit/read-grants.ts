import { GRANT_LABEL, GRANT_PREFIX } from "../access/names.ts";
import { storedGrants, withLeftovers, type StoredGrant, type StoredObject } from "../access/stored.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { readList } from "../reading/read.ts";

const bindingTypes: Readonly<Record<string, (typeof nativeResources)[keyof typeof nativeResources]>> = {
  ClusterRoleBinding: nativeResources.clusterRoleBindings,
  RoleBinding: nativeResources.roleBindings,
  Role: nativeResources.roles,
};

/**
 * The grants among roles and bindings that were read; only the Jobs that end them are read besides. `anchorsRead` is false where
 * these may not be listed.
 */
export async function readGrantsAmong(
  cluster: Cluster,
  rbac: readonly KubernetesObject[],
): Promise<{ grants: StoredGrant[]; anchorsRead: boolean }> {
  const jobs = cluster.offline
    ? undefined
    : await readList(cluster, nativeResources.jobs, { labelSelector: GRANT_LABEL });
  const stored = rbac.flatMap((object): StoredObject[] => {
    const type = bindingTypes[object.kind];
    return type === undefined ? [] : [{ type, object }];
  });
  const ends =
    jobs === undefined || jobs.failed ? [] : jobs.value.map((object) => ({ type: nativeResources.jobs, object }));
  const named = stored.filter(({ object }) => object.metadata.name?.startsWith(GRANT_PREFIX));
  return { grants: withLeftovers(storedGrants([...stored, ...ends]), named), anchorsRead: jobs?.failed !== true };
}
