import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import type { Stored, Wanted } from "../../kubernetes/plan.ts";
import { nativeResources } from "../../kubernetes/resources.ts";

const types = {
  CustomResourceDefinition: nativeResources.customResourceDefinitions,
  ClusterRole: nativeResources.clusterRoles,
  ClusterRoleBinding: nativeResources.clusterRoleBindings,
  RoleBinding: nativeResources.roleBindings,
  ValidatingAdmissionPolicy: nativeResources.admissionPolicies,
  ValidatingAdmissionPolicyBinding: nativeResources.admissionPolicyBindings,
  Namespace: nativeResources.namespaces,
  NetworkPolicy: nativeResources.networkPolicies,
} as const;

/** As they are planned; lower stages are written first. */
export function staged(objects: readonly KubernetesObject[], first: number): Wanted[] {
  return objects.map((object) => {
    const type = Object.entries(types).find(([kind]) => kind === object.kind)?.[1];
    if (type === undefined) throw new Error(`no type for ${object.kind}`);
    // Bindings need their role.
    return { type, object, stage: first + (object.kind.endsWith("RoleBinding") ? 0.5 : 0) };
  });
}

/** What is there under the names of what is wanted, and of ours what is not wanted any more. */
export async function current(
  cluster: Cluster,
  wanted: readonly Wanted[],
  surplus: readonly Stored[] | Promise<Stored[]> = [],
): Promise<Stored[]> {
  const same = wanted.map(async ({ type, object: { metadata } }): Promise<Stored[]> => {
    const object = await cluster.get(type, metadata.name ?? "", metadata.namespace);
    return object === undefined ? [] : [{ type, object }];
  });
  // Together: what fails while the other is waited for would be nobody's.
  const [found, more] = await Promise.all([Promise.all(same), surplus]);
  const all = [...found.flat(), ...more];
  return [...new Map(all.map((each) => [objectKey(each.type, each.object.metadata), each])).values()];
}
