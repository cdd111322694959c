import { UserError, usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { describeObject, type KubernetesObject, type ResourceType } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import { parseApiVersion } from "../../kubernetes/resources.ts";
import { typeRegistry } from "../../kubernetes/type-registry.ts";

/** An object with where it lives in the API. */
export interface TypedObject {
  type: ResourceType;
  object: KubernetesObject;
}

/**
 * Finds the type of every object: Kubernetes' own, one that the objects themselves define, or one that the cluster serves.
 * What is namespaced and says no namespace gets this one; what is cluster-scoped loses the one that it says.
 * @throws UserError "refused" for a kind that nobody serves, "usage" for one object that is there twice
 */
export async function typedObjects(
  objects: readonly KubernetesObject[],
  cluster: Pick<Cluster, "discover">,
  namespace: string,
): Promise<TypedObject[]> {
  const registry = typeRegistry(objects, []);
  const unknown = objects.filter((object) => registry.typeOf(object) === undefined);
  const served = await discoverTypes(unknown, cluster);
  const typed = objects.map((object): TypedObject => {
    const { apiVersion, kind } = object;
    const found = registry.typeOf(object) ?? served.find((type) => isKind(type, object));
    if (found === undefined) {
      const name = object.metadata.name ?? "";
      throw new UserError(
        "refused",
        `${kind} ${name}: the cluster serves no ${kind} of ${apiVersion}`,
        "Install what defines it first; nothing was written.",
      );
    }
    const type = { ...found, version: parseApiVersion(apiVersion).version };
    return { type, object: inScope(type, object, namespace) };
  });
  refuseTwins(typed);
  return typed;
}

const isKind = ({ group, version, kind }: ResourceType, object: KubernetesObject): boolean => {
  const wanted = parseApiVersion(object.apiVersion);
  return group === wanted.group && version === wanted.version && kind === object.kind;
};

async function discoverTypes(
  objects: readonly KubernetesObject[],
  cluster: Pick<Cluster, "discover">,
): Promise<ResourceType[]> {
  const versions = [...new Set(objects.map(({ apiVersion }) => apiVersion))];
  const types = await Promise.all(
    versions.map(async (apiVersion) => {
      const { group, version } = parseApiVersion(apiVersion);
      return (await cluster.discover(group, version)) ?? [];
    }),
  );
  return types.flat();
}

function inScope(type: ResourceType, object: KubernetesObject, namespace: string): KubernetesObject {
  const { namespace: given, ...metadata } = object.metadata;
  return { ...object, metadata: type.namespaced ? { ...metadata, namespace: given ?? namespace } : metadata };
}

function refuseTwins(typed: readonly TypedObject[]): void {
  const seen = new Set<string>();
  for (const one of typed) {
    const key = objectKey(one.type, one.object.metadata);
    if (seen.has(key)) throw usageError(`${describeObject(one)} is there twice`, "Leave one of them out.");
    seen.add(key);
  }
}
