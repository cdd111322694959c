import { parseSelectorText, selects } from "../kubernetes/label-selector.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { Cluster } from "./cluster.ts";

/** The cluster as it would be if these were all objects of a type that has no namespaces; every other question goes to the cluster. */
export function withAll(cluster: Cluster, type: ResourceType, objects: readonly KubernetesObject[]): Cluster {
  const isType = ({ group, resource }: ResourceType) => group === type.group && resource === type.resource;
  return {
    ...cluster,
    get: async (wanted, name, namespace) =>
      (isType(wanted) ? objects.find(({ metadata }) => metadata.name === name) : undefined) ??
      (await cluster.get(wanted, name, namespace)),
    async *list(wanted, options = {}) {
      if (!isType(wanted) || options.fieldSelector !== undefined) return yield* cluster.list(wanted, options);
      const selector = parseSelectorText(options.labelSelector ?? "");
      yield* objects.filter(({ metadata }) => selects(selector, metadata.labels ?? {}));
    },
  };
}
