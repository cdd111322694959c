import type { KubernetesObject } from "../kubernetes/object.ts";
import { assumedFeatures, type OperatorInfo } from "../mirrord/operator-info.ts";
import type { SessionConfig } from "../mirrord/config/session-config.ts";
import { plainPlan, type SessionPlan } from "../mirrord/plan/session-plan.ts";
import { isAboutTarget, type Asked } from "./asked.ts";
import { asOldClient, isLegacyClient } from "../mirrord/plan/client-age.ts";
import { configuredSession } from "./configured.ts";
import type { ReadProfile } from "./plan-facts.ts";
import type { FoundTarget } from "./target-state.ts";
import { availableReplicas, templateReference } from "../mirrord/workload.ts";

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

/** The plan that the client would follow, from what was read. */
export function planOf(
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
  const noReplicas = looks && target.kind === "deployment" && availableReplicas(object) === "none";
  const connects = action !== "preview" && isAboutTarget(action);
  const reference = templateReference(object);
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
