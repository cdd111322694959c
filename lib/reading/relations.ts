import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import { workloadType, type LabelTarget, type Target } from "../mirrord/target.ts";
import { readObject } from "./read.ts";
import {
  controllerKey,
  controllerReference,
  controllers,
  MAX_DEPTH,
  relatedObjects,
  relatedTarget,
} from "./related-objects.ts";
import type { TargetFacts } from "./session-facts.ts";
import { readTargets, type ListedTargets, type TargetObject } from "./targets.ts";
import { readPods } from "./workload.ts";

/** What a plan says of its target's related objects, and what was taken for granted to say so. */
export interface PlanRelations {
  plan: SessionPlan;
  assumptions: string[];
}

/** The plan with its target's related objects. Where the caller may not read some, the plan says that there are more. */
export async function readRelations(
  cluster: Cluster,
  plan: SessionPlan,
  { object, pods }: Pick<TargetFacts, "object" | "pods">,
): Promise<PlanRelations> {
  const target = targetObject(plan.target, plan.namespace, object);
  if (target === undefined) return { plan, assumptions: [] };
  const among = cluster.offline ? await readTargets(cluster, plan.namespace) : await readAround(cluster, target, pods);
  const index = relatedObjects(among, cluster);
  const related = index.behind(target);
  if (related === undefined) {
    const seen = (pods ?? []).map((pod) => relatedTarget({ kind: "pod", object: pod }));
    return { plan: { ...plan, related: seen, relatedIncomplete: true }, assumptions: [] };
  }
  return {
    plan: { ...plan, related },
    assumptions: index.podsAssumed() ? ["the pods behind it are as the templates say"] : [],
  };
}

/** A label target finds its pods as a Service with the same labels would. */
function targetObject(
  target: Target,
  namespace: string,
  object: KubernetesObject | undefined,
): TargetObject | undefined {
  if (target.kind === "label") return { kind: "service", object: serviceLike(target, namespace) };
  return target.kind === "targetless" || object === undefined ? undefined : { kind: target.kind, object };
}

function serviceLike({ labels }: LabelTarget, namespace: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Service", metadata: { namespace }, spec: { selector: labels } };
}

/** Reads no more than what is around one target: its pods, and the controllers above it or above them. */
async function readAround(cluster: Cluster, target: TargetObject, given: TargetFacts["pods"]): Promise<ListedTargets> {
  const selectsPods = target.kind === "service";
  const hasPods = target.kind !== "pod" && target.kind !== "cronjob";
  const pods = selectsPods ? given : hasPods ? (given ?? (await readPods(cluster, target.object))) : [];
  const start = selectsPods ? (pods ?? []) : [target.object];
  const owners = await readOwners(cluster, start);
  return {
    targets: [...(pods ?? []).map((object): TargetObject => ({ kind: "pod", object })), ...owners.targets],
    incomplete: [...(pods === undefined ? ["pods"] : []), ...owners.incomplete],
  };
}

/** A label can be on the pods of a whole namespace: then nobody waits for all that is behind them. */
const MAX_OWNERS = 100;

/** Up the chains of controllers, each read once: the replica sets of pods and their deployments. */
async function readOwners(cluster: Cluster, objects: readonly KubernetesObject[]): Promise<ListedTargets> {
  const owners = new Map<string, TargetObject | undefined>();
  const incomplete = new Set<string>();
  let level = objects;
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const fresh = new Map(
      level.flatMap((object) => {
        const owner = controllerReference(object);
        const key = controllerKey(object) ?? "";
        return owner === undefined || owners.has(key) ? [] : [[key, owner] as const];
      }),
    );
    if (owners.size + fresh.size > MAX_OWNERS) {
      return { targets: [], incomplete: controllers.map((kind) => workloadType(kind).resource) };
    }
    const next = await Promise.all(
      [...fresh].map(async ([key, { kind, name, namespace }]) => {
        owners.set(key, undefined);
        const read = await readObject(cluster, workloadType(kind), name, namespace);
        if (read.failed) incomplete.add(workloadType(kind).resource);
        if (read.failed || read.value === undefined) return [];
        owners.set(key, { kind, object: read.value });
        return [read.value];
      }),
    );
    level = next.flat();
  }
  return { targets: [...owners.values()].filter((owner) => owner !== undefined), incomplete: [...incomplete] };
}
