import type { KubernetesObject } from "../kubernetes/object.ts";
import { podSelector, selectorText } from "../kubernetes/label-selector.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import { looksForContainer } from "../mirrord/plan/target-requests.ts";
import { isAboutTarget } from "../mirrord/plan/session-question.ts";
import { formatTarget, kindsBehindPods, labelSelector, type Target } from "../mirrord/target.ts";
import { podFault } from "../mirrord/usable-pod.ts";
import { availableReplicas } from "../mirrord/workload.ts";
import type { TargetFacts } from "../reading/session-facts.ts";
import { shellCommand } from "../text/shell-quote.ts";
import type { Obstacle } from "./obstacles.ts";

/**
 * A target without a pod that the client could use: it stops there with words of its own, whatever the access. A copy needs no
 * pods, and what resolves the target elsewhere (old clients, a primary of several clusters) is not known from here.
 * Source: operator contract section 0.
 */
export function podObstacles(plan: SessionPlan, found: TargetFacts, offline: boolean): Obstacle[] {
  if (!looksAtPods(plan)) return [];
  const fault = targetFault(plan, found, offline);
  if (fault === undefined) return [];
  const { target, namespace } = plan;
  const path = formatTarget(target);
  if (fault === EMPTY_LABELS)
    return [
      {
        answer: "no",
        isMissing: true,
        reason: `there is no pod in ${namespace} with ${path}`,
        hint: `See what is there: ${shellCommand(["kubectl", "get", "pods", "-n", namespace, "--show-labels"])}`,
      },
    ];
  return [{ answer: "no", reason: `mirrord cannot use ${path}: ${fault}`, hint: podHint(plan, found) }];
}

function looksAtPods(plan: SessionPlan): boolean {
  if (!isAboutTarget(plan.action) || plan.multiClusterPrimary || plan.legacyClient) return false;
  return plan.action === "preview" ? looksForContainer(plan) : !plan.copy;
}

const EMPTY_LABELS = "no pods match";
const NO_PODS = "no pods matching the labels were found";
const NOT_READY = "no pod matching the labels is ready to be targeted";

/** In the client's words; undefined: a pod is there, or nobody knows. */
function targetFault(
  { target, action }: SessionPlan,
  { object, pods }: TargetFacts,
  offline: boolean,
): string | undefined {
  if (target.kind === "targetless") return undefined;
  const isUsable = (pod: KubernetesObject) => offline || podFault(pod, target.container) === undefined;
  if (target.kind === "label") {
    if (pods === undefined || offline) return undefined;
    return pods.length === 0 ? EMPTY_LABELS : pods.some(isUsable) ? undefined : NOT_READY;
  }
  if (object === undefined) return undefined;
  if (target.kind === "pod") return offline ? undefined : podFault(object, target.container);
  if (target.kind === "deployment")
    return action === "preview" && availableReplicas(object) === "none" ? NO_PODS : undefined;
  if (!kindsBehindPods.has(target.kind)) return undefined;
  if (target.kind === "service" && podSelector(object) === undefined) return "missing .spec.selector";
  if (pods === undefined || (offline && target.kind !== "service"))
    return target.kind !== "service" && availableReplicas(object) === "none" ? NO_PODS : undefined;
  if (pods.length === 0) return NO_PODS;
  return pods.some(isUsable) ? undefined : NOT_READY;
}

/** What is taken for granted of the pods where they cannot be seen. */
export function podAssumption(plan: SessionPlan, { object, pods }: TargetFacts, offline: boolean): string[] {
  const { target } = plan;
  if (!looksAtPods(plan) || target.kind === "targetless") return [];
  const path = formatTarget(target);
  if (target.kind === "label") return offline ? [`pods match ${path} (manifests show no pods)`] : [];
  if (object === undefined || !kindsBehindPods.has(target.kind)) return [];
  if (offline) return [`${path} has pods that are ready (manifests show none)`];
  return pods === undefined ? [`${path} has pods that are ready (they are not known)`] : [];
}

function podHint({ target, namespace, action }: SessionPlan, { object }: TargetFacts): string {
  const place = ["-n", namespace];
  const look = `See its pods: ${shellCommand(["kubectl", "get", ...podArguments(target, object), ...place])}`;
  const copies = action !== "preview" && target.kind !== "service" && target.kind !== "label";
  return copies
    ? `${look}; a copy needs none: ${shellCommand(["kubectl", "mirrord", "can-i", "copy", formatTarget(target), ...place])}`
    : look;
}

function podArguments(target: Target, object: KubernetesObject | undefined): string[] {
  if (target.kind === "pod") return ["pod", target.name];
  if (target.kind === "label") return ["pods", "-l", labelSelector(target)];
  const selector = object === undefined ? undefined : podSelector(object);
  return selector === undefined ? ["pods"] : ["pods", "-l", selectorText(selector)];
}
