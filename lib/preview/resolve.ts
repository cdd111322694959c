import { UserError } from "../errors.ts";
import type { Cluster, KubernetesObject } from "../kube/cluster.ts";
import { assumedFeatures, type OperatorInfo } from "../mirrord/operator-info.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import type { SessionConfig } from "../mirrord/session-config.ts";
import { plainPlan, type Action, type SessionPlan } from "../mirrord/session-plan.ts";
import { formatTarget, type Target } from "../mirrord/target.ts";
import { asOldClient, isLegacyClient, type Version } from "./client-age.ts";
import { configuredSession, profileEffects } from "./configured.ts";
import { obstaclesOf, type Obstacle } from "./obstacles.ts";
import { findOperator, type OperatorState } from "./operator.ts";
import { readObject, type Read } from "./readable.ts";
import { isAboutTarget, readTarget, type FoundTarget } from "./target-state.ts";
import { replicasOf, workloadRefOf } from "./workload.ts";

/** A mirrord configuration, with the name of its file for messages. */
export interface AskedConfig {
  session: SessionConfig;
  file: string;
}

export interface Asked {
  action: Action;
  target: Target;
  namespace: string;
  /** `list-sessions` and `kill-sessions` in every namespace. */
  allNamespaces?: boolean;
  /** Of mirrord; left out, a current one. */
  clientVersion?: Version;
  /** What it says beyond action, target and namespace. */
  config?: AskedConfig;
}

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

/** The plan as far as it is known before anything was read: what to ask about while the reads are under way. */
export function likelyPlan(asked: Asked): SessionPlan {
  const info = { version: undefined, features: assumedFeatures, namespace: undefined };
  return planOf(
    asked,
    info,
    { object: undefined, pods: undefined, namespaceMissing: false, forbidden: false },
    undefined,
  );
}

/** `undefined`: the session has no profile. */
export type ReadProfile = Read<KubernetesObject | undefined> | undefined;

async function readProfile(cluster: Cluster, { config }: Asked): Promise<ReadProfile> {
  if (config?.session.profile === undefined) return undefined;
  const { name, namespace } = config.session.profile;
  const type = namespace === undefined ? mirrordResources.clusterProfiles : mirrordResources.profiles;
  return readObject(cluster, type, name, namespace);
}

function planOf(
  asked: Asked,
  { features, namespace: operatorNamespace }: OperatorInfo,
  { object, pods }: FoundTarget,
  profile: ReadProfile,
): SessionPlan {
  const { action, target, namespace, allNamespaces = false, clientVersion } = asked;
  const base = plainPlan(action, target, namespace);
  const session = configuredSession(asked, profile);
  const multiClusterPrimary =
    session?.multiCluster !== false && features.has("MultiClusterPrimary") && target.kind !== "label";
  // A primary does not look at the target in its own cluster, nor did old clients look at any.
  const looks = !multiClusterPrimary && !isLegacyClient(clientVersion);
  const noReplicas = looks && target.kind === "deployment" && replicasOf(object) === "none";
  const connects = action !== "preview" && isAboutTarget(action);
  const reference = workloadRefOf(object);
  const copyTarget = session?.copyTarget;
  const copiesForQueues = session?.splitQueues === true && !directQueues.every((feature) => features.has(feature));
  const plan: SessionPlan = {
    ...base,
    ...(session === undefined || target.kind === "targetless" || action === "preview"
      ? {}
      : { incoming: incomingOf(session) }),
    ...(session === undefined ? {} : usesOf(session)),
    features,
    copy: base.copy || (connects && (copyTarget?.enabled === true || noReplicas || copiesForQueues)),
    // Who types `copy` asks about a copy beside the workload.
    scaleDown:
      base.scaleDown || (connects && action !== "copy" && copyTarget?.enabled === true && copyTarget.scaleDown),
    rolloutProbe: connects && noReplicas,
    multiClusterPrimary,
    allNamespaces,
    ...(reference === undefined ? {} : { workloadRef: reference }),
    ...(operatorNamespace === undefined || action !== "preview" ? {} : { previewNamespace: operatorNamespace }),
    ...(pods === undefined ? {} : { related: pods.map(relatedPod) }),
  };
  return asOldClient(plan, clientVersion);
}

// Operators without these split queues by a copy of the target. Source: operator contract section 3.5.
const directQueues = ["KafkaQueueSplittingDirect", "SqsQueueSplittingDirect"];

function incomingOf({ incoming: { mode, filter, ports } }: SessionConfig): SessionPlan["incoming"] & {} {
  return {
    mode,
    ...(filter === undefined ? {} : { filter }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function usesOf({ profile, databaseBranches, preview, ciKey }: SessionConfig): Partial<SessionPlan> {
  return {
    ...(profile === undefined ? {} : { profile }),
    branchCredentials: databaseBranches.literalCredentials,
    previewSecretMounts: preview.secretMounts,
    ciKey,
  };
}

export function relatedPod({ metadata }: KubernetesObject): NonNullable<SessionPlan["related"]>[number] {
  return { target: { kind: "pod", name: metadata.name ?? "" }, labels: metadata.labels ?? {} };
}

/** Throws UserError "usage" for what the client itself rejects. */
export function refuseImpossible(asked: Pick<Asked, "action" | "target">): void {
  const impossible = impossibleBecause(asked);
  if (impossible === undefined) return;
  throw new UserError("usage", impossible, "Name a single workload that fits, such as deployment/web.");
}

/** Why the client itself rejects the combination, if it does. Source: operator contract section 6. */
export function impossibleBecause({ action, target }: Pick<Asked, "action" | "target">): string | undefined {
  const copies = action === "copy" || action === "copy-scale-down";
  if (target.kind === "targetless") {
    if (copies) return "a targetless session cannot copy";
    if (action === "steal") return "a targetless session cannot steal";
    return action === "preview" ? "a preview needs a workload" : undefined;
  }
  if (copies && (target.kind === "service" || target.kind === "label"))
    return `a ${target.kind} target cannot be copied`;
  if (action === "preview" && target.kind === "label") return "a preview needs a single workload, not a label target";
  return undefined;
}

export interface PlanFacts {
  asked: Asked;
  plan: SessionPlan;
  operator: OperatorState;
  info: OperatorInfo;
  found: FoundTarget;
  profile: ReadProfile;
  now: Date;
  offline: boolean;
}

function assumptionsOf({ asked, plan, operator, found, profile, offline }: PlanFacts): string[] {
  const { target } = asked;
  const path = formatTarget(target);
  const unknownReplicas = target.kind === "deployment" && found.object !== undefined && !plan.copy;
  return [
    ...(operator.state === "installed" && operator.assumption !== undefined ? [operator.assumption] : []),
    ...(found.forbidden ? [`${path} exists and has available replicas (you may not read it)`] : []),
    ...(unknownReplicas && replicasOf(found.object) === "unknown"
      ? [`${path} has available replicas (its status is not known)`]
      : []),
    ...(asked.config?.session.splitQueues === true && plan.copy
      ? ["the operator splits queues only by a copy of the target"]
      : []),
    ...(plan.rolloutProbe ? [`${path} has no available replicas, so the client connects to a copy of it`] : []),
    ...(offline && target.kind === "label" ? [`pods match ${path} (manifests show no pods)`] : []),
    ...(plan.multiClusterPrimary ? [`${path} is in one of the clusters behind this primary`] : []),
    ...profileEffects(asked, profile),
    ...(profile?.forbidden === true
      ? ["the profile exists and does not change what the session does (you may not read it)"]
      : []),
  ];
}
