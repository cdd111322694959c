import type { ObjectMeta, ResourceType } from "./object.ts";

/** One text for each object of a cluster, whatever version it was read in: no part can hold a NUL. */
export function objectKey(
  { group, resource, namespaced }: ResourceType,
  { name, generateName = "", namespace = "" }: Pick<ObjectMeta, "name" | "generateName" | "namespace">,
): string {
  return `${group}\0${resource}\0${namespaced ? namespace : ""}\0${name ?? generateName}`;
}

/** The same where only the kind is known: of owners, roles, policies. */
export function keyByKind(
  kind: string,
  { name = "", namespace = "" }: { name?: string | undefined; namespace?: string | undefined },
): string {
  return `${kind}\0${namespace}\0${name}`;
}
