import type { KubernetesObject } from "../kubernetes/object.ts";
import { configuredSession, profileEffects } from "../mirrord/config/configured-session.ts";
import type { SessionConfig } from "../mirrord/config/session-config.ts";
import { assumedFeatures, type OperatorInfo } from "../mirrord/operator-info.ts";
import { asOldClient, isLegacyClient } from "../mirrord/plan/client-age.ts";
import { plainPlan, type SessionPlan } from "../mirrord/plan/session-plan.ts";
import { isAboutTarget, type SessionQuestion } from "../mirrord/plan/session-question.ts";
import { formatTarget } from "../mirrord/target.ts";
import { availableReplicas, templateReference } from "../mirrord/workload.ts";
import type { OperatorState } from "../reading/operator.ts";
import { unseenTarget, type SessionFacts } from "../reading/session-facts.ts";
import { findObstacles, type Obstacle } from "./obstacles.ts";

/** What the client would do, and what is known of that. */
export interface ResolvedSession {
  plan: SessionPlan;
  operatorVersion: string | undefined;
  /** Where the operator runs, where it says so. */
  operatorNamespace: string | undefined;
  obstacles: Obstacle[];
  /** What was taken for granted because it could not be read; each is a whole sentence part after "assuming". */
  assumptions: string[];
  /** The target as read, when it could be. */
  workload: KubernetesObject | undefined;
}

/** Turns a question into the plan that the client would follow on this cluster. What could not be read is assumed and said. */
export function resolveSession(question: SessionQuestion, facts: SessionFacts, now: Date): ResolvedSession {
  const operator = knownOperator(facts.operator);
  const plan = sessionPlan(question, operator, facts);
  return {
    plan,
    operatorVersion: operator.version,
    operatorNamespace: operator.namespace,
    obstacles: findObstacles(question, plan, facts, now),
    assumptions: assumptionsOf(question, plan, facts),
    workload: facts.target.object,
  };
}

const assumedOperator: OperatorInfo = { version: undefined, features: assumedFeatures, namespace: undefined };

/** What the operator says of itself, else what is taken for granted. */
export function knownOperator(operator: OperatorState): OperatorInfo {
  return operator.state === "installed" ? operator.info : assumedOperator;
}

/** The plan as far as it is known before anything was read: what to ask about while the reads are under way. */
export function likelyPlan(question: SessionQuestion): SessionPlan {
  return sessionPlan(question, assumedOperator, { target: unseenTarget, profile: undefined });
}

// Operators without these split queues by a copy of the target. Source: operator contract section 3.5.
const directQueues = ["KafkaQueueSplittingDirect", "SqsQueueSplittingDirect"];

function sessionPlan(
  question: SessionQuestion,
  { features, namespace: operatorNamespace }: OperatorInfo,
  facts: Pick<SessionFacts, "target" | "profile">,
): SessionPlan {
  const { action, target, namespace, allNamespaces = false, clientVersion } = question;
  const { object } = facts.target;
  const base = plainPlan(action, target, namespace);
  const session = configuredSession(question, profileObject(facts));
  const multiClusterPrimary =
    session?.multiCluster !== false && features.has("MultiClusterPrimary") && target.kind !== "label";
  // A primary does not look at the target in its own cluster, nor did old clients look at any.
  const looks = !multiClusterPrimary && !isLegacyClient(clientVersion);
  const noReplicas = looks && target.kind === "deployment" && availableReplicas(object) === "none";
  const connects = action !== "preview" && isAboutTarget(action);
  const reference = templateReference(object);
  const copyTarget = session?.copyTarget;
  const copiesForQueues = session?.splitQueues === true && !directQueues.every((feature) => features.has(feature));
  const plan: SessionPlan = {
    ...base,
    ...(session === undefined || target.kind === "targetless" || action === "preview"
      ? {}
      : { incoming: incomingTraffic(session) }),
    ...(session === undefined ? {} : configuredUses(session)),
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
  };
  return asOldClient(plan, clientVersion);
}

function profileObject({ profile }: Pick<SessionFacts, "profile">): KubernetesObject | undefined {
  return profile === undefined || profile.failed ? undefined : profile.value;
}

function incomingTraffic({ incoming: { mode, filter, ports } }: SessionConfig): SessionPlan["incoming"] & {} {
  return {
    mode,
    ...(filter === undefined ? {} : { filter }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function configuredUses({ profile, databaseBranches, preview, ciKey }: SessionConfig): Partial<SessionPlan> {
  return {
    ...(profile === undefined ? {} : { profile }),
    branchCredentials: databaseBranches.literalCredentials,
    previewSecretMounts: preview.secretMounts,
    ciKey,
  };
}

function assumptionsOf(question: SessionQuestion, plan: SessionPlan, facts: SessionFacts): string[] {
  const { operator, target: found, profile, offline } = facts;
  const { target, config } = question;
  const path = formatTarget(target);
  const unknownReplicas = target.kind === "deployment" && found.object !== undefined && !plan.copy;
  return [
    ...(operator.state === "installed" && operator.assumption !== undefined ? [operator.assumption] : []),
    ...(found.forbidden ? [`${path} exists and has available replicas (you may not read it)`] : []),
    ...(unknownReplicas && availableReplicas(found.object) === "unknown"
      ? [`${path} has available replicas (its status is not known)`]
      : []),
    ...(config?.session.splitQueues === true && plan.copy
      ? ["the operator splits queues only by a copy of the target"]
      : []),
    ...(plan.rolloutProbe ? [`${path} has no available replicas, so the client connects to a copy of it`] : []),
    ...(offline && target.kind === "label" ? [`pods match ${path} (manifests show no pods)`] : []),
    ...(plan.multiClusterPrimary ? [`${path} is in one of the clusters behind this primary`] : []),
    ...profileEffects(question, profileObject(facts)),
    ...(profile?.failed === true
      ? ["the profile exists and does not change what the session does (you may not read it)"]
      : []),
  ];
}
