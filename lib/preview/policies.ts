import type { Answer, Cluster, KubernetesObject } from "../kube/cluster.ts";
import { matchPolicies } from "../mirrord/policy.ts";
import { nativeResources } from "../mirrord/resources.ts";
import type { SessionPlan } from "../mirrord/session-plan.ts";
import { isOlder, parseVersion, type Version } from "./client-age.ts";
import { unreadReason, type PolicyOutcome, type ReadPolicies } from "./read-policies.ts";
import { readObject } from "./readable.ts";
import { relatedPod, type ResolvedPlan } from "./resolve.ts";
import { podsBehind } from "./target-state.ts";

/** The plan with the other objects of its target, which only policies look at: read when there are any. */
export async function withRelated(
  cluster: Cluster,
  { plan, workload }: Pick<ResolvedPlan, "plan" | "workload">,
  { policies }: ReadPolicies,
): Promise<SessionPlan> {
  if (policies.length === 0 || workload === undefined || plan.related !== undefined) return plan;
  const [pods, owners] = await Promise.all([podsOf(cluster, workload), ownersOf(cluster, workload)]);
  if (pods === undefined || owners === undefined) return plan;
  return { ...plan, related: [...pods.map(relatedPod), ...owners] };
}

async function podsOf(cluster: Cluster, workload: KubernetesObject): Promise<KubernetesObject[] | undefined> {
  return workload.kind === "Pod" || workload.kind === "CronJob" ? [] : await podsBehind(cluster, workload);
}

const ownerTypes = [
  nativeResources.replicaSets,
  nativeResources.deployments,
  nativeResources.statefulSets,
  nativeResources.jobs,
  nativeResources.cronJobs,
  nativeResources.rollouts,
];
const targetKinds = new Map<string, "replicaset" | "deployment" | "statefulset" | "job" | "cronjob" | "rollout">([
  ["ReplicaSet", "replicaset"],
  ["Deployment", "deployment"],
  ["StatefulSet", "statefulset"],
  ["Job", "job"],
  ["CronJob", "cronjob"],
  ["Rollout", "rollout"],
]);

type Related = NonNullable<SessionPlan["related"]>[number];

/** Up the chain of controllers: a pod's replica set and its deployment. Undefined when one may not be read. */
async function ownersOf(cluster: Cluster, object: KubernetesObject): Promise<Related[] | undefined> {
  const found: Related[] = [];
  const { namespace = "" } = object.metadata;
  let current = object;
  // No chain of built-in controllers is longer; a made-up one must not go on for ever.
  for (let depth = 0; depth < 4; depth++) {
    const owner = current.metadata.ownerReferences?.find(({ controller }) => controller === true);
    const type = ownerTypes.find(({ kind }) => kind === owner?.kind);
    const kind = targetKinds.get(owner?.kind ?? "");
    if (owner === undefined || type === undefined || kind === undefined) return found;
    const read = await readObject(cluster, type, owner.name, namespace);
    if (read.forbidden) return undefined;
    if (read.value === undefined) return found;
    found.push({ target: { kind, name: owner.name }, labels: read.value.metadata.labels ?? {} });
    current = read.value;
  }
  return found;
}

// Operators up to this one compare policies with the target as it was given. Source: operator contract section 7.
const LAST_AS_GIVEN: Version = [3, 192, Number.MAX_SAFE_INTEGER];

/** Whether the operator is known to read policies as older ones do; where it is newer or not known, both readings must agree. */
export function readsAsGiven(operatorVersion: string | undefined): boolean {
  const version = parseVersion(operatorVersion ?? "");
  return version !== undefined && !isOlder(LAST_AS_GIVEN, version);
}

/**
 * Weighs the policies. What could not be read may hold a policy that says no: then nobody can promise a yes.
 * @param operatorVersion decides between the two readings; where it is new or not known, both must agree
 */
export function weighPolicies(
  { policies, unreadable }: ReadPolicies,
  plan: SessionPlan,
  workload: KubernetesObject | undefined,
  operatorVersion: string | undefined,
): PolicyOutcome {
  const targetLabels = workload === undefined ? undefined : (workload.metadata.labels ?? {});
  const verdict = matchPolicies(policies, plan, targetLabels);
  const { asGiven, inherited } = verdict;
  const outcome = (answer: Answer, reason: string): PolicyOutcome => ({
    answer,
    reason,
    unreadable,
    verdict,
    policies,
    plan,
    targetLabels,
  });
  const isDecided = !verdict.readingsDiffer || readsAsGiven(operatorVersion);
  const readings = isDecided ? [asGiven] : [asGiven, inherited];
  const first = readings.flatMap(({ blocks }) => blocks).find((block) => block.answer === "no");
  if (readings.every(({ answer }) => answer === "no")) {
    return outcome("no", first?.message.replace(/\.$/, "") ?? "a policy refuses it");
  }
  if (!isDecided && first !== undefined) {
    const operator = operatorVersion === undefined ? "the operator" : `operator ${operatorVersion}`;
    return outcome(
      "unknown",
      `it depends on whether ${operator} lets policies reach a workload through its pods and owners: then ${first.message.replace(/\.$/, "")}`,
    );
  }
  if (unreadable.length > 0) return outcome("unknown", unreadReason(unreadable));
  const unsure = readings.flatMap(({ blocks }) => blocks).find((block) => block.answer === "unknown");
  if (unsure !== undefined) {
    return outcome("unknown", `policy ${JSON.stringify(unsure.policy.name)} (${unsure.field}) may refuse it`);
  }
  return outcome("yes", "");
}
