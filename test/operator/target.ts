import { isObject, textMap } from "./json.ts";

// The operator's own words for targets. Sources: mirrord crd.rs (url names), config target.rs (object keys).

export const workloadKinds = [
  "deployment",
  "pod",
  "rollout",
  "statefulset",
  "job",
  "cronjob",
  "service",
  "replicaset",
] as const;

export type WorkloadKind = (typeof workloadKinds)[number];

export interface Workload {
  kind: WorkloadKind;
  name: string;
  container?: string;
}

export interface LabelTarget {
  kind: "label";
  labels: Record<string, string>;
  container?: string;
}

export type Target = Workload | LabelTarget | { kind: "targetless" };

interface KindFacts {
  /** Words before the first dot of a URL name; the first is how a target is listed. */
  words: readonly [string, ...string[]];
  /** Key in `spec.target`. */
  key: string;
  /** Word in policy paths. */
  policyWord: string;
  group: string;
  version: string;
  resource: string;
}

const kinds: Record<WorkloadKind, KindFacts> = {
  deployment: {
    words: ["deploy", "deployment"],
    key: "deployment",
    policyWord: "deploy",
    group: "apps",
    version: "v1",
    resource: "deployments",
  },
  pod: plain("pod", "pod", "", "v1", "pods"),
  rollout: plain("rollout", "rollout", "argoproj.io", "v1alpha1", "rollouts"),
  statefulset: plain("statefulset", "stateful_set", "apps", "v1", "statefulsets"),
  job: plain("job", "job", "batch", "v1", "jobs"),
  cronjob: plain("cronjob", "cron_job", "batch", "v1", "cronjobs"),
  service: plain("service", "service", "", "v1", "services"),
  replicaset: plain("replicaset", "replica_set", "apps", "v1", "replicasets"),
};

function plain(word: string, key: string, group: string, version: string, resource: string): KindFacts {
  return { words: [word], key, policyWord: word, group, version, resource };
}

export function kindFacts(kind: WorkloadKind): KindFacts {
  return kinds[kind];
}

const kindOfWord = new Map<string, WorkloadKind>(
  workloadKinds.flatMap((kind) => kinds[kind].words.map((word) => [word, kind] as const)),
);

/**
 * Reads `deployment.web`, `deploy.web.container.app`, `targetless`; undefined for other names, and for `label`, whose
 * labels are not in the name. Object names may hold dots, container names may not.
 */
export function targetOfUrlName(urlName: string): Target | undefined {
  if (urlName === "targetless") return { kind: "targetless" };
  const [, word = "", name = "", container] = /^([^.]+)\.(.+?)(?:\.container\.([^.]+))?$/.exec(urlName) ?? [];
  const kind = kindOfWord.get(word);
  if (kind === undefined) return undefined;
  return container === undefined ? { kind, name } : { kind, name, container };
}

/** Reads `spec.target`: `{"deployment": "web", "container": null}`, `{"labels": …}`, null; undefined for the rest. */
export function targetOfSpec(spec: unknown): Target | undefined {
  if (spec === null || spec === "targetless") return { kind: "targetless" };
  if (!isObject(spec)) return undefined;
  const container = typeof spec["container"] === "string" ? { container: spec["container"] } : {};
  if (isObject(spec["labels"])) {
    const labels = textMap(spec["labels"]);
    return Object.keys(labels).length === 0 ? undefined : { kind: "label", labels, ...container };
  }
  for (const kind of workloadKinds) {
    const name = spec[kinds[kind].key];
    if (typeof name === "string" && name !== "") return { kind, name, ...container };
  }
  return undefined;
}

/** `spec.target` of a Target or CopyTarget. `container` is null when unset, and absent on label targets. */
export function specOfTarget(target: Target): unknown {
  if (target.kind === "targetless") return null;
  if (target.kind === "label") {
    const { labels, container } = target;
    return container === undefined ? { labels } : { labels, container };
  }
  return { [kinds[target.kind].key]: target.name, container: target.container ?? null };
}

/** `deployment/web/container/app`: how sessions show their target. */
export function displayTarget(target: Target): string {
  return path(target, (kind) => kind);
}

/** `deploy/web/container/app`: what a policy's `targetPath` is compared with. */
export function policyPath(target: Target): string {
  return path(target, (kind) => kinds[kind].policyWord);
}

function path(target: Target, wordOf: (kind: WorkloadKind) => string): string {
  if (target.kind === "targetless") return "targetless";
  const container = target.container === undefined ? "" : `/container/${target.container}`;
  if (target.kind === "label") return `label/${labelSelector(target.labels)}${container}`;
  return `${wordOf(target.kind)}/${target.name}${container}`;
}

export function labelSelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
