import type {
  V1CustomResourceDefinitionNames,
  V1CustomResourceDefinitionSpec,
  V1CustomResourceDefinitionVersion,
} from "@kubernetes/client-node";
import { listIn, textIn, textsIn } from "../json.ts";
import { fieldsIn } from "./api-types.ts";
import type { KubernetesObject, ResourceType } from "./object.ts";
import { nativeResources, parseApiVersion } from "./resources.ts";

/** Which kinds there are, as far as objects themselves say it: a folder has no discovery to ask. */
export interface TypeRegistry {
  /** By group and kind, whatever the version: a folder may spell an older one. */
  typeOf(object: KubernetesObject): ResourceType | undefined;
  /** Left out, every version. */
  inGroup(group: string, version?: string): ResourceType[];
  /** Once for each of its versions. */
  groups(): { group: string; version: string }[];
}

/** Kubernetes' own kinds, the `others`, and those that the CustomResourceDefinitions among the objects declare. */
export function typeRegistry(objects: readonly KubernetesObject[], others: readonly ResourceType[]): TypeRegistry {
  const types = [...Object.values(nativeResources), ...others, ...objects.flatMap(customTypes)];
  const byKind = new Map(types.map((type) => [`${type.group}/${type.kind}`, type]));
  const versions = new Map(types.map(({ group, version }) => [`${group}/${version}`, { group, version }]));
  return {
    groups: () => [...versions.values()],
    typeOf: ({ apiVersion, kind }) => byKind.get(`${parseApiVersion(apiVersion).group}/${kind}`),
    inGroup: (group, version) =>
      types.filter((type) => type.group === group && (version === undefined || type.version === version)),
  };
}

// Source: CustomResourceDefinition.spec (apiextensions.k8s.io/v1). A definition that is not well formed declares nothing.
function customTypes(object: KubernetesObject): ResourceType[] {
  if (object.kind !== nativeResources.customResourceDefinitions.kind) return [];
  const { group, names, scope, versions } = fieldsIn<V1CustomResourceDefinitionSpec>(object["spec"]);
  const { plural, kind, shortNames } = fieldsIn<V1CustomResourceDefinitionNames>(names);
  const [inGroup, resource, named] = [textIn(group), textIn(plural), textIn(kind)];
  if (inGroup === "" || resource === "" || named === "") return [];
  return listIn(versions).flatMap((version) => {
    const name = textIn(fieldsIn<V1CustomResourceDefinitionVersion>(version).name);
    const type = {
      group: inGroup,
      version: name,
      resource,
      kind: named,
      namespaced: scope === "Namespaced",
      shortNames: textsIn(shortNames),
    };
    return name === "" ? [] : [type];
  });
}
