// Where Kubernetes' own objects live in the API: the one table of their types. Source: `kubectl api-resources`, Kubernetes 1.36.

import type { ResourceType } from "./object.ts";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** `scope` and the short names in the words of a CustomResourceDefinition. */
export function resourceType(
  apiVersion: string,
  scope: "Namespaced" | "Cluster",
  resource: string,
  kind: string,
  ...shortNames: string[]
): ResourceType {
  const type = { ...parseApiVersion(apiVersion), resource, kind, namespaced: scope === "Namespaced" };
  return shortNames.length === 0 ? type : { ...type, shortNames };
}

/** `apps/v1` in its parts; the core group is "". */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

export function formatApiVersion({ group, version }: Pick<ResourceType, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

export const nativeResources = {
  namespaces: resourceType("v1", "Cluster", "namespaces", "Namespace", "ns"),
  nodes: resourceType("v1", "Cluster", "nodes", "Node", "no"),
  persistentVolumes: resourceType("v1", "Cluster", "persistentvolumes", "PersistentVolume", "pv"),
  componentStatuses: resourceType("v1", "Cluster", "componentstatuses", "ComponentStatus", "cs"),
  pods: resourceType("v1", "Namespaced", "pods", "Pod", "po"),
  services: resourceType("v1", "Namespaced", "services", "Service", "svc"),
  configMaps: resourceType("v1", "Namespaced", "configmaps", "ConfigMap", "cm"),
  secrets: resourceType("v1", "Namespaced", "secrets", "Secret"),
  serviceAccounts: resourceType("v1", "Namespaced", "serviceaccounts", "ServiceAccount", "sa"),
  endpoints: resourceType("v1", "Namespaced", "endpoints", "Endpoints", "ep", "endpoint"),
  events: resourceType("v1", "Namespaced", "events", "Event", "ev"),
  limitRanges: resourceType("v1", "Namespaced", "limitranges", "LimitRange", "limits"),
  persistentVolumeClaims: resourceType("v1", "Namespaced", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc"),
  podTemplates: resourceType("v1", "Namespaced", "podtemplates", "PodTemplate"),
  replicationControllers: resourceType("v1", "Namespaced", "replicationcontrollers", "ReplicationController", "rc"),
  resourceQuotas: resourceType("v1", "Namespaced", "resourcequotas", "ResourceQuota", "quota"),

  deployments: resourceType("apps/v1", "Namespaced", "deployments", "Deployment", "deploy"),
  statefulSets: resourceType("apps/v1", "Namespaced", "statefulsets", "StatefulSet", "sts"),
  replicaSets: resourceType("apps/v1", "Namespaced", "replicasets", "ReplicaSet", "rs"),
  daemonSets: resourceType("apps/v1", "Namespaced", "daemonsets", "DaemonSet", "ds"),
  controllerRevisions: resourceType("apps/v1", "Namespaced", "controllerrevisions", "ControllerRevision"),
  jobs: resourceType("batch/v1", "Namespaced", "jobs", "Job"),
  cronJobs: resourceType("batch/v1", "Namespaced", "cronjobs", "CronJob", "cj"),
  autoscalers: resourceType(
    "autoscaling/v2",
    "Namespaced",
    "horizontalpodautoscalers",
    "HorizontalPodAutoscaler",
    "hpa",
  ),
  disruptionBudgets: resourceType("policy/v1", "Namespaced", "poddisruptionbudgets", "PodDisruptionBudget", "pdb"),
  ingresses: resourceType("networking.k8s.io/v1", "Namespaced", "ingresses", "Ingress", "ing"),
  networkPolicies: resourceType("networking.k8s.io/v1", "Namespaced", "networkpolicies", "NetworkPolicy", "netpol"),
  ingressClasses: resourceType("networking.k8s.io/v1", "Cluster", "ingressclasses", "IngressClass"),
  endpointSlices: resourceType("discovery.k8s.io/v1", "Namespaced", "endpointslices", "EndpointSlice"),
  leases: resourceType("coordination.k8s.io/v1", "Namespaced", "leases", "Lease"),
  priorityClasses: resourceType("scheduling.k8s.io/v1", "Cluster", "priorityclasses", "PriorityClass", "pc"),
  storageClasses: resourceType("storage.k8s.io/v1", "Cluster", "storageclasses", "StorageClass", "sc"),
  volumeAttachments: resourceType("storage.k8s.io/v1", "Cluster", "volumeattachments", "VolumeAttachment"),
  csiDrivers: resourceType("storage.k8s.io/v1", "Cluster", "csidrivers", "CSIDriver"),
  csiNodes: resourceType("storage.k8s.io/v1", "Cluster", "csinodes", "CSINode"),

  roles: resourceType(`${RBAC_GROUP}/v1`, "Namespaced", "roles", "Role"),
  clusterRoles: resourceType(`${RBAC_GROUP}/v1`, "Cluster", "clusterroles", "ClusterRole"),
  roleBindings: resourceType(`${RBAC_GROUP}/v1`, "Namespaced", "rolebindings", "RoleBinding"),
  clusterRoleBindings: resourceType(`${RBAC_GROUP}/v1`, "Cluster", "clusterrolebindings", "ClusterRoleBinding"),
  subjectAccessReviews: review("authorization", "Cluster", "subjectaccessreviews", "SubjectAccessReview"),
  selfSubjectAccessReviews: review("authorization", "Cluster", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
  selfSubjectRulesReviews: review("authorization", "Cluster", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
  localSubjectAccessReviews: review(
    "authorization",
    "Namespaced",
    "localsubjectaccessreviews",
    "LocalSubjectAccessReview",
  ),
  tokenReviews: review("authentication", "Cluster", "tokenreviews", "TokenReview"),
  selfSubjectReviews: review("authentication", "Cluster", "selfsubjectreviews", "SelfSubjectReview"),
  signingRequests: resourceType(
    "certificates.k8s.io/v1",
    "Cluster",
    "certificatesigningrequests",
    "CertificateSigningRequest",
    "csr",
  ),

  apiServices: resourceType("apiregistration.k8s.io/v1", "Cluster", "apiservices", "APIService"),
  customResourceDefinitions: resourceType(
    "apiextensions.k8s.io/v1",
    "Cluster",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    "crd",
    "crds",
  ),
  admissionPolicies: admission("validatingadmissionpolicies", "ValidatingAdmissionPolicy"),
  admissionPolicyBindings: admission("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding"),
  mutatingWebhooks: admission("mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
  validatingWebhooks: admission("validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
} as const;

function review(name: string, scope: "Namespaced" | "Cluster", resource: string, kind: string): ResourceType {
  return resourceType(`${name}.k8s.io/v1`, scope, resource, kind);
}

function admission(resource: string, kind: string): ResourceType {
  return resourceType("admissionregistration.k8s.io/v1", "Cluster", resource, kind);
}
