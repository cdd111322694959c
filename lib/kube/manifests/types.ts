import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";

// Which kinds a folder can serve. The API's own discovery is not there to ask, so the plural of a kind has to be known:
// these, and whatever the CustomResourceDefinitions in the folder declare.
const known: readonly [group: string, version: string, resource: string, kind: string, namespaced: boolean][] = [
  ["", "v1", "namespaces", "Namespace", false],
  ["", "v1", "pods", "Pod", true],
  ["", "v1", "services", "Service", true],
  ["", "v1", "serviceaccounts", "ServiceAccount", true],
  ["", "v1", "configmaps", "ConfigMap", true],
  ["", "v1", "secrets", "Secret", true],
  ["", "v1", "podtemplates", "PodTemplate", true],
  ["apps", "v1", "deployments", "Deployment", true],
  ["apps", "v1", "statefulsets", "StatefulSet", true],
  ["apps", "v1", "replicasets", "ReplicaSet", true],
  ["apps", "v1", "daemonsets", "DaemonSet", true],
  ["batch", "v1", "jobs", "Job", true],
  ["batch", "v1", "cronjobs", "CronJob", true],
  ["argoproj.io", "v1alpha1", "rollouts", "Rollout", true],
  ["apiregistration.k8s.io", "v1", "apiservices", "APIService", false],
  ["apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false],
  ["scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false],
  ["rbac.authorization.k8s.io", "v1", "roles", "Role", true],
  ["rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false],
  ["rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true],
  ["rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false],
  ["policies.mirrord.metalbear.co", "v1alpha", "mirrordpolicies", "MirrordPolicy", true],
  ["policies.mirrord.metalbear.co", "v1alpha", "mirrordclusterpolicies", "MirrordClusterPolicy", false],
  ["profiles.mirrord.metalbear.co", "v1alpha", "mirrordprofiles", "MirrordProfile", true],
  ["profiles.mirrord.metalbear.co", "v1alpha", "mirrordclusterprofiles", "MirrordClusterProfile", false],
  ["operator.metalbear.co", "v1", "mirrordoperators", "MirrordOperator", false],
  ["operator.metalbear.co", "v1", "sessions", "Session", true],
];

export interface TypeRegistry {
  /** By group and kind, whatever the version: a folder may spell an older one. */
  ofObject(object: KubernetesObject): ResourceType | undefined;
  ofGroupVersion(group: string, version: string): ResourceType[];
}

/** The known kinds and those of the CustomResourceDefinitions among the objects. */
export function typeRegistry(objects: readonly KubernetesObject[]): TypeRegistry {
  const types = known.map(([group, version, resource, kind, namespaced]): ResourceType => {
    return { group, version, resource, kind, namespaced };
  });
  types.push(...objects.flatMap(customTypes));
  const byKind = new Map(types.map((type) => [`${type.group}/${type.kind}`, type]));
  return {
    ofObject: ({ apiVersion, kind }) => byKind.get(`${groupOf(apiVersion)}/${kind}`),
    ofGroupVersion: (group, version) => types.filter((type) => type.group === group && type.version === version),
  };
}

/** `apps` of `apps/v1`; the core group is empty. */
function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

// Source: CustomResourceDefinition.spec (apiextensions.k8s.io/v1). A definition that is not well formed declares nothing.
function customTypes(object: KubernetesObject): ResourceType[] {
  if (object.kind !== "CustomResourceDefinition") return [];
  const spec = object["spec"] as
    | {
        group?: unknown;
        scope?: unknown;
        names?: { plural?: unknown; kind?: unknown };
        versions?: { name?: unknown }[];
      }
    | undefined;
  const { group, names, scope, versions } = spec ?? {};
  if (typeof group !== "string" || typeof names?.plural !== "string" || typeof names.kind !== "string") return [];
  const { plural: resource, kind } = names;
  return (Array.isArray(versions) ? versions : []).flatMap(({ name: version }) =>
    typeof version === "string" ? [{ group, version, resource, kind, namespaced: scope === "Namespaced" }] : [],
  );
}
