import type { ObjectMeta, ResourceType } from "./object.ts";

/** One text for each object of a cluster, whatever version it was read in: no part can hold a NUL. */
export function objectKey(
  { group, resource, namespaced }: ResourceType,
  { name, generateName = "", namespace = "" }: Pick<ObjectMeta, "name" | "generateName" | "namespace">,
): string {
  return [group, resource, namespaced ? namespace : "", name ?? generateName].join("\0");
}
