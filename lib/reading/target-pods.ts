// The pods through which the client reaches a target that it does not copy.

import type { V1PodSpec, V1PodStatus } from "@kubernetes/client-node";
import type { Cluster } from "../kube/cluster.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { objectIn } from "../json.ts";
import { podSelector, selects } from "../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { podTemplate } from "../mirrord/workload.ts";
import { readTargets, type ListedTargets } from "./targets.ts";
import { readPods } from "./workload.ts";

/** What a workload or service selects; undefined when pods may not be listed, or what it selects is not known. */
export type FindPods = (object: KubernetesObject) => Promise<readonly KubernetesObject[] | undefined>;

/** Reads what one object selects. In a folder of manifests, which shows no pods, those are the workloads that would make them. */
export async function readTargetPods(cluster: Cluster, object: KubernetesObject): ReturnType<FindPods> {
  if (!cluster.offline) return hasSelector(object) ? readPods(cluster, object) : undefined;
  return podFinder(readTargets(cluster, object.metadata.namespace), cluster)(object);
}

/** The same among what was listed for all targets at once. */
export function podFinder(listed: Promise<ListedTargets>, { offline }: Pick<Cluster, "offline">): FindPods {
  const inNamespace = listed.then(({ targets, incomplete }) => ({
    members: Map.groupBy(targets, ({ object }) => object.metadata.namespace ?? ""),
    arePodsListed: !incomplete.includes("pods"),
  }));
  return async (object) => {
    const selector = podSelector(object);
    if (selector === undefined) return undefined;
    const { members, arePodsListed } = await inNamespace;
    if (!arePodsListed) return undefined;
    return (members.get(object.metadata.namespace ?? "") ?? [])
      .map((member) => member.object)
      .filter((member) => member.kind === "Pod" || (offline && makesPods(member)))
      .filter((member) => selects(selector, podLabels(member)));
  };
}

// A Rollout may leave it to the workload that it refers to.
const hasSelector = (object: KubernetesObject): boolean => podSelector(object) !== undefined;

const makesPods = ({ spec }: KubernetesObject): boolean => fieldsIn<{ replicas: number }>(spec).replicas !== 0;

function podLabels(object: KubernetesObject): Readonly<Record<string, unknown>> {
  if (object.kind === "Pod") return object.metadata.labels ?? {};
  return objectIn(objectIn(podTemplate(object).metadata)["labels"]);
}

/** As much of a pod as tells whether a session could use it: a cluster may have very many. */
export function slimPod({ apiVersion, kind, metadata, spec, status }: KubernetesObject): KubernetesObject {
  const { name, namespace, labels, deletionTimestamp } = metadata;
  const { phase, containerStatuses } = fieldsIn<V1PodStatus>(status);
  return {
    apiVersion,
    kind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { nodeName: fieldsIn<V1PodSpec>(spec).nodeName },
    ...(status === undefined ? {} : { status: { phase, containerStatuses } }),
  };
}
