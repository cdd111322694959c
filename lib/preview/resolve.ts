import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { assumedFeatures, type OperatorInfo } from "../mirrord/operator-info.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import { formatTarget } from "../mirrord/target.ts";
import { refuseImpossible, type Asked } from "./asked.ts";
import { profileEffects } from "./configured.ts";
import { obstaclesOf, type Obstacle } from "./obstacles.ts";
import { findOperator, type OperatorState } from "../reading/operator.ts";
import type { PlanFacts, ReadProfile } from "./plan-facts.ts";
import { planOf } from "./plan-of.ts";
import { readObject } from "../reading/read.ts";
import { readTarget, type FoundTarget } from "./target-state.ts";
import { availableReplicas } from "../mirrord/workload.ts";

export interface ResolvedPlan {
  plan: SessionPlan;
  operatorVersion: string | undefined;
  /** Where the operator runs, where it says so. */
  operatorNamespace: string | undefined;
  obstacles: Obstacle[];
  /** What was taken for granted because it could not be read; each is a whole sentence part after "assuming". */
  assumptions: string[];
  /** The target as read, when it could be. */
  workload: KubernetesObject | undefined;
  /** The pods of a label target, when they could be read. */
  pods: readonly KubernetesObject[] | undefined;
}

/**
 * Turns what was asked into the plan that the client would follow on this cluster, by reading the operator, the target
 * and the profile as the caller, all at once. What the caller may not read is assumed and said. Throws UserError "usage"
 * for a combination that the client itself rejects (operator contract section 6).
 * @param target when it is being read already
 */
export async function resolvePlan(
  cluster: Cluster,
  asked: Asked,
  now: Date,
  target?: Promise<FoundTarget>,
): Promise<ResolvedPlan> {
  refuseImpossible(asked);
  const [operator, found, profile] = await Promise.all([
    findOperator(cluster),
    target ?? readTarget(cluster, asked),
    readProfile(cluster, asked),
  ]);
  const info = infoOf(operator);
  return resolveWith({ asked, operator, info, found, profile, now, offline: cluster.offline });
}

/** The same from what was read before. */
export function resolveWith(read: Omit<PlanFacts, "plan">): ResolvedPlan {
  const { asked, info, found, profile } = read;
  const facts = { ...read, plan: planOf(asked, info, found, profile) };
  return {
    plan: facts.plan,
    operatorVersion: info.version,
    operatorNamespace: info.namespace,
    obstacles: obstaclesOf(facts),
    assumptions: assumptionsOf(facts),
    workload: found.object,
    pods: found.pods,
  };
}

/** What the operator says of itself, else what is taken for granted. */
export function infoOf(operator: OperatorState): OperatorInfo {
  return operator.state === "installed"
    ? operator.info
    : { version: undefined, features: assumedFeatures, namespace: undefined };
}

async function readProfile(cluster: Cluster, { config }: Asked): Promise<ReadProfile> {
  if (config?.session.profile === undefined) return undefined;
  const { name, namespace } = config.session.profile;
  const type = namespace === undefined ? mirrordResources.clusterProfiles : mirrordResources.profiles;
  return readObject(cluster, type, name, namespace);
}

function assumptionsOf({ asked, plan, operator, found, profile, offline }: PlanFacts): string[] {
  const { target } = asked;
  const path = formatTarget(target);
  const unknownReplicas = target.kind === "deployment" && found.object !== undefined && !plan.copy;
  return [
    ...(operator.state === "installed" && operator.assumption !== undefined ? [operator.assumption] : []),
    ...(found.forbidden ? [`${path} exists and has available replicas (you may not read it)`] : []),
    ...(unknownReplicas && availableReplicas(found.object) === "unknown"
      ? [`${path} has available replicas (its status is not known)`]
      : []),
    ...(asked.config?.session.splitQueues === true && plan.copy
      ? ["the operator splits queues only by a copy of the target"]
      : []),
    ...(plan.rolloutProbe ? [`${path} has no available replicas, so the client connects to a copy of it`] : []),
    ...(offline && target.kind === "label" ? [`pods match ${path} (manifests show no pods)`] : []),
    ...(plan.multiClusterPrimary ? [`${path} is in one of the clusters behind this primary`] : []),
    ...profileEffects(asked, profile),
    ...(profile?.failed === true
      ? ["the profile exists and does not change what the session does (you may not read it)"]
      : []),
  ];
}
