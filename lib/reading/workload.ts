import type { Cluster } from "../kube/cluster.ts";
import { podSelector, selectorText } from "../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { withReferencedTemplate, templateReference } from "../mirrord/workload.ts";
import { readList, readObject } from "./read.ts";

/** A Rollout that refers to another workload, with that one's template; as it is where that may not be read or is not there. */
export async function withTemplate(cluster: Cluster, workload: KubernetesObject): Promise<KubernetesObject> {
  const reference = templateReference(workload);
  if (reference === undefined) return workload;
  const read = await readObject(cluster, reference, reference.name, workload.metadata.namespace);
  if (read.failed || read.value === undefined) return workload;
  return withReferencedTemplate(workload, read.value);
}

/** The pods that a workload or service selects; undefined when the caller may not list pods. */
export async function readPods(cluster: Cluster, object: KubernetesObject): Promise<KubernetesObject[] | undefined> {
  const selector = podSelector(object);
  if (selector === undefined || selector.faults.length > 0) return [];
  const { namespace = "" } = object.metadata;
  const read = await readList(cluster, nativeResources.pods, { namespace, labelSelector: selectorText(selector) });
  return read.failed ? undefined : read.value;
}
