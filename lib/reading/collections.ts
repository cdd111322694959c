import { seeCollections, type CollectionsSeen } from "../access/collections-seen.ts";
import { COLLECTIONS } from "../access/names.ts";
import { UserError } from "../errors.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { lookUp } from "./look-up.ts";
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

/**
 * Every collection with its description, and which were created, for a caller who has read the namespaces. Undefined where they, or the
 * list of collections, may not be read.
 * @param operator the operator's namespace
 */
export async function readKnownCollections(
  cluster: Cluster,
  namespaces: readonly KubernetesObject[] | undefined,
  operator: string,
): Promise<Pick<CollectionsSeen, "known" | "created"> | undefined> {
  if (namespaces === undefined) return undefined;
  const stored = await lookUp(cluster, nativeResources.configMaps, COLLECTIONS.name, COLLECTIONS.namespace);
  if (stored === "forbidden") return undefined;
  return seeCollections({ stored: stored === "absent" ? undefined : stored, namespaces, operator });
}
