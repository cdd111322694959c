import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

interface Listed {
  description?: string;
  members?: string[];
  groups?: string[];
}

/** An Organization as it is stored. */
export function organizationObject(
  name: string,
  spec?: Listed & { teams?: (Listed & { name: string })[] },
): KubernetesObject {
  const object = { apiVersion: "access.kubectl-mirrord.io/v1alpha1", kind: "Organization", metadata: { name } };
  return spec === undefined ? object : { ...object, spec };
}
