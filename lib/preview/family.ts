// Through which other objects a policy may reach each of many targets: the same answer as relatedPlan gives for one of them,
// from lists that have been read already.

import type { KubernetesObject } from "../kubernetes/object.ts";
import type { RelatedTarget } from "../mirrord/plan/session-use.ts";
import { workloadType } from "../mirrord/target.ts";
import { selects, podSelector, type LabelSelector } from "../kubernetes/label-selector.ts";
import type { Listed } from "../reading/list-targets.ts";
import { assumedPod, controllerKinds, MAX_DEPTH } from "./related.ts";
import { withReferencedTemplate, templateReference } from "../mirrord/workload.ts";

export interface Family {
  /** Its pods, and what controls it or, of a service, them. Undefined when something of that may not be listed. */
  behind(listed: Listed): RelatedTarget[] | undefined;
  /** The same with services and children. */
  all(listed: Listed): RelatedTarget[] | undefined;
  /** Pods were made up from templates so far, because manifests show none and cron jobs have none. */
  podsAssumed(): boolean;
}

interface Selected {
  pods: RelatedTarget[];
  /** Whose pods they are. */
  origins: Listed[];
}

/** @param unlisted plural names of what the caller may not list */
export function familyOf(
  listed: readonly Listed[],
  { unlisted, offline }: { unlisted: readonly string[]; offline: boolean },
): Family {
  const byName = new Map(listed.map((one) => [nameKey(one.object.kind, one.object), one]));
  const children = Map.groupBy(listed, ({ object }) => controllerKey(object));
  const perNamespace = Map.groupBy(listed, namespaceOf);
  const podsPer = Map.groupBy(
    listed.filter(({ kind }) => kind === "pod"),
    namespaceOf,
  );
  const podsByLabel = new Map([...podsPer].map(([namespace, pods]) => [namespace, byLabel(pods)]));
  const servicesPer = new Map(
    [...perNamespace].map(([namespace, members]) => [namespace, members.filter(({ kind }) => kind === "service")]),
  );
  let assumed = false;

  /** Up the chain of controllers; undefined when a link of it may not be listed. */
  function parents(one: Listed): Listed[] | undefined {
    const found: Listed[] = [];
    for (let at = one; found.length < MAX_DEPTH;) {
      const owner = byName.get(controllerKey(at.object) ?? "");
      if (owner === undefined) return isUnlisted(at.object) ? undefined : found;
      found.push(owner);
      at = owner;
    }
    return found;
  }

  function isUnlisted({ metadata }: KubernetesObject): boolean {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
    const kind = controllerKinds.get(owner?.kind ?? "");
    return kind !== undefined && unlisted.includes(workloadType(kind).resource);
  }

  function descendants(one: Listed, depth = 0): Listed[] {
    const own = depth >= MAX_DEPTH ? [] : (children.get(nameKey(one.object.kind, one.object)) ?? []);
    return own.flatMap((child) => [child, ...descendants(child, depth + 1)]);
  }

  const templatePod = remembers((one: Listed) => {
    const reference = templateReference(one.object);
    const other = reference === undefined ? undefined : byName.get(nameKey(reference.kind, one.object, reference.name));
    return assumedPod(other === undefined ? one : { ...one, object: withReferencedTemplate(one.object, other.object) });
  });

  function made(one: Listed): RelatedTarget[] {
    const pod = templatePod(one);
    assumed ||= pod !== undefined;
    return pod === undefined ? [] : [pod];
  }

  const selectorOf = remembers(({ object }: Listed): LabelSelector | undefined => podSelector(object));

  const selectedBy = remembers((one: Listed): Selected => {
    const selector = selectorOf(one);
    if (selector === undefined) return { pods: [], origins: [] };
    const equal = selector.requirements.find(({ operator }) => operator === "=");
    const candidates =
      equal === undefined
        ? podsPer.get(namespaceOf(one))
        : podsByLabel.get(namespaceOf(one))?.get(`${equal.key}=${equal.values.join("")}`);
    const pods = (candidates ?? []).filter(({ object }) => selects(selector, object.metadata.labels ?? {}));
    if (pods.length > 0 || !offline || one.kind !== "service") return { pods: pods.map(relatedOf), origins: pods };
    const members = perNamespace.get(namespaceOf(one)) ?? [];
    const origins = members.filter((member) => selects(selector, templatePod(member)?.labels ?? {}));
    return { pods: origins.flatMap((origin) => [...made(origin), relatedOf(origin)]), origins };
  });

  function podsOf(one: Listed): RelatedTarget[] {
    if (one.kind === "pod") return [];
    if (one.kind === "cronjob") return made(one);
    const { pods } = selectedBy(one);
    return pods.length > 0 || one.kind === "service" || !offline ? pods : made(one);
  }

  function ownersOf(one: Listed): RelatedTarget[] | undefined {
    const chains = one.kind === "service" ? selectedBy(one).origins.map(parents) : [parents(one)];
    if (chains.includes(undefined)) return undefined;
    return [...new Set(chains.flatMap((chain) => chain ?? []))].map(relatedOf);
  }

  const arePodsListed = !unlisted.includes("pods");
  const knowsPods = ({ kind, object }: Listed) =>
    arePodsListed || kind === "pod" || kind === "cronjob" || podSelector(object) === undefined;

  return {
    behind(one) {
      const owners = knowsPods(one) ? ownersOf(one) : undefined;
      return owners === undefined ? undefined : [...podsOf(one), ...owners];
    },
    all(one) {
      if (!arePodsListed) return undefined;
      const pods = podsOf(one);
      const selected = one.kind === "pod" ? [relatedOf(one)] : pods;
      const services = (servicesPer.get(namespaceOf(one)) ?? []).filter((service) => {
        const selector = service === one ? undefined : selectorOf(service);
        return selector !== undefined && selected.some(({ labels }) => selects(selector, labels));
      });
      const between = descendants(one).filter(({ kind }) => kind === "replicaset");
      return [...pods, ...between.map(relatedOf), ...services.map(relatedOf), ...(parents(one) ?? []).map(relatedOf)];
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

/** A namespace may have thousands of pods and as many selectors. */
function byLabel(pods: readonly Listed[]): Map<string, Listed[]> {
  const index = new Map<string, Listed[]>();
  for (const pod of pods)
    for (const [key, value] of Object.entries(pod.object.metadata.labels ?? {})) {
      const label = `${key}=${value}`;
      const before = index.get(label);
      if (before === undefined) index.set(label, [pod]);
      else before.push(pod);
    }
  return index;
}

const namespaceOf = ({ object }: Listed): string => object.metadata.namespace ?? "";

function nameKey(kind: string, { metadata }: KubernetesObject, name: string = metadata.name ?? ""): string {
  return [kind, metadata.namespace ?? "", name].join("\0");
}

function controllerKey({ metadata }: KubernetesObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? undefined : [owner.kind, metadata.namespace ?? "", owner.name].join("\0");
}

function relatedOf({ kind, object }: Listed): RelatedTarget {
  return { target: { kind, name: object.metadata.name ?? "" }, labels: object.metadata.labels ?? {} };
}
