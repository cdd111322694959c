import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { withReferencedTemplate, templateReference } from "../mirrord/workload.ts";
import { readObject } from "./read.ts";

/** A Rollout that refers to another workload, with that one's template; as it is where that may not be read or is not there. */
export async function withTemplate(cluster: Cluster, workload: KubernetesObject): Promise<KubernetesObject> {
  const reference = templateReference(workload);
  if (reference === undefined) return workload;
  const read = await readObject(cluster, reference, reference.name, workload.metadata.namespace);
  if (read.failed || read.value === undefined) return workload;
  return withReferencedTemplate(workload, read.value);
}
