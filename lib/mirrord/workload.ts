import { isJsonObject, listIn, objectIn, textIn } from "../json.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { mirrordResources } from "./resources.ts";

export interface PodSpec {
  containers?: unknown;
  initContainers?: unknown;
  volumes?: unknown;
}

/**
 * The names of a workload's containers, in its own order: those of a pod, of a template, or of a cron job's template.
 * Sidecars (init containers with restartPolicy Always) run beside the others and count. Malformed parts count as none.
 */
export function containerNames(workload: KubernetesObject): string[] {
  const spec = podSpec(workload);
  const named = (list: unknown, counts: (container: Record<string, unknown>) => boolean) =>
    listIn(list).flatMap((container: unknown) =>
      isJsonObject(container) && typeof container["name"] === "string" && counts(container) ? [container["name"]] : [],
    );
  return [
    ...named(spec.containers, () => true),
    ...named(spec.initContainers, ({ restartPolicy }) => restartPolicy === "Always"),
  ];
}

/** The pod's spec: of a pod, of a template, or of a cron job's template; empty where there is none (a Service). */
export function podSpec({ kind, ...rest }: KubernetesObject): PodSpec {
  const spec = objectIn(rest["spec"]);
  if (kind === "Pod") return spec;
  if (kind === "PodTemplate") return objectIn(objectIn(rest["template"])["spec"]);
  const job = kind === "CronJob" ? objectIn(objectIn(spec["jobTemplate"])["spec"]) : spec;
  return objectIn(objectIn(job["template"])["spec"]);
}

/**
 * Whether a Deployment can be connected to as it is. Without available replicas the client makes a copy instead;
 * without a status (a manifest, where it may be written as empty; a brand-new object) nobody knows. Source: operator contract section 0.
 */
export function availableReplicas(deployment: KubernetesObject | undefined): "some" | "none" | "unknown" {
  if (deployment === undefined) return "unknown";
  if (objectIn(deployment["spec"])["replicas"] === 0) return "none";
  const status = deployment["status"];
  if (!isJsonObject(status) || Object.keys(status).length === 0) return "unknown";
  const available = status["availableReplicas"];
  return typeof available === "number" && available > 0 ? "some" : "none";
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

export function withReferencedTemplate(
  workload: KubernetesObject,
  { kind, ...other }: KubernetesObject,
): KubernetesObject {
  const { metadata, spec } = objectIn(kind === "PodTemplate" ? other["template"] : objectIn(other["spec"])["template"]);
  return { ...workload, spec: { ...objectIn(workload["spec"]), template: { metadata, spec } } };
}
