import { isJsonObject } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { RBAC_GROUP, nativeResources } from "../../kubernetes/resources.ts";

/** What a write is about, as its URL says it. */
export interface WriteTarget {
  /** `roles` */
  resource: string;
  /** `roles.rbac.authorization.k8s.io`, as messages name it. */
  qualified: string;
  kind: string;
  /** "" for a POST with generateName. */
  name: string;
  /** "" at cluster scope. */
  namespace: string;
}

const types = new Map(Object.values(nativeResources).map((type) => [type.kind, type]));

/** Undefined for anything that is not one of the four RBAC kinds. */
export function writeTarget(object: KubernetesObject): WriteTarget | undefined {
  if (!isJsonObject(object) || object.apiVersion !== `${RBAC_GROUP}/v1`) return undefined;
  const type = types.get(object.kind);
  if (type === undefined) return undefined;
  const metadata: Record<string, unknown> = isJsonObject(object.metadata) ? object.metadata : {};
  const { name, namespace } = metadata;
  return {
    resource: type.resource,
    qualified: `${type.resource}.${RBAC_GROUP}`,
    kind: type.kind,
    name: typeof name === "string" ? name : "",
    namespace: type.namespaced && typeof namespace === "string" ? namespace : "",
  };
}

/** The same for the same object of a cluster. */
export const targetKey = (target: WriteTarget): string => keyByKind(target.kind, target);
