import type { SessionPlan } from "./session-plan.ts";
import { needs, operatorResource, type SessionRequest } from "./session-request.ts";
import { legacyName, workloadType } from "../target.ts";

/** What the client reads of the target by itself, before it talks to the operator about it. */
export function nativeRequests(plan: SessionPlan): SessionRequest[] {
  const { target, namespace, workloadRef } = plan;
  if (plan.multiClusterPrimary || plan.legacyClient || target.kind === "targetless") {
    return plan.legacyClient ? [legacyLookup(plan, "target-get-legacy")] : [];
  }
  const listPods = needs("native-list-pods", "find its pods", {
    verb: "list",
    apiGroup: "",
    resource: "pods",
    namespace,
  });
  if (target.kind === "label") return [listPods];
  const { group, resource } = workloadType(target.kind);
  const get = needs(`native-get-${target.kind}`, "read the target", {
    verb: "get",
    apiGroup: group,
    resource,
    namespace,
    name: target.name,
  });
  const reference =
    workloadRef === undefined || plan.copy
      ? []
      : [
          needs("native-get-workload-ref", "read the workload that the rollout refers to", {
            verb: "get",
            apiGroup: workloadRef.group,
            resource: workloadRef.resource,
            namespace,
            name: workloadRef.name,
          }),
        ];
  const probe = plan.rolloutProbe ? [rolloutProbe(namespace, target.name)] : [];
  const pods = target.kind === "pod" || plan.copy ? [] : [listPods];
  return [get, ...reference, ...probe, ...pods];
}

function rolloutProbe(namespace: string, name: string): SessionRequest {
  return needs(
    "native-rollout-probe",
    "look for a rollout of the same name",
    { verb: "get", apiGroup: "argoproj.io", resource: "rollouts", namespace, name },
    { required: false },
  );
}

/** Old clients and previews ask the operator for the target, by its legacy name. */
export function legacyLookup({ target, namespace }: SessionPlan, id: string): SessionRequest {
  const attributes = operatorResource("get", "targets", { namespace, name: legacyName(target) });
  return needs(id, "look the target up", attributes);
}

/**
 * What the operator asks about the caller once the request has reached it.
 * Source: operator contract section 3, layer 2. For a targetless session the namespace is filled with the object's
 * own name, as the API server does for a direct request.
 */
export function nativeCheck({ target, namespace }: SessionPlan): SessionRequest {
  const purpose = "pass the operator's check of the target";
  const byOperator = { checkedBy: "operator" } as const;
  if (target.kind === "targetless") {
    const attributes = {
      verb: "get",
      apiGroup: "",
      resource: "namespaces",
      namespace,
      name: namespace,
    };
    return needs("native-check", purpose, attributes, byOperator);
  }
  if (target.kind === "label") {
    return needs("native-check", purpose, { verb: "list", apiGroup: "", resource: "pods", namespace }, byOperator);
  }
  const { group, resource } = workloadType(target.kind);
  const attributes = { verb: "get", apiGroup: group, resource, namespace, name: target.name };
  return needs("native-check", purpose, attributes, byOperator);
}

/** Whether a preview's client looks for the container itself, as a session does that copies nothing: where nobody names it. */
export function looksForContainer({
  target,
  multiClusterPrimary,
  operatorNamesContainer = false,
}: SessionPlan): boolean {
  const isNamed = operatorNamesContainer || ("container" in target && target.container !== undefined);
  return !isNamed && !multiClusterPrimary;
}
