import type { Cluster, KubernetesObject } from "../../kube/cluster.ts";
import type { LintTarget } from "../../mirrord/policy-lint.ts";
import type { RelatedTarget } from "../../mirrord/session-use.ts";
import { workloadKinds, workloadType, type WorkloadKind } from "../../mirrord/target.ts";
import { labelSelectorText } from "../../preview/label-selector-text.ts";
import { assumedPod } from "../../preview/related.ts";
import { readList } from "../../preview/readable.ts";
import { containersOf } from "../../preview/workload.ts";
import { parseSelectorText } from "../../rbac/selector-text.ts";

/** Something to target, with its object. */
export interface ListedTarget extends LintTarget {
  object: KubernetesObject;
  /** Its pods and owners, as the evaluator takes them; `related` has services and children besides. */
  behind: readonly RelatedTarget[] | undefined;
}

export interface ListedTargets {
  /** By namespace, then kind and name. */
  targets: ListedTarget[];
  /** What could not be listed, as plural resource names. */
  incomplete: string[];
  /** Pods were made up from the templates, because manifests show none. */
  podsAssumed: boolean;
}

/** What mirrord itself hides: its agents and copies. Source: operator contract section 3.6. */
const TARGETS_ONLY = "app!=mirrord,!operator.metalbear.co/owner";

/** Everything that could be targeted, with what stands for the same pods. `namespace` left out: everywhere. */
export async function readTargets(cluster: Cluster, namespace: string | undefined): Promise<ListedTargets> {
  const scope = namespace === undefined ? {} : { namespace };
  const lists = await Promise.all(
    workloadKinds.map(async (kind) => ({
      kind,
      read: await readList(cluster, workloadType(kind), { ...scope, labelSelector: TARGETS_ONLY }),
    })),
  );
  const incomplete = lists.filter(({ read }) => read.forbidden).map(({ kind }) => workloadType(kind).resource);
  const objects = lists.flatMap(({ kind, read }) =>
    read.forbidden ? [] : (read.value ?? []).map((object): Listed => ({ kind, object })),
  );
  const family = familyOf(objects, !incomplete.includes("pods"), cluster.offline);
  const targets = objects.map((listed): ListedTarget => {
    const { kind, object } = listed;
    const { name = "", namespace: place = "", labels = {} } = object.metadata;
    const given = { target: { kind, name }, namespace: place, labels, object, behind: family.behind(listed) };
    // A matrix of thousands of targets needs neither; what is asked for once is asked for again.
    let containers: string[] | undefined;
    let related: { known: RelatedTarget[] | undefined } | undefined;
    return {
      ...given,
      get containers() {
        return (containers ??= containersOf(object));
      },
      get related() {
        return (related ??= { known: family.all(listed) }).known;
      },
    };
  });
  return { targets: targets.toSorted(byPlace), incomplete: incomplete.toSorted(), podsAssumed: family.podsAssumed() };
}

interface Listed {
  kind: WorkloadKind;
  object: KubernetesObject;
}

function byPlace(one: ListedTarget, other: ListedTarget): number {
  const key = ({ namespace, target }: ListedTarget) => [namespace, target.kind, target.name].join("\0");
  const [first, second] = [key(one), key(other)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

interface Family {
  behind(listed: Listed): RelatedTarget[] | undefined;
  all(listed: Listed): RelatedTarget[] | undefined;
  podsAssumed(): boolean;
}

// No chain of built-in controllers is longer; a made-up one must not go on for ever.
const MAX_DEPTH = 4;

/** Who controls whom, and which services select which pods. */
function familyOf(objects: readonly Listed[], podsKnown: boolean, offline: boolean): Family {
  const byName = new Map(objects.map((listed) => [nameKey(listed.object.kind, listed.object), listed]));
  const children = new Map<string, Listed[]>();
  const perNamespace = Map.groupBy(objects, ({ object }) => object.metadata.namespace ?? "");
  for (const listed of objects) {
    const owner = controllerKey(listed.object);
    if (owner !== undefined) children.set(owner, [...(children.get(owner) ?? []), listed]);
  }
  let assumed = false;
  const parents = (listed: Listed): Listed[] => {
    const found: Listed[] = [];
    for (let at = listed; found.length < MAX_DEPTH;) {
      const owner = byName.get(controllerKey(at.object) ?? "");
      if (owner === undefined) return found;
      found.push(owner);
      at = owner;
    }
    return found;
  };
  const descendants = (listed: Listed, depth = 0): Listed[] => {
    const own = depth >= MAX_DEPTH ? [] : (children.get(nameKey(listed.object.kind, listed.object)) ?? []);
    return own.flatMap((child) => [child, ...descendants(child, depth + 1)]);
  };
  const servicesOf = new Map<string, { service: Listed; matches: (labels: Record<string, string>) => boolean }[]>();
  for (const [namespace, members] of perNamespace) servicesOf.set(namespace, members.flatMap(serviceSelector));
  const templatePod = remembers(assumedPod);
  const made = (listed: Listed): RelatedTarget[] => {
    const pod = templatePod(listed);
    assumed ||= pod !== undefined;
    return pod === undefined ? [] : [pod];
  };
  /** What a service selects, and the workloads behind that: a policy on them may reach it. */
  const selectedBy = remembers((service: Listed): { pods: RelatedTarget[]; owners: Listed[] } => {
    const members = perNamespace.get(service.object.metadata.namespace ?? "") ?? [];
    const [selector] = serviceSelector(service);
    if (selector === undefined) return { pods: [], owners: [] };
    const pods = members.filter(({ kind, object }) => kind === "pod" && selector.matches(object.metadata.labels ?? {}));
    if (pods.length > 0 || !offline) return { pods: pods.map(relatedOf), owners: [...new Set(pods.flatMap(parents))] };
    const templates = members.filter((one) => selector.matches(templatePod(one)?.labels ?? {}));
    return {
      pods: templates.flatMap(made),
      owners: [...new Set(templates.flatMap((one) => [one, ...parents(one)]))],
    };
  });
  const podsOf = (listed: Listed): RelatedTarget[] => {
    if (listed.kind === "pod") return [];
    if (listed.kind === "service") return selectedBy(listed).pods;
    const pods = descendants(listed).filter(({ kind }) => kind === "pod");
    return pods.length > 0 || !offline ? pods.map(relatedOf) : made(listed);
  };
  const ownersOf = (listed: Listed): Listed[] =>
    listed.kind === "service" ? selectedBy(listed).owners : parents(listed);
  return {
    behind: (listed) => (podsKnown ? [...podsOf(listed), ...ownersOf(listed).map(relatedOf)] : undefined),
    all(listed) {
      if (!podsKnown) return undefined;
      const pods = podsOf(listed);
      const selected = listed.kind === "pod" ? [relatedOf(listed)] : pods;
      const services = (servicesOf.get(listed.object.metadata.namespace ?? "") ?? []).filter(
        ({ service, matches }) => service !== listed && selected.some(({ labels }) => matches(labels)),
      );
      const between = descendants(listed).filter(({ kind }) => kind === "replicaset");
      return [
        ...pods,
        ...between.map(relatedOf),
        ...services.map(({ service }) => relatedOf(service)),
        ...parents(listed).map(relatedOf),
      ];
    },
    podsAssumed: () => assumed,
  };
}

/** Each is worked out once: every service looks at every template of its namespace. */
function remembers<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, { value: Value }>();
  return (key) => {
    const before = known.get(key) ?? { value: make(key) };
    known.set(key, before);
    return before.value;
  };
}

function nameKey(kind: string, { metadata }: KubernetesObject): string {
  return [kind, metadata.namespace ?? "", metadata.name ?? ""].join("\0");
}

function controllerKey({ metadata }: KubernetesObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? undefined : [owner.kind, metadata.namespace ?? "", owner.name].join("\0");
}

function relatedOf({ kind, object }: Listed): RelatedTarget {
  return { target: { kind, name: object.metadata.name ?? "" }, labels: object.metadata.labels ?? {} };
}

function serviceSelector(service: Listed): { service: Listed; matches: (labels: Record<string, string>) => boolean }[] {
  const text = service.kind === "service" ? labelSelectorText(service.object) : undefined;
  if (text === undefined) return [];
  try {
    return [{ service, matches: parseSelectorText(text).matches }];
  } catch {
    return []; // A manifest may hold labels that no server would take.
  }
}
