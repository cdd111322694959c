import type {
  V1Container,
  V1CronJobSpec,
  V1DeploymentSpec,
  V1DeploymentStatus,
  V1JobSpec,
  V1JobTemplateSpec,
  V1PodSpec,
  V1PodTemplateSpec,
} from "@kubernetes/client-node";
import { isJsonObject, listIn, objectIn, textIn } from "../json.ts";
import { fieldsIn, type Unchecked } from "../kubernetes/api-types.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { mirrordResources } from "./resources.ts";
import { dottedName } from "./target.ts";

/**
 * The names of a workload's containers, in its own order: those of a pod, of a template, or of a cron job's template.
 * Sidecars (init containers with restartPolicy Always) run beside the others and count. Malformed parts count as none.
 */
export function containerNames(workload: KubernetesObject): string[] {
  const spec = podSpec(workload);
  const containers = listIn(spec.containers).map((each) => fieldsIn<V1Container>(each));
  const sidecars = listIn(spec.initContainers)
    .map((each) => fieldsIn<V1Container>(each))
    .filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...containers, ...sidecars].flatMap(({ name }) => (typeof name === "string" ? name : []));
}

/** The pod's spec: of a pod, of a template, or of a cron job's template; empty where there is none (a Service). */
export function podSpec(workload: KubernetesObject): Unchecked<V1PodSpec> {
  return fieldsIn<V1PodSpec>(workload.kind === "Pod" ? workload["spec"] : podTemplate(workload).spec);
}

/** The template of the pods that a workload makes; empty where it makes none. */
export function podTemplate({ kind, ...rest }: KubernetesObject): Unchecked<V1PodTemplateSpec> {
  if (kind === "PodTemplate") return fieldsIn<V1PodTemplateSpec>(rest["template"]);
  const jobTemplate = fieldsIn<V1JobTemplateSpec>(fieldsIn<V1CronJobSpec>(rest["spec"]).jobTemplate);
  const spec = kind === "CronJob" ? jobTemplate.spec : rest["spec"];
  return fieldsIn<V1PodTemplateSpec>(fieldsIn<V1JobSpec>(spec).template);
}

/**
 * Whether a Deployment can be connected to as it is. Without available replicas the client makes a copy instead;
 * without a status (a manifest, where it may be written as empty; a brand-new object) nobody knows. Source: operator contract section 0.
 */
export function availableReplicas(deployment: KubernetesObject | undefined): "some" | "none" | "unknown" {
  if (deployment === undefined) return "unknown";
  if (fieldsIn<V1DeploymentSpec>(deployment["spec"]).replicas === 0) return "none";
  const status = deployment["status"];
  if (!isJsonObject(status) || Object.keys(status).length === 0) return "unknown";
  const available = fieldsIn<V1DeploymentStatus>(status).availableReplicas;
  return typeof available === "number" && available > 0 ? "some" : "none";
}

/** The two workloads whose connections have one name, and the container that makes it so; undefined when it is not there. */
export function spelledAlike(
  { name }: { name: string },
  namesake: KubernetesObject,
): { long: string; short: string; container: string } | undefined {
  const { name: other = "" } = namesake.metadata;
  const [long, short] = other.length > name.length ? [other, name] : [name, other];
  const container = long.slice(dottedName(short, "").length);
  return short === other && !containerNames(namesake).includes(container) ? undefined : { long, short, container };
}

const referencedTypes: readonly ResourceType[] = [
  nativeResources.deployments,
  nativeResources.replicaSets,
  nativeResources.statefulSets,
  nativeResources.podTemplates,
];

/** Rollout.spec.workloadRef (argoproj.io/v1alpha1): the pod template is another object's, and the client reads that too. */
export function templateReference(
  workload: KubernetesObject | undefined,
): (ResourceType & { name: string }) | undefined {
  if (workload?.kind !== mirrordResources.rollouts.kind) return undefined;
  const reference = objectIn(objectIn(workload["spec"])["workloadRef"]);
  const type = referencedTypes.find(({ kind }) => kind === reference["kind"]);
  const name = textIn(reference["name"]);
  return type === undefined || name === "" ? undefined : { ...type, name };
}

export function withReferencedTemplate(workload: KubernetesObject, other: KubernetesObject): KubernetesObject {
  const { metadata, spec } = podTemplate(other);
  return { ...workload, spec: { ...objectIn(workload["spec"]), template: { metadata, spec } } };
}
