import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { allObjects, pagedList } from "../kubernetes/object-list.ts";

/**
 * The cluster with each whole list and each discovery read once: whoever lists a type again, in all namespaces and without a
 * selector, gets the same objects.
 * For one reading of many parts, which is over before anything is written.
 */
export function readingOnce(cluster: Cluster): Cluster {
  const lists = new Map<string, Promise<KubernetesObject[]>>();
  const discoveries = new Map<string, ReturnType<Cluster["discover"]>>();
  return {
    ...cluster,
    discover(group, version) {
      const key = `${group}/${version}`;
      const found = discoveries.get(key) ?? cluster.discover(group, version);
      discoveries.set(key, found);
      return found;
    },
    list(type, options = {}) {
      if (Object.keys(options).length > 0) return cluster.list(type, options);
      const key = `${type.group}/${type.version}/${type.resource}`;
      return pagedList(async function* whole() {
        const objects = lists.get(key) ?? allObjects(cluster.list(type));
        lists.set(key, objects);
        yield { items: await objects };
      });
    },
  };
}
