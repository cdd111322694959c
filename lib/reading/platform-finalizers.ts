import { finalizers, platformFinalizers, type KindFinalizer } from "../access/held.ts";
import type { StoredGrant } from "../access/stored.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { unlessForbidden } from "./read.ts";
import { allObjects } from "../kubernetes/object-list.ts";

/** On the roles and bindings that the API server itself makes. */
const STOCK_LABEL = "kubernetes.io/bootstrapping=rbac-defaults";

/**
 * The finalizers that this cluster's platform puts on every binding, as far as the objects of these grants have any. What may
 * not be read shows none.
 */
export async function readPlatformFinalizers(
  cluster: Cluster,
  grants: readonly StoredGrant[],
): Promise<Set<KindFinalizer>> {
  const held = grants.flatMap(({ objects }) => objects.filter(({ object }) => finalizers(object).length > 0));
  const types = new Map(held.map(({ type }) => [type.resource, type]));
  types.delete(nativeResources.jobs.resource);
  const stock = await Promise.all([...types.values()].map((type) => readStock(cluster, type)));
  return platformFinalizers(stock.flat());
}

async function readStock(cluster: Cluster, type: ResourceType) {
  // Elsewhere anybody may put that label on a role of their own.
  const place = type.namespaced ? { namespace: "kube-system" } : {};
  const read = await unlessForbidden(() => allObjects(cluster.list(type, { ...place, labelSelector: STOCK_LABEL })));
  return read.failed ? [] : read.value;
}
