import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { connectsToTarget, isAboutTarget, type SessionQuestion } from "../mirrord/plan/session-question.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import {
  kindsBehindPods,
  labelSelector,
  legacyName,
  namesakes,
  workloadType,
  type WorkloadTarget,
} from "../mirrord/target.ts";
import { nearest } from "../text/suggest.ts";
import { readOperator, type OperatorState } from "./operator.ts";
import { attempt, readList, readObject, type Read } from "./read.ts";
import { readTargetPods } from "./target-pods.ts";
import { withTemplate } from "./workload.ts";

/** What the caller may see of a session that does not run yet. */
export interface SessionFacts {
  question: SessionQuestion;
  operator: OperatorState;
  target: TargetFacts;
  /** Undefined: the session has no profile. */
  profile: Read<KubernetesObject | undefined> | undefined;
  /** The target as the operator shows it. Undefined: the session does not depend on it, or nobody asked the operator. */
  operatorTarget?: Read<KubernetesObject | undefined> | undefined;
  /** Read from a folder of manifests. */
  offline: boolean;
}

/** What the cluster shows of a target. */
export interface TargetFacts {
  /** The object; undefined when it is not there, not readable, or when the target is none. */
  object: KubernetesObject | undefined;
  /**
   * The pods that the client would look among: of labels, a service, a stateful set, a replica set, a rollout. In a folder,
   * which shows none, what would make them. Undefined for other targets and when they could not be read.
   */
  pods: readonly KubernetesObject[] | undefined;
  /** Workloads of the kind whose connection may be spelled alike. */
  namesakes?: readonly KubernetesObject[];
  /** The namespace was looked for and is not there. */
  namespaceMissing: boolean;
  /** The caller may not read the target. */
  forbidden: boolean;
  /** The name next to that of a target that is not there, if one is near enough to be meant. */
  similar?: string;
}

/** Of a target that nobody looked at. */
export const unseenTarget: TargetFacts = {
  object: undefined,
  pods: undefined,
  namespaceMissing: false,
  forbidden: false,
};

/**
 * Reads the operator, the target and the profile as the caller, all at once.
 * @param target when it is being read already
 */
export async function readSessionFacts(
  cluster: Cluster,
  question: SessionQuestion,
  target = readTarget(cluster, question),
): Promise<SessionFacts> {
  const [operator, found, profile, operatorTarget] = await Promise.all([
    readOperator(cluster),
    target,
    readProfile(cluster, question),
    readOperatorTarget(cluster, question),
  ]);
  return { question, operator, target: found, profile, operatorTarget, offline: cluster.offline };
}

/** Of a preview whose container is not written: newer operators find it, with older ones the client looks for it itself. */
async function readOperatorTarget(
  cluster: Cluster,
  { action, target, namespace }: SessionQuestion,
): Promise<SessionFacts["operatorTarget"]> {
  if (action !== "preview" || cluster.offline) return undefined;
  if (target.kind === "targetless" || target.kind === "label" || target.container !== undefined) return undefined;
  return readObject(cluster, mirrordResources.targets, legacyName(target), namespace);
}

async function readProfile(cluster: Cluster, { action, config }: SessionQuestion): Promise<SessionFacts["profile"]> {
  if (config?.session.profile === undefined || !connectsToTarget(action)) return undefined;
  const { name, namespace } = config.session.profile;
  const type = namespace === undefined ? mirrordResources.clusterProfiles : mirrordResources.profiles;
  return readObject(cluster, type, name, namespace);
}

/** Reads the target as the caller. Where it is not there, a second look tells whether its namespace is. */
export async function readTarget(
  cluster: Cluster,
  { target, namespace, action }: Pick<SessionQuestion, "action" | "target" | "namespace">,
): Promise<TargetFacts> {
  if (!isAboutTarget(action)) return unseenTarget;
  if (target.kind === "targetless") {
    return { ...unseenTarget, namespaceMissing: await isMissing(cluster, namespace) };
  }
  if (target.kind === "label") {
    const selector = labelSelector(target);
    const [pods, namespaceMissing] = await Promise.all([
      readList(cluster, nativeResources.pods, { namespace, labelSelector: selector }),
      isMissing(cluster, namespace),
    ]);
    return pods.failed
      ? { ...unseenTarget, namespaceMissing, forbidden: true }
      : { ...unseenTarget, namespaceMissing, pods: pods.value };
  }
  const type = workloadType(target.kind);
  const read = await readObject(cluster, type, target.name, namespace);
  if (read.failed) return { ...unseenTarget, forbidden: true };
  if (read.value !== undefined) {
    const looksAtPods = kindsBehindPods.has(target.kind) && !action.startsWith("copy");
    const [found, others] = await Promise.all([
      readWorkload(cluster, read.value, looksAtPods),
      readNamesakes(cluster, target, namespace),
    ]);
    return { ...unseenTarget, ...found, namesakes: others };
  }
  const [namespaceMissing, similar] = await Promise.all([
    isMissing(cluster, namespace),
    similarName(cluster, type, target.name, namespace),
  ]);
  return { ...unseenTarget, namespaceMissing, ...(similar === undefined ? {} : { similar }) };
}

async function readWorkload(
  cluster: Cluster,
  stored: KubernetesObject,
  looksAtPods: boolean,
): Promise<Pick<TargetFacts, "object" | "pods">> {
  const object = await withTemplate(cluster, stored);
  return { object, pods: looksAtPods ? await readTargetPods(cluster, object) : undefined };
}

/** Only a name with a container in it, or one that looks so, can be two. */
async function readNamesakes(
  cluster: Cluster,
  target: WorkloadTarget,
  namespace: string,
): Promise<readonly KubernetesObject[]> {
  const type = workloadType(target.kind);
  const reads = await Promise.all(namesakes(target, []).map((name) => readObject(cluster, type, name, namespace)));
  return reads.flatMap((read) => (read.failed || read.value === undefined ? [] : [read.value]));
}

/** Nobody looks for a slip among more of them. */
const MAX_NAMES = 1000;

/** A suggestion only: where the names cannot be listed there is none. */
async function similarName(
  cluster: Cluster,
  type: ResourceType,
  name: string,
  namespace: string,
): Promise<string | undefined> {
  const names: string[] = [];
  const read = await attempt(async () => {
    for await (const { metadata } of cluster.list(type, { namespace })) {
      names.push(metadata.name ?? "");
      if (names.length >= MAX_NAMES) break;
    }
  });
  return read.failed ? undefined : nearest(name, names);
}

async function isMissing(cluster: Cluster, namespace: string): Promise<boolean> {
  const read = await readObject(cluster, nativeResources.namespaces, namespace);
  return !read.failed && read.value === undefined;
}
