import type { Change } from "../kube/cluster.ts";

/** `rolebinding.rbac.authorization.k8s.io/NAME in namespace NS`, kubectl's way of naming an object. */
export function describeObject({ type, object }: Pick<Change, "type" | "object">): string {
  const { name, generateName = "", namespace } = object.metadata;
  const kind = type.group === "" ? type.kind.toLowerCase() : `${type.kind.toLowerCase()}.${type.group}`;
  return `${kind}/${name ?? `${generateName}…`}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
