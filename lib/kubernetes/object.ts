// What every object of the API has, as raw JSON.

import type { V1ObjectMeta, V1OwnerReference } from "@kubernetes/client-node";
import type { Json } from "./api-types.ts";

/** Raw JSON of the API, so that a field we do not know is never lost. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export type ObjectMeta = Json<V1ObjectMeta> & { [field: string]: unknown };

export type OwnerReference = Json<V1OwnerReference>;

/** A kind as the API serves it. `resource` is the plural of the URL, without a subresource. */
export interface ResourceType {
  group: string;
  version: string;
  resource: string;
  kind: string;
  namespaced: boolean;
  /** Other words for it on a command line: `po` for pods. */
  shortNames?: readonly string[];
  /** `exec` for pods, as a server says them; absent where none were said. */
  subresources?: readonly string[];
}

/** `rolebinding.rbac.authorization.k8s.io/NAME`, kubectl's way of naming an object; a name that is yet to be made up ends in `…`. */
export function objectName({ type, object: { metadata } }: { type: ResourceType; object: KubernetesObject }): string {
  const kind = type.kind.toLowerCase();
  const { name, generateName = "" } = metadata;
  return `${type.group === "" ? kind : `${kind}.${type.group}`}/${name ?? `${generateName}…`}`;
}

/** The same with its namespace: `… in namespace NS`. */
export function describeObject(found: { type: ResourceType; object: KubernetesObject }): string {
  const { namespace } = found.object.metadata;
  return `${objectName(found)}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}

/** An object as people name it. */
export interface ObjectReference {
  kind: string;
  name: string;
  namespace?: string;
}

/** `MirrordPolicy dev/no-steal`: in tables and sentences. */
export function referenceText({ kind, name, namespace }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
