import type { ResourceType } from "../kubernetes/object.ts";

// Where the operator's objects and the native workloads live in the API.
// Source: operator contract sections 1.1 and 1.2 (aggregated API and CRDs of chart 3.187.0).

export const OPERATOR_GROUP = "operator.metalbear.co";
export const PROFILES_GROUP = "profiles.mirrord.metalbear.co";
export const POLICIES_GROUP = "policies.mirrord.metalbear.co";
export const PREVIEW_GROUP = "preview.mirrord.metalbear.co";

const type = (group: string, version: string, resource: string, kind: string, namespaced: boolean): ResourceType => ({
  group,
  version,
  resource,
  kind,
  namespaced,
});

export const mirrordResources = {
  operators: type(OPERATOR_GROUP, "v1", "mirrordoperators", "MirrordOperator", false),
  targets: type(OPERATOR_GROUP, "v1", "targets", "Target", true),
  copyTargets: type(OPERATOR_GROUP, "v1", "copytargets", "CopyTarget", true),
  sessions: type(OPERATOR_GROUP, "v1", "sessions", "Session", true),
  policies: type(POLICIES_GROUP, "v1alpha", "mirrordpolicies", "MirrordPolicy", true),
  clusterPolicies: type(POLICIES_GROUP, "v1alpha", "mirrordclusterpolicies", "MirrordClusterPolicy", false),
  profiles: type(PROFILES_GROUP, "v1alpha", "mirrordprofiles", "MirrordProfile", true),
  clusterProfiles: type(PROFILES_GROUP, "v1alpha", "mirrordclusterprofiles", "MirrordClusterProfile", false),
} as const;

export const nativeResources = {
  namespaces: type("", "v1", "namespaces", "Namespace", false),
  pods: type("", "v1", "pods", "Pod", true),
  services: type("", "v1", "services", "Service", true),
  deployments: type("apps", "v1", "deployments", "Deployment", true),
  statefulSets: type("apps", "v1", "statefulsets", "StatefulSet", true),
  replicaSets: type("apps", "v1", "replicasets", "ReplicaSet", true),
  jobs: type("batch", "v1", "jobs", "Job", true),
  cronJobs: type("batch", "v1", "cronjobs", "CronJob", true),
  podTemplates: type("", "v1", "podtemplates", "PodTemplate", true),
  rollouts: type("argoproj.io", "v1alpha1", "rollouts", "Rollout", true),
  apiServices: type("apiregistration.k8s.io", "v1", "apiservices", "APIService", false),
} as const;
