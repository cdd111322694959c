// Through which other objects a policy may reach a target: its pods, and what controls it or, where the target only selects
// pods, them. One algorithm for a single target and for all that are listed.

import type { V1ObjectMeta } from "@kubernetes/client-node";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { podTemplate } from "../mirrord/workload.ts";
import { objectIn, textIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import { podSelector, selects, type LabelSelector } from "../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import type { RelatedTarget } from "../mirrord/plan/session-use.ts";
import { workloadType, type WorkloadKind } from "../mirrord/target.ts";
import type { ListedTargets, TargetObject } from "./targets.ts";

export interface RelatedObjects {
  /** Its pods, and what controls it or, of a service, them. Undefined when something of that may not be listed. */
  behind(target: TargetObject): RelatedTarget[] | undefined;
  /** The same with services and replica sets. */
  all(target: TargetObject): RelatedTarget[] | undefined;
  /** Pods were made up from templates so far, because manifests show none and cron jobs have none. */
  podsAssumed(): boolean;
}

export const controllers: readonly WorkloadKind[] = [
  "replicaset",
  "deployment",
  "statefulset",
  "job",
  "cronjob",
  "rollout",
];
const controllerKinds: ReadonlyMap<string, WorkloadKind> = new Map(
  controllers.map((kind) => [workloadType(kind).kind, kind]),
);

/** No chain of built-in controllers is longer; a made-up one must not go on for ever. */
export const MAX_DEPTH = 4;

/** Finds the related objects of targets among objects that were read before, each answer worked out once. */
export function relatedObjects(
  { targets, incomplete }: ListedTargets,
  { offline }: Pick<Cluster, "offline">,
): RelatedObjects {
  const byName = new Map(targets.map((one) => [keyByKind(one.object.kind, one.object.metadata), one]));
  const children = Map.groupBy(targets, ({ object }) => controllerKey(object));
  const inNamespace = Map.groupBy(targets, objectNamespace);
  const podsIn = Map.groupBy(
    targets.filter(({ kind }) => kind === "pod"),
    objectNamespace,
  );
  const podsByLabel = new Map([...podsIn].map(([namespace, pods]) => [namespace, groupByLabel(pods)]));
  const arePodsListed = !incomplete.includes("pods");
  let assumed = false;

  /** Up the chain of controllers; undefined when a link of it may not be listed. */
  function parents(target: TargetObject): TargetObject[] | undefined {
    const found: TargetObject[] = [];
    for (let at = target; found.length < MAX_DEPTH;) {
      const owner = byName.get(controllerKey(at.object) ?? "");
      if (owner === undefined) {
        const kind = controllerReference(at.object)?.kind;
        return kind !== undefined && incomplete.includes(workloadType(kind).resource) ? undefined : found;
      }
      found.push(owner);
      at = owner;
    }
    return found;
  }

  function descendants(target: TargetObject, depth = 0): TargetObject[] {
    const own = depth >= MAX_DEPTH ? [] : (children.get(keyByKind(target.object.kind, target.object.metadata)) ?? []);
    return own.flatMap((child) => [child, ...descendants(child, depth + 1)]);
  }

  const templatePod = memoized(assumedPod);

  function assumedPods(target: TargetObject): RelatedTarget[] {
    const pod = templatePod(target);
    assumed ||= pod !== undefined;
    return pod === undefined ? [] : [pod];
  }

  const selectorOf = memoized(({ object }: TargetObject): LabelSelector | undefined => podSelector(object));

  /** The pods that a target selects, and whose they are. Manifests show none: there, those of the selected templates. */
  const selected = memoized((target: TargetObject): { pods: RelatedTarget[]; origins: TargetObject[] } => {
    const selector = selectorOf(target);
    if (selector === undefined) return { pods: [], origins: [] };
    const namespace = objectNamespace(target);
    const equal = selector.requirements.find(({ operator }) => operator === "=");
    const candidates =
      equal === undefined
        ? podsIn.get(namespace)
        : podsByLabel.get(namespace)?.get(`${equal.key}=${equal.values.join("")}`);
    const pods = (candidates ?? []).filter(({ object }) => selects(selector, object.metadata.labels ?? {}));
    if (pods.length > 0 || !offline || target.kind !== "service") {
      return { pods: pods.map(relatedTarget), origins: pods };
    }
    const origins = (inNamespace.get(namespace) ?? []).filter((member) =>
      selects(selector, templatePod(member)?.labels ?? {}),
    );
    return { pods: origins.flatMap((origin) => [...assumedPods(origin), relatedTarget(origin)]), origins };
  });

  function podsOf(target: TargetObject): RelatedTarget[] | undefined {
    if (target.kind === "pod") return [];
    if (target.kind === "cronjob") return assumedPods(target);
    if (!arePodsListed) return selectorOf(target) === undefined ? [] : undefined;
    const { pods } = selected(target);
    return pods.length > 0 || target.kind === "service" || !offline ? pods : assumedPods(target);
  }

  function ownersOf(target: TargetObject): RelatedTarget[] | undefined {
    const chains = target.kind === "service" ? selected(target).origins.map(parents) : [parents(target)];
    if (chains.includes(undefined)) return undefined;
    return [...new Set(chains.flatMap((chain) => chain ?? []))].map(relatedTarget);
  }

  return {
    behind(target) {
      const pods = podsOf(target);
      const owners = pods === undefined ? undefined : ownersOf(target);
      return pods === undefined || owners === undefined ? undefined : [...pods, ...owners];
    },
    all(target) {
      const pods = arePodsListed ? podsOf(target) : undefined;
      if (pods === undefined) return undefined;
      const reached = target.kind === "pod" ? [relatedTarget(target)] : pods;
      const services = (inNamespace.get(objectNamespace(target)) ?? []).filter((service) => {
        const selector = service.kind === "service" && service !== target ? selectorOf(service) : undefined;
        return selector !== undefined && reached.some(({ labels }) => selects(selector, labels));
      });
      const between = descendants(target).filter(({ kind }) => kind === "replicaset");
      return [...pods, ...[...between, ...services, ...(parents(target) ?? [])].map(relatedTarget)];
    },
    podsAssumed: () => assumed,
  };
}

export function controllerReference({ metadata }: KubernetesObject) {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const kind = controllerKinds.get(owner?.kind ?? "");
  return owner === undefined || kind === undefined
    ? undefined
    : { kind, name: owner.name, namespace: metadata.namespace ?? "" };
}

/** The pod that a controller would make of a workload's template: manifests show none. */
function assumedPod({ kind, object }: TargetObject): RelatedTarget | undefined {
  const template = podTemplate(object);
  if (Object.keys(template).length === 0) return undefined;
  const labels = Object.entries(objectIn(fieldsIn<V1ObjectMeta>(template.metadata).labels));
  const name = `${object.metadata.name ?? ""}-${kind === "statefulset" ? "0" : "00000"}`;
  return {
    target: { kind: "pod", name },
    labels: Object.fromEntries(labels.map(([key, value]) => [key, textIn(value)])),
  };
}

/** Works out each answer once: every service looks at every template of its namespace. */
function memoized<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, { value: Value }>();
  return (key) => {
    const before = known.get(key) ?? { value: make(key) };
    known.set(key, before);
    return before.value;
  };
}

/** A namespace may have thousands of pods and as many selectors. */
function groupByLabel(pods: readonly TargetObject[]): Map<string, TargetObject[]> {
  const index = new Map<string, TargetObject[]>();
  for (const pod of pods)
    for (const [key, value] of Object.entries(pod.object.metadata.labels ?? {})) {
      const label = `${key}=${value}`;
      const before = index.get(label);
      if (before === undefined) index.set(label, [pod]);
      else before.push(pod);
    }
  return index;
}

const objectNamespace = ({ object }: TargetObject): string => object.metadata.namespace ?? "";

export function controllerKey({ metadata }: KubernetesObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? undefined : keyByKind(owner.kind, { namespace: metadata.namespace, name: owner.name });
}

export function relatedTarget({ kind, object }: TargetObject): RelatedTarget {
  return { target: { kind, name: object.metadata.name ?? "" }, labels: object.metadata.labels ?? {} };
}
