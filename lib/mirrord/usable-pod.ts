import type { V1ContainerStatus, V1PodSpec, V1PodStatus } from "@kubernetes/client-node";
import { listIn } from "../json.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";

/**
 * Why the client cannot use a pod, in its own words; undefined when it can.
 * Source: operator contract section 0, and RuntimeData::from_pod of the client (mirrord/kube/src/api/runtime.rs).
 * @param container the one that the user wrote; left out, one that is ready is enough
 */
export function podFault(pod: KubernetesObject, container?: string): string | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return "in deletion";
  if (typeof fieldsIn<V1PodSpec>(pod["spec"]).nodeName !== "string") return "missing .spec.nodeName";
  // A pod has a status from its first moment on; what has none is a manifest.
  if (pod["status"] === undefined) return undefined;
  const { phase, containerStatuses } = fieldsIn<V1PodStatus>(pod["status"]);
  if (phase !== "Running") return "not in 'Running' phase";
  const statuses = listIn(containerStatuses).map((each) => fieldsIn<V1ContainerStatus>(each));
  const wanted = statuses.filter(({ name }) => container === undefined || name === container);
  if (wanted.some(({ ready }) => ready === true)) return undefined;
  return container === undefined ? "no container is ready" : `target container \`${container}\` is not ready`;
}
