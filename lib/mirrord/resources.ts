// Where the operator's objects live in the API. Source: operator contract sections 1.1, 1.2 and 3.6 (aggregated API and CRDs
// of chart 3.187.0).

import { resourceType } from "../kubernetes/resources.ts";

export const OPERATOR_GROUP = "operator.metalbear.co";
export const PROFILES_GROUP = "profiles.mirrord.metalbear.co";
export const POLICIES_GROUP = "policies.mirrord.metalbear.co";
export const PREVIEW_GROUP = "preview.mirrord.metalbear.co";

/** Whether an API group is one of mirrord: its operator may bring others than the ones that are known here. */
export const isMirrordGroup = (group: string): boolean => group === "metalbear.co" || group.endsWith(".metalbear.co");

const operator = `${OPERATOR_GROUP}/v1`;
const policies = `${POLICIES_GROUP}/v1alpha`;
const profiles = `${PROFILES_GROUP}/v1alpha`;

export const mirrordResources = {
  operators: {
    ...resourceType(operator, "Cluster", "mirrordoperators", "MirrordOperator"),
    subresources: ["certificate", "ping"],
  },
  targets: { ...resourceType(operator, "Namespaced", "targets", "Target"), subresources: ["port-locks"] },
  copyTargets: resourceType(operator, "Namespaced", "copytargets", "CopyTarget"),
  sessions: resourceType(operator, "Namespaced", "sessions", "Session"),
  userCredentials: resourceType(
    operator,
    "Cluster",
    "mirrordclusteroperatorusercredentials",
    "MirrordClusterOperatorUserCredential",
  ),
  queueSplits: resourceType(operator, "Namespaced", "queuesplits", "QueueSplit"),
  previews: resourceType(`${OPERATOR_GROUP}/v1alpha1`, "Namespaced", "previews", "PreviewEnv"),
  previewSessions: resourceType(`${PREVIEW_GROUP}/v1alpha`, "Namespaced", "previewsessions", "PreviewSession"),
  /** What is posted to the first two has no kind, and the third is only watched. */
  branchCredentials: resourceType(operator, "Cluster", "branchcredentials", ""),
  previewSecretMounts: resourceType(operator, "Cluster", "previewsecretmounts", ""),
  events: resourceType(operator, "Cluster", "events", ""),
  /** Kept by the operator for itself; whoever may read them learns more of a session. */
  clusterSessions: resourceType(
    "mirrord.metalbear.co/v1alpha",
    "Cluster",
    "mirrordclustersessions",
    "MirrordClusterSession",
  ),
  policies: resourceType(policies, "Namespaced", "mirrordpolicies", "MirrordPolicy"),
  clusterPolicies: resourceType(policies, "Cluster", "mirrordclusterpolicies", "MirrordClusterPolicy"),
  profiles: resourceType(profiles, "Namespaced", "mirrordprofiles", "MirrordProfile"),
  clusterProfiles: resourceType(profiles, "Cluster", "mirrordclusterprofiles", "MirrordClusterProfile"),
  /** Argo's, which can be a target. */
  rollouts: resourceType("argoproj.io/v1alpha1", "Namespaced", "rollouts", "Rollout", "ro"),
} as const;
