import { seeCollections, type CollectionsSeen } from "../access/collections-seen.ts";
import { COLLECTIONS } from "../access/names.ts";
import { UserError } from "../errors.ts";
import type { Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { readNamespaces, readOperatorNamespace } from "./namespaces.ts";

/** The collections and who is in them. Throws UserError "undetermined" where the namespaces may not be listed. */
export async function readCollections(cluster: Cluster): Promise<CollectionsSeen> {
  const [stored, namespaces, operator] = await Promise.all([
    cluster.get(nativeResources.configMaps, COLLECTIONS.name, COLLECTIONS.namespace),
    readNamespaces(cluster),
    readOperatorNamespace(cluster),
  ]);
  if (namespaces !== undefined) return seeCollections({ stored, namespaces, operator });
  throw new UserError(
    "undetermined",
    "you may not list namespaces, so nobody can say what is in which collection",
    "See who may: kubectl mirrord audit who-can list namespaces",
  );
}
