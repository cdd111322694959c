import type { ListOptions } from "../cluster.ts";
import type { ResourceType } from "../../kubernetes/object.ts";

/**
 * The URL of a collection or, with a name, of an object. Names are case-sensitive and may hold `:`, spaces, anything but `/`
 * and `%`. An empty name would make the one of the other, and a deletion that of everything: it throws.
 */
export function resourcePath(type: ResourceType, namespace: string | undefined, name?: string): string {
  if (name === "") throw new Error(`a ${type.kind} without a name was asked for`);
  const root = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${scope}/${type.resource}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}

/** `?a=b&c=d` of what has a value, or "". */
export function query(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

export function selectors({ labelSelector, fieldSelector }: ListOptions): Record<string, string | undefined> {
  return { labelSelector, fieldSelector };
}
