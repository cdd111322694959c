import { closest, distance } from "fastest-levenshtein";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { labelSelector, workloadType } from "../mirrord/target.ts";
import { podSelector, selectorText } from "../kubernetes/label-selector.ts";
import { readList, readObject, unlessForbidden } from "../reading/read.ts";
import { isAboutTarget, type Asked } from "./asked.ts";
import { withTemplate } from "../reading/workload.ts";

/** What the cluster shows of a target. */
export interface FoundTarget {
  /** The object; undefined when it is not there, not readable, or when the target is none. */
  object: KubernetesObject | undefined;
  /** The pods that a label target or a service selects; undefined for other targets and when they could not be read. */
  pods: readonly KubernetesObject[] | undefined;
  /** The namespace was looked for and is not there. */
  namespaceMissing: boolean;
  /** The caller may not read the target. */
  forbidden: boolean;
  /** The name next to that of a target that is not there, if one is near enough to be meant. */
  similar?: string;
}

const nothing: FoundTarget = { object: undefined, pods: undefined, namespaceMissing: false, forbidden: false };

/** Reads the target as the caller. What is not there is looked for once more, one level up: is the namespace? */
export async function readTarget(cluster: Cluster, { target, namespace, action }: Asked): Promise<FoundTarget> {
  if (!isAboutTarget(action)) return nothing;
  if (target.kind === "targetless") {
    return { ...nothing, namespaceMissing: await isMissing(cluster, namespace) };
  }
  if (target.kind === "label") {
    const [list, namespaceMissing] = await Promise.all([
      readList(cluster, nativeResources.pods, { namespace, labelSelector: labelSelector(target) }),
      isMissing(cluster, namespace),
    ]);
    return list.failed
      ? { ...nothing, namespaceMissing, forbidden: true }
      : { ...nothing, namespaceMissing, pods: list.value };
  }
  const read = await readObject(cluster, workloadType(target.kind), target.name, namespace);
  if (read.failed) return { ...nothing, forbidden: true };
  if (read.value !== undefined) {
    const pods = target.kind === "service" ? await podsBehind(cluster, read.value) : undefined;
    return { ...nothing, object: await withTemplate(cluster, read.value), pods };
  }
  const [namespaceMissing, similar] = await Promise.all([
    isMissing(cluster, namespace),
    similarName(cluster, workloadType(target.kind), target.name, namespace),
  ]);
  return { ...nothing, namespaceMissing, ...(similar === undefined ? {} : { similar }) };
}

/** Nobody looks for a slip among more of them. */
const MAX_NAMES = 1000;

async function similarName(
  cluster: Cluster,
  type: ResourceType,
  name: string,
  namespace: string,
): Promise<string | undefined> {
  const names: string[] = [];
  const read = await unlessForbidden(async () => {
    for await (const { metadata } of cluster.list(type, { namespace })) {
      names.push(metadata.name ?? "");
      if (names.length >= MAX_NAMES) break;
    }
  }).catch(() => undefined);
  if (read === undefined || names.length === 0) return undefined;
  const near = closest(name, names);
  return distance(name, near) <= (name.length < 3 ? 1 : 2) ? near : undefined;
}

async function isMissing(cluster: Cluster, namespace: string): Promise<boolean> {
  const read = await readObject(cluster, nativeResources.namespaces, namespace);
  return !read.failed && read.value === undefined;
}

/** What a workload or service selects; undefined when the caller may not list pods. */
export async function podsBehind(cluster: Cluster, object: KubernetesObject): Promise<KubernetesObject[] | undefined> {
  const selector = podSelector(object);
  if (selector === undefined || selector.faults.length > 0) return [];
  const { namespace = "" } = object.metadata;
  const read = await readList(cluster, nativeResources.pods, { namespace, labelSelector: selectorText(selector) });
  return read.failed ? undefined : read.value;
}
