import { collectionLabels, membership, type CollectionPath } from "../../../access/collection.ts";
import { planMembership } from "../../../access/collection-plan.ts";
import { COLLECTION_LABEL } from "../../../access/names.ts";
import { isSystemNamespace } from "../../../access/system-namespace.ts";
import { usageError } from "../../../errors.ts";
import type { Change, Cluster } from "../../../kube/cluster.ts";
import { fieldSource } from "../../../kubernetes/owner.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import type { CollectionsSeen } from "../../../access/collections-seen.ts";

/**
 * The namespaces of that name. Throws UserError "usage" for one that is not there, that is being deleted, or that can be in no
 * collection.
 */
export async function namespacesNamed(
  cluster: Cluster,
  names: readonly string[],
  { operator }: Pick<CollectionsSeen, "operator">,
): Promise<KubernetesObject[]> {
  return await Promise.all(
    [...new Set(names)].map(async (name) => {
      if (isSystemNamespace(name, operator)) {
        throw usageError(
          `namespace ${name} belongs to Kubernetes or to mirrord itself, and can be in no collection`,
          "Grant access to it by its name, if that is meant: --ns and --allow-system.",
        );
      }
      const found = await cluster.get(nativeResources.namespaces, name);
      if (found === undefined) {
        throw usageError(
          `namespace ${JSON.stringify(name)} was not found`,
          "See what is there: kubectl get namespaces",
        );
      }
      if (found.metadata.deletionTimestamp !== undefined) {
        throw usageError(`namespace ${JSON.stringify(name)} is being deleted`);
      }
      return found;
    }),
  );
}

/**
 * The step that puts a namespace into a collection, or takes it out of any. Throws UserError "usage" where a tool sets its
 * labels from somewhere else, and would set them again.
 */
export function placeNamespace(namespace: KubernetesObject, path: CollectionPath | undefined): Change {
  const change = planMembership(namespace, path);
  const source = fieldSource(namespace, ["f:metadata", "f:labels", `f:${COLLECTION_LABEL}`]);
  if (change.action === "unchanged" || source === undefined) return change;
  const { name = "" } = namespace.metadata;
  const where =
    path === undefined
      ? "Take the label away there."
      : `Write it there: ${Object.entries(collectionLabels(path))
          .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
          .join(", ")}`;
  throw usageError(`the collection of namespace ${name} is set by ${source}, which would set it again`, where);
}

/** Where each of them is now. */
export function placesNow(namespaces: readonly KubernetesObject[]): Map<string, CollectionPath | undefined> {
  return new Map(namespaces.map(membership).map(({ namespace, path }) => [namespace, path]));
}
