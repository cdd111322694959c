// Whether what was applied works, by what the objects say themselves.

import type { V1DeploymentSpec, V1DeploymentStatus, V1Endpoint, V1EndpointConditions } from "@kubernetes/client-node";
import { listIn, textIn, type JsonObject } from "../../json.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { conditionNamed } from "../../reading/operator-pod.ts";

/** `why` it is not ready yet; `final` when waiting does not help. */
export type Readiness = { ready: true } | { ready: false; why: string; final?: true };

const notYet = (why: string): Readiness => ({ ready: false, why });

/** As `kubectl rollout status` has it. Source: kubectl pkg/polymorphichelpers/rollout_status.go. */
export function deploymentReadiness(deployment: KubernetesObject | undefined): Readiness {
  if (deployment === undefined) return { ready: false, why: "it is gone", final: true };
  const { generation = 0 } = deployment.metadata;
  const { replicas: wanted } = fieldsIn<V1DeploymentSpec>(deployment["spec"]);
  const status = fieldsIn<V1DeploymentStatus>(deployment["status"]);
  const count = (value: unknown) => (typeof value === "number" ? value : 0);
  if (count(status.observedGeneration) < generation) return notYet("the controller has not seen it yet");
  const progressing = conditionNamed(deployment, "Progressing");
  if (progressing?.["reason"] === "ProgressDeadlineExceeded") {
    return { ready: false, why: conditionText(progressing), final: true };
  }
  const replicas = typeof wanted === "number" ? wanted : 1;
  if (count(status.updatedReplicas) < replicas) {
    return notYet(`${count(status.updatedReplicas)} of ${replicas} pods are new`);
  }
  const available = count(status.availableReplicas);
  if (available < replicas) return notYet(`${available} of ${replicas} pods are ready`);
  const old = count(status.replicas) - count(status.updatedReplicas);
  return old > 0 ? notYet(`${old} old pods are still there`) : { ready: true };
}

/** Whether a Service's slices lead anywhere. */
export function endpointsReadiness(slices: readonly KubernetesObject[]): Readiness {
  const conditions = slices
    .flatMap(({ endpoints }) => listIn(endpoints))
    .map((endpoint) => fieldsIn<V1EndpointConditions>(fieldsIn<V1Endpoint>(endpoint).conditions));
  if (conditions.some(({ ready }) => ready === true)) return { ready: true };
  return notYet(conditions.length === 0 ? "it selects no pod" : "none of its pods is ready");
}

/** Whether the API server passes requests on. */
export function apiServiceReadiness(apiService: KubernetesObject | undefined): Readiness {
  if (apiService === undefined) return { ready: false, why: "it is gone", final: true };
  const available = conditionNamed(apiService, "Available");
  if (available?.["status"] === "True") return { ready: true };
  return notYet(available === undefined ? "the API server has not looked yet" : conditionText(available));
}

function conditionText({ reason, message }: JsonObject): string {
  return [textIn(reason), textIn(message)].filter((text) => text !== "").join(": ");
}

/** Whether objects of a definition can be written. */
export function definitionReadiness(definition: KubernetesObject): "ready" | "wait" | { fault: string } {
  const names = conditionNamed(definition, "NamesAccepted");
  if (names?.["status"] === "False") return { fault: `cannot be used: ${conditionText(names)}` };
  return conditionNamed(definition, "Established")?.["status"] === "True" ? "ready" : "wait";
}
