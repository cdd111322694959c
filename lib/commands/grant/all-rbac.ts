import type { Cluster, KubernetesObject, ResourceType } from "../../kube/cluster.ts";
import { rbacResources } from "../../rbac/resources.ts";
import { readable } from "./read.ts";

/** The RBAC objects of the whole cluster; `unreadable` names what the caller may not list. */
export async function readAllRbac(cluster: Cluster): Promise<{ objects: KubernetesObject[]; unreadable: string[] }> {
  const types: ResourceType[] = Object.values(rbacResources);
  const lists = await Promise.all(
    types.map(async (type) => ({ type, list: await readable(() => Array.fromAsync(cluster.list(type))) })),
  );
  return {
    objects: lists.flatMap(({ list }) => (list.allowed ? list.value : [])),
    unreadable: lists.flatMap(({ type, list }) => (list.allowed ? [] : type.resource)),
  };
}
