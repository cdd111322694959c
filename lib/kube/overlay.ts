import { parseSelectorText, selects } from "../kubernetes/label-selector.ts";
import { isForbidden } from "../kubernetes/api-error.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { authorizer, type Authorizer } from "../rbac/authorizer.ts";
import { withAggregation } from "../rbac/decide/aggregation.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { Cluster } from "./cluster.ts";
import { allObjects } from "../kubernetes/object-list.ts";

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

/**
 * The cluster as it would be with these objects written over what is there. Access is then worked out from roles and bindings:
 * where these may not be read, the answer is unknown.
 * @param serves the type of an object; undefined for a kind that nobody knows
 */
export function withObjects(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  serves: (object: KubernetesObject) => ResourceType | undefined,
): Cluster {
  const placed = objects.flatMap((object) => {
    const type = serves(object);
    if (type === undefined) return [];
    const { namespace = cluster.namespace, ...metadata } = object.metadata;
    return [{ type, object: { ...object, metadata: type.namespaced ? { ...metadata, namespace } : metadata } }];
  });
  const ofType = ({ group, resource }: ResourceType) =>
    placed.flatMap(({ type, object }) => (group === type.group && resource === type.resource ? object : []));
  const isAt = (name: string | undefined, namespace: string | undefined) => (object: KubernetesObject) =>
    object.metadata.name === name && object.metadata.namespace === namespace;
  const overlaid: Cluster = {
    ...cluster,
    place: `${cluster.place} with the overlay`,
    get: async (type, name, namespace) =>
      ofType(type).find(isAt(name, type.namespaced ? namespace : undefined)) ??
      (await cluster.get(type, name, namespace)),
    async *list(type, options = {}) {
      const over = ofType(type);
      const isOver = ({ metadata }: KubernetesObject) => over.some(isAt(metadata.name, metadata.namespace));
      for await (const object of cluster.list(type, options)) if (!isOver(object)) yield object;
      const selector = parseSelectorText(options.labelSelector ?? "");
      const { namespace } = options;
      yield* over.filter(
        ({ metadata }) =>
          selects(selector, metadata.labels ?? {}) && (namespace === undefined || metadata.namespace === namespace),
      );
    },
    review: async (questions, user) => {
      const engine = await rbacOf(overlaid);
      if (typeof engine === "string") return questions.map(() => ({ answer: "unknown", reason: engine }));
      const who = user ?? (await cluster.identity());
      return questions.map((question) => {
        const { answer, reason } = engine.explain({ ...question, user: who });
        return { answer, reason };
      });
    },
  };
  return overlaid;
}

const rbacTypes = [
  nativeResources.clusterRoleBindings,
  nativeResources.clusterRoles,
  nativeResources.roleBindings,
  nativeResources.roles,
];

/** Why not, where they may not be read. */
async function rbacOf(cluster: Cluster): Promise<Authorizer | string> {
  try {
    const lists = await Promise.all(rbacTypes.map((type) => allObjects(cluster.list(type))));
    return authorizer(withAggregation(lists.flat()).objects);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return "with an overlay, roles and bindings have to be read, and you may not list them";
  }
}
