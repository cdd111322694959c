import { objectIn, textIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import type { RelatedTarget } from "../mirrord/plan/session-use.ts";
import { labelSelector, workloadType, type Target, type WorkloadKind } from "../mirrord/target.ts";
import { selects, parseSelectorText, podSelector, type LabelSelector } from "../kubernetes/label-selector.ts";
import type { ReadPolicies } from "../reading/read-policies.ts";
import { readList, readObject } from "../reading/read.ts";
import { relatedPod } from "./plan-of.ts";
import type { ResolvedPlan } from "./resolve.ts";
import { podsBehind } from "./target-state.ts";

/** The plan with what policies may reach it through, and what was taken for granted to say so. */
export interface RelatedPlan {
  plan: SessionPlan;
  assumptions: string[];
}

/** A plan, with its target as far as it could be read. */
type Found = Pick<ResolvedPlan, "plan" | "workload"> & Partial<Pick<ResolvedPlan, "pods">>;

/**
 * The plan with the other objects of its target, which only policies look at: its pods, and what controls it or, where the
 * target only selects pods, them. Read when there are any policies.
 */
export async function relatedPlan(
  cluster: Cluster,
  resolved: Found,
  { policies }: Pick<ReadPolicies, "policies">,
): Promise<RelatedPlan> {
  const { plan, workload } = resolved;
  const isKnown = workload !== undefined || (plan.target.kind === "label" && resolved.pods !== undefined);
  if (policies.length === 0 || !isKnown) return { plan, assumptions: [] };
  const seen = await podsOf(cluster, resolved);
  const selectsPods = plan.target.kind === "service" || plan.target.kind === "label";
  const owned = [...(workload === undefined ? [] : [workload]), ...(selectsPods ? (seen ?? []) : [])];
  const [owners, made] = await Promise.all([
    ownersOf(cluster, owned),
    seen?.length === 0 && (cluster.offline || plan.target.kind === "cronjob") ? madeUp(cluster, resolved) : [],
  ]);
  if (seen === undefined || owners === undefined || made === undefined) {
    return { plan: { ...plan, relatedIncomplete: true }, assumptions: [] };
  }
  return {
    plan: { ...plan, related: [...seen.map(relatedPod), ...made, ...owners] },
    assumptions: made.length === 0 ? [] : ["the pods behind it are as the templates say"],
  };
}

async function podsOf(cluster: Cluster, { workload, pods }: Found): Promise<readonly KubernetesObject[] | undefined> {
  if (pods !== undefined) return pods;
  const hasNone = workload === undefined || workload.kind === "Pod" || workload.kind === "CronJob";
  return hasNone ? [] : await podsBehind(cluster, workload);
}

const controllers: readonly WorkloadKind[] = ["replicaset", "deployment", "statefulset", "job", "cronjob", "rollout"];
/** By the `kind` of an owner reference. */
export const controllerKinds: ReadonlyMap<string, WorkloadKind> = new Map(
  controllers.map((kind) => [workloadType(kind).kind, kind]),
);

/** No chain of built-in controllers is longer; a made-up one must not go on for ever. */
export const MAX_DEPTH = 4;
/** A label can be on the pods of a whole namespace: then nobody waits for all that is behind them. */
const MAX_OWNERS = 100;

interface Owner {
  kind: WorkloadKind;
  type: ResourceType;
  name: string;
  namespace: string;
}

/** Up the chains of controllers: the replica sets of pods and their deployments, each read once. Undefined when one may not be read. */
async function ownersOf(cluster: Cluster, objects: readonly KubernetesObject[]): Promise<RelatedTarget[] | undefined> {
  const found = new Map<string, RelatedTarget>();
  const known = new Set<string>();
  let current = objects;
  for (let depth = 0; depth < MAX_DEPTH && current.length > 0; depth++) {
    const fresh = new Map<string, Owner>();
    for (const object of current) {
      const owner = controllerOf(object);
      const key = owner === undefined ? undefined : `${owner.kind}/${owner.name}`;
      if (owner !== undefined && key !== undefined && !known.has(key)) fresh.set(key, owner);
    }
    if (known.size + fresh.size > MAX_OWNERS) return undefined;
    const reads = await Promise.all(
      [...fresh].map(async ([key, owner]) => {
        known.add(key);
        return { key, owner, read: await readObject(cluster, owner.type, owner.name, owner.namespace) };
      }),
    );
    const next: KubernetesObject[] = [];
    for (const { key, owner, read } of reads) {
      if (read.failed) return undefined;
      if (read.value === undefined) continue;
      found.set(key, relatedOf(owner.kind, read.value));
      next.push(read.value);
    }
    current = next;
  }
  return [...found.values()];
}

function controllerOf({ metadata }: KubernetesObject): Owner | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const kind = controllerKinds.get(owner?.kind ?? "");
  if (owner === undefined || kind === undefined) return undefined;
  return { kind, type: workloadType(kind), name: owner.name, namespace: metadata.namespace ?? "" };
}

function relatedOf(kind: WorkloadKind, { metadata }: KubernetesObject): RelatedTarget {
  return { target: { kind, name: metadata.name ?? "" }, labels: metadata.labels ?? {} };
}

/** In place of pods that nobody can see: those of the target's template, or of the templates that it selects, with their workloads. */
async function madeUp(
  cluster: Cluster,
  { plan: { target, namespace }, workload }: Found,
): Promise<RelatedTarget[] | undefined> {
  if (target.kind !== "service" && target.kind !== "label") {
    const pod =
      workload === undefined || target.kind === "targetless"
        ? undefined
        : assumedPod({ kind: target.kind, object: workload });
    return pod === undefined ? [] : [pod];
  }
  const selector = selectorOf(target, workload);
  if (selector === undefined) return [];
  const lists = await Promise.all(
    controllers.map(async (kind) => ({ kind, read: await readList(cluster, workloadType(kind), { namespace }) })),
  );
  const selected = lists.flatMap(({ kind, read }) =>
    (read.failed ? [] : read.value).flatMap((object) => {
      const pod = assumedPod({ kind, object });
      return pod !== undefined && selects(selector, pod.labels) ? [{ kind, object, pod }] : [];
    }),
  );
  const owners = await ownersOf(
    cluster,
    selected.map(({ object }) => object),
  );
  if (owners === undefined || lists.some(({ read }) => read.failed)) return undefined;
  return [...selected.flatMap(({ kind, object, pod }) => [pod, relatedOf(kind, object)]), ...owners];
}

function selectorOf(target: Target, workload: KubernetesObject | undefined): LabelSelector | undefined {
  if (target.kind === "label") return parseSelectorText(labelSelector(target));
  return workload === undefined ? undefined : podSelector(workload);
}

/** The pod that a controller would make of a workload's template: manifests show none. */
export function assumedPod({
  kind,
  object,
}: {
  kind: WorkloadKind;
  object: KubernetesObject;
}): RelatedTarget | undefined {
  const spec = objectIn(object["spec"]);
  const job = kind === "cronjob" ? objectIn(objectIn(spec["jobTemplate"])["spec"]) : spec;
  const template = objectIn(job["template"]);
  if (Object.keys(template).length === 0) return undefined;
  const labels = Object.entries(objectIn(objectIn(template["metadata"])["labels"]));
  const name = `${object.metadata.name ?? ""}-${kind === "statefulset" ? "0" : "00000"}`;
  return {
    target: { kind: "pod", name },
    labels: Object.fromEntries(labels.map(([key, value]) => [key, textIn(value)])),
  };
}
