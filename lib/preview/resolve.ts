import { objectIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { configuredSession, profileEffects } from "../mirrord/config/configured-session.ts";
import type { SessionConfig } from "../mirrord/config/session-config.ts";
import { assumedFeatures, type OperatorInfo } from "../mirrord/operator-info.ts";
import { looksForContainer } from "../mirrord/plan/target-requests.ts";
import { isLegacyClient, knownFeatures } from "../mirrord/plan/client-age.ts";
import { plainPlan, type SessionPlan } from "../mirrord/plan/session-plan.ts";
import { connectsToTarget, type SessionQuestion } from "../mirrord/plan/session-question.ts";
import { formatTarget, type Target } from "../mirrord/target.ts";
import { availableReplicas, spelledAlike, templateReference } from "../mirrord/workload.ts";
import type { OperatorState } from "../reading/operator.ts";
import { unseenTarget, type SessionFacts } from "../reading/session-facts.ts";
import { findObstacles, type Obstacle } from "./obstacles.ts";
import { podAssumption } from "./pod-obstacles.ts";

/** What the client would do, and what is known of that. */
export interface ResolvedSession {
  plan: SessionPlan;
  operatorVersion: string | undefined;
  /** Where the operator runs, where it says so. */
  operatorNamespace: string | undefined;
  obstacles: Obstacle[];
  /** What was taken for granted because it could not be read; each is a whole sentence part after "assuming". */
  assumptions: string[];
  /** Those without which the answer could be another: a plain session uses nothing that operators lack. */
  decisive: string[];
  /** The target as read, when it could be. */
  workload: KubernetesObject | undefined;
}

/** Decides from what was read which plan the client would follow on this cluster. What could not be read is assumed and said. */
export function resolveSession(facts: SessionFacts, now: Date): ResolvedSession {
  const operator = knownOperator(facts.operator);
  const plan = sessionPlan(facts, operator);
  const ofOperator = operatorAssumptions(facts.operator);
  const ofTarget = planAssumptions(facts, plan);
  const usesFeatures = plan.copy || plan.action === "preview" || plan.target.kind === "label";
  return {
    plan,
    operatorVersion: operator.version,
    operatorNamespace: operator.namespace,
    obstacles: findObstacles(facts, plan, now),
    assumptions: [...ofOperator, ...ofTarget],
    decisive: [...(usesFeatures ? ofOperator : []), ...ofTarget],
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
  return sessionPlan({ question, target: unseenTarget, profile: undefined }, assumedOperator);
}

// Operators without these split queues by a copy of the target. Source: operator contract section 3.5.
const directQueues = ["KafkaQueueSplittingDirect", "SqsQueueSplittingDirect"];

function sessionPlan(
  {
    question,
    target: { object },
    profile,
    operatorTarget,
  }: Pick<SessionFacts, "question" | "target" | "profile" | "operatorTarget">,
  { features, namespace: operatorNamespace }: OperatorInfo,
): SessionPlan {
  const { action, target, namespace, allNamespaces = false, clientVersion } = question;
  const base = plainPlan(action, target, namespace);
  const session = configuredSession(question, profileObject(profile));
  const multiClusterPrimary =
    session?.multiCluster !== false && features.has("MultiClusterPrimary") && target.kind !== "label";
  // A primary does not look at the target in its own cluster, nor did old clients look at any.
  const looks = !multiClusterPrimary && !isLegacyClient(clientVersion);
  const noReplicas = looks && target.kind === "deployment" && availableReplicas(object) === "none";
  const connects = connectsToTarget(action);
  const reference = templateReference(object);
  const copyTarget = session?.copyTarget;
  const copiesForQueues = session?.splitQueues === true && !directQueues.every((feature) => features.has(feature));
  return {
    ...base,
    ...(session === undefined || target.kind === "targetless" || action === "preview"
      ? {}
      : { incoming: incomingTraffic(session) }),
    ...(session === undefined ? {} : configuredUses(session)),
    ...(connects && session?.profile !== undefined ? { profile: session.profile } : {}),
    features: knownFeatures(features, clientVersion),
    legacyClient: isLegacyClient(clientVersion),
    copy: base.copy || (connects && (copyTarget?.enabled === true || noReplicas || copiesForQueues)),
    // Who types `copy` asks about a copy beside the workload.
    scaleDown:
      base.scaleDown || (connects && action !== "copy" && copyTarget?.enabled === true && copyTarget.scaleDown),
    rolloutProbe: connects && noReplicas,
    multiClusterPrimary,
    allNamespaces,
    ...(reference === undefined ? {} : { workloadRef: reference }),
    ...(operatorNamespace === undefined || action !== "preview" ? {} : { previewNamespace: operatorNamespace }),
    ...(namesContainer(operatorTarget) ? { operatorNamesContainer: true } : {}),
  };
}

/** Source: Target.spec.target.container; operators that do not look for it leave it null. */
function namesContainer(operatorTarget: SessionFacts["operatorTarget"]): boolean {
  if (operatorTarget === undefined || operatorTarget.failed) return false;
  const { target } = objectIn(operatorTarget.value?.["spec"]);
  return typeof objectIn(target)["container"] === "string";
}

function profileObject(profile: SessionFacts["profile"]): KubernetesObject | undefined {
  return profile === undefined || profile.failed ? undefined : profile.value;
}

function incomingTraffic({ incoming: { mode, filter, ports } }: SessionConfig): SessionPlan["incoming"] & {} {
  return {
    mode,
    ...(filter === undefined ? {} : { filter }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function configuredUses({ databaseBranches, preview, ciKey }: SessionConfig): Partial<SessionPlan> {
  return {
    branchCredentials: databaseBranches.literalCredentials,
    previewSecretMounts: preview.secretMounts,
    ciKey,
  };
}

function operatorAssumptions(operator: OperatorState): string[] {
  return operator.state === "installed" && operator.assumption !== undefined ? [operator.assumption] : [];
}

function planAssumptions(
  { question, target: found, profile, operatorTarget, offline }: SessionFacts,
  plan: SessionPlan,
): string[] {
  const { target, config } = question;
  const path = formatTarget(target);
  const unknownReplicas = target.kind === "deployment" && found.object !== undefined && !plan.copy;
  return [
    ...(found.forbidden ? [`${path} exists and has available replicas (you may not read it)`] : []),
    ...(unknownReplicas && availableReplicas(found.object) === "unknown"
      ? [`${path} has available replicas (its status is not known)`]
      : []),
    ...nameAssumptions(target, found),
    ...podAssumption(plan, found, offline),
    ...(config?.session.splitQueues === true && plan.copy
      ? ["the operator splits queues only by a copy of the target"]
      : []),
    ...(plan.rolloutProbe ? [`${path} has no available replicas, so the client connects to a copy of it`] : []),
    ...(plan.action === "preview" &&
    looksForContainer(plan) &&
    (operatorTarget === undefined || operatorTarget.failed || operatorTarget.value === undefined)
      ? ["the operator leaves the container open, so the client reads the target itself"]
      : []),
    ...(plan.multiClusterPrimary ? [`${path} is in one of the clusters behind this primary`] : []),
    ...profileEffects(question, profileObject(profile)),
    ...(profile?.failed === true
      ? ["the profile exists and does not change what the session does (you may not read it)"]
      : []),
  ];
}

/** What is granted for one of two is let through for the other, because the API server sees only the name. */
function nameAssumptions(target: Target, { namesakes = [] }: SessionFacts["target"]): string[] {
  if (target.kind === "targetless" || target.kind === "label") return [];
  return namesakes.flatMap((namesake) => {
    const alike = spelledAlike(target, namesake);
    if (alike === undefined) return [];
    const { long, short, container } = alike;
    const other = target.name === long ? `container ${container} of ${target.kind}/${short}` : `${target.kind}/${long}`;
    return [`${formatTarget(target)} is meant, and not ${other}, whose connection has the same name to the API server`];
  });
}
