// What an installation leaves in a cluster, and how it is found again.

import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources, resourceType } from "../kubernetes/resources.ts";
import { readList } from "../reading/read.ts";

/** Which part of an installation an object belongs to. */
export const COMPONENT_LABEL = "kubectl-mirrord.io/component";

export type Component = "operator" | "secure-defaults" | "access-model" | "sync";

/** The object as it is written: it says which part it belongs to, also where Helm's chart gives it no labels. */
export function withComponent(object: KubernetesObject, component: Component): KubernetesObject {
  const labels = { ...object.metadata.labels, [COMPONENT_LABEL]: component };
  return { ...object, metadata: { ...object.metadata, labels } };
}

const certManager = "cert-manager.io/v1";

/** Kinds whose objects go when nobody wants them any more. Not among them: namespaces and definitions, which hold what is others'. */
const removableTypes: readonly ResourceType[] = [
  nativeResources.deployments,
  nativeResources.services,
  nativeResources.secrets,
  nativeResources.configMaps,
  nativeResources.roleBindings,
  nativeResources.clusterRoleBindings,
  nativeResources.roles,
  nativeResources.clusterRoles,
  nativeResources.serviceAccounts,
  nativeResources.priorityClasses,
  resourceType(certManager, "Namespaced", "certificates", "Certificate"),
  resourceType(certManager, "Namespaced", "issuers", "Issuer"),
  resourceType("security.openshift.io/v1", "Cluster", "securitycontextconstraints", "SecurityContextConstraints"),
];

export interface ComponentObjects {
  objects: { type: ResourceType; object: KubernetesObject }[];
  /** Kinds that may not be listed. */
  unreadable: ResourceType[];
}

/** What carries a label in the whole cluster, of the kinds that can be removed. */
export async function readLabelled(cluster: Cluster, labelSelector: string): Promise<ComponentObjects> {
  const lists = await Promise.all(
    removableTypes.map(async (type) => ({ type, read: await readList(cluster, type, { labelSelector }) })),
  );
  return {
    objects: lists.flatMap(({ type, read }) => (read.failed ? [] : read.value.map((object) => ({ type, object })))),
    unreadable: lists.flatMap(({ type, read }) => (read.failed ? [type] : [])),
  };
}
