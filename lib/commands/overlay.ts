import type { World } from "../cli/world.ts";
import type { Cluster } from "../kube/cluster.ts";
import { readManifests } from "../kube/manifests/folder.ts";
import { withObjects } from "../kube/overlay.ts";
import { typeRegistry } from "../kubernetes/type-registry.ts";
import { operatorKinds } from "./operator-kinds.ts";

/** The cluster as it would be with the manifests of these paths applied. Kinds that nobody knows are named and left out. */
export function overlaid(cluster: Cluster, paths: readonly string[], world: Pick<World, "warn" | "now">): Cluster {
  const files = readManifests(paths, { warn: (text) => world.warn(text) });
  const objects = files.flatMap(({ documents }) => documents.flatMap((document) => document.objects));
  const { types, inForce } = operatorKinds;
  const { typeOf } = typeRegistry(objects, types);
  const unknown = new Set(objects.flatMap((object) => (typeOf(object) === undefined ? [object.kind] : [])));
  if (unknown.size > 0) world.warn(`of the overlay, kinds that are not known are left out: ${[...unknown].join(", ")}`);
  return withObjects(cluster, inForce(objects, world.now().getTime()), typeOf);
}
