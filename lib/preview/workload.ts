import { isJsonObject, listIn, objectIn } from "../json.ts";
import type { KubernetesObject } from "../kube/cluster.ts";

export interface PodSpec {
  containers?: unknown;
  initContainers?: unknown;
  volumes?: unknown;
}

/**
 * The names of a workload's containers, in its own order: those of a pod, of a template, or of a cron job's template.
 * Sidecars (init containers with restartPolicy Always) run beside the others and count. Malformed parts count as none.
 */
export function containersOf(workload: KubernetesObject): string[] {
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
  const job = kind === "CronJob" ? objectIn(objectIn(spec["jobTemplate"])["spec"]) : spec;
  return objectIn(objectIn(job["template"])["spec"]);
}

/**
 * Whether a Deployment can be connected to as it is. Without available replicas the client makes a copy instead;
 * without a status (a manifest, a brand-new object) nobody knows. Source: operator contract section 0.
 */
export function replicasOf(deployment: KubernetesObject | undefined): "some" | "none" | "unknown" {
  if (deployment === undefined) return "unknown";
  if (objectIn(deployment["spec"])["replicas"] === 0) return "none";
  const status = deployment["status"];
  if (!isJsonObject(status)) return "unknown";
  const available = status["availableReplicas"];
  return typeof available === "number" && available > 0 ? "some" : "none";
}
