import { UserError, usageError } from "../errors.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { qualifiedName } from "../kubernetes/names.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { mirrordResources } from "./resources.ts";
import { typeWords, unknownKind } from "./unknown-kind.ts";

/** What a session runs in the shoes of. Source: target path grammar, operator contract section 6. */
export type Target = WorkloadTarget | LabelTarget | { kind: "targetless" };

export interface WorkloadTarget {
  kind: WorkloadKind;
  name: string;
  /** Only what the user wrote: the client puts a container into names only then. */
  container?: string;
}

export interface LabelTarget {
  kind: "label";
  /** `key=value` pairs; they travel in the request, never in a name. */
  labels: Record<string, string>;
  container?: string;
}

/** The client's own word for each kind, with the API type that it reads. */
const workloadTypes = {
  deployment: nativeResources.deployments,
  pod: nativeResources.pods,
  statefulset: nativeResources.statefulSets,
  rollout: mirrordResources.rollouts,
  job: nativeResources.jobs,
  cronjob: nativeResources.cronJobs,
  service: nativeResources.services,
  replicaset: nativeResources.replicaSets,
} as const satisfies Record<string, ResourceType>;

export type WorkloadKind = keyof typeof workloadTypes;

export const workloadKinds: readonly WorkloadKind[] = [
  "deployment",
  "pod",
  "statefulset",
  "rollout",
  "job",
  "cronjob",
  "service",
  "replicaset",
];

/**
 * Of these the client looks for a pod that is ready before it connects, and does not go on without one; a deployment it copies
 * then. Source: operator contract section 0.
 */
export const kindsBehindPods: ReadonlySet<WorkloadKind> = new Set(["statefulset", "replicaset", "rollout", "service"]);

/** The API type of a workload kind. */
export function workloadType(kind: WorkloadKind): ResourceType {
  return workloadTypes[kind];
}

const kindsByWord = new Map<string, WorkloadKind>(
  workloadKinds.flatMap((kind) => typeWords(workloadType(kind)).map((word) => [word, kind] as const)),
);

/** The kind that a word names: `deploy`, `deployments` and `Deployment` are deployments. */
export function workloadKind(word: string): WorkloadKind | undefined {
  return kindsByWord.get(word.toLowerCase());
}

/** As `parseTarget`; undefined for a text that is no target. */
export function targetIn(text: string): Target | undefined {
  try {
    return parseTarget(text);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/**
 * Reads `deployment/web`, `deploy/web/container/app`, `label/app=web,tier=fe`, `targetless`; kubectl's short names
 * work too. Throws UserError "usage" for anything else: an unknown kind, an impossible name, a path with more parts.
 * Source: operator contract section 6 (label values may hold `/`: its container is split off at the last `/container/`).
 */
export function parseTarget(text: string): Target {
  if (text === "targetless") return { kind: "targetless" };
  const slash = text.indexOf("/");
  const word = slash < 0 ? text : text.slice(0, slash);
  if (word === "label") return parseLabelTarget(text, slash < 0 ? "" : text.slice(slash + 1));
  const kind = workloadKind(word);
  if (kind === undefined) throw unknownKind(word, text, { kinds: kindsByWord, hint: targetHint });
  if (slash < 0) throw usageError(`target ${JSON.stringify(text)} has no name`, `Write ${kind}/NAME.`);
  const [name = "", separator, container, ...rest] = text.slice(slash + 1).split("/");
  const containerGiven = separator !== undefined;
  if (rest.length > 0 || (containerGiven && (separator !== "container" || container === undefined))) {
    throw usageError(`cannot read target ${JSON.stringify(text)}`, targetHint);
  }
  checkName(name, text);
  if (container === undefined) return { kind, name };
  checkName(container, text);
  return { kind, name, container };
}

const targetHint = `A target is ${workloadKinds.join("|")}/NAME[/container/NAME], label/KEY=VALUE[,KEY=VALUE] or targetless.`;

// Object names are DNS subdomains (RFC 1123): anything else cannot exist, and would only make a confusing request.
const possibleName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function checkName(name: string, text: string): void {
  if (name.length > 253 || !possibleName.test(name)) {
    throw usageError(
      `${JSON.stringify(name)} in target ${JSON.stringify(text)} cannot be the name of a Kubernetes object`,
      "Names are lower-case letters, digits, '-' and '.', at most 253 characters.",
    );
  }
}

const possibleValue = /^[-A-Za-z0-9_./]*$/;

function parseLabelTarget(text: string, rest: string): LabelTarget {
  const at = rest.lastIndexOf("/container/");
  const selector = at < 0 ? rest : rest.slice(0, at);
  const container = at < 0 ? undefined : rest.slice(at + "/container/".length);
  const labels = new Map<string, string>();
  for (const pair of selector.split(",")) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw usageError(`cannot read target ${JSON.stringify(text)}`, targetHint);
    const key = pair.slice(0, equals);
    const value = pair.slice(equals + 1);
    // As text of a selector `app!=web` and `app==web` would mean something else than they say.
    if (qualifiedName(key).length > 0 || !possibleValue.test(value))
      throw usageError(`${JSON.stringify(pair)} in target ${JSON.stringify(text)} is no label`, targetHint);
    if (labels.has(key))
      throw usageError(`label ${JSON.stringify(key)} is named twice in ${JSON.stringify(text)}`, targetHint);
    labels.set(key, value);
  }
  if (container !== undefined) checkName(container, text);
  // The client writes them sorted, and so do policy paths.
  const sorted = [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const target: LabelTarget = { kind: "label", labels: Object.fromEntries(sorted) };
  return container === undefined ? target : { ...target, container };
}

/** `deployment/web/container/app`: how targets are written in output and in commands to paste. */
export function formatTarget(target: Target): string {
  const container =
    target.kind === "targetless" || target.container === undefined ? "" : `/container/${target.container}`;
  if (target.kind === "targetless") return "targetless";
  if (target.kind === "label") return `label/${labelSelector(target)}${container}`;
  return `${target.kind}/${target.name}${container}`;
}

/** The selector of a label target, as it goes into `labelSelector`. */
export function labelSelector(target: LabelTarget): string {
  return Object.entries(target.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/**
 * The resource name of `proxy targets/NAME` that clients since 3.118.1 use.
 * Source: operator contract section 3.3 (client.rs `target_connect_url`).
 */
export function connectName(target: Target): string {
  return urlName(target, "deployment");
}

/**
 * The name that older clients connect with, and that copy targets and `mirrord preview` use still: `deploy.` for
 * deployments, otherwise the same. Source: operator contract section 3.3 (crd.rs `urlfied_name`).
 */
export function legacyName(target: Target): string {
  return urlName(target, "deploy");
}

function urlName(target: Target, deploymentWord: string): string {
  if (target.kind === "targetless" || target.kind === "label") return target.kind;
  const word = target.kind === "deployment" ? deploymentWord : target.kind;
  return `${word}.${dottedName(target.name, target.container)}`;
}

/** `web.container.main`: a workload's name, with its container where one is named, as it stands in the name of a connection. */
export function dottedName(name: string, container: string | undefined): string {
  return container === undefined ? name : `${name}.container.${container}`;
}

/**
 * Names may hold dots: deployment `web.container.x`, and container `x` of deployment `web`, are one name to the API server.
 * The other names of workloads that could be meant by the target's. Source: operator contract section 3.3.
 */
export function namesakes({ name, container }: WorkloadTarget, containers: readonly string[]): string[] {
  const [, shorter] = /^(.+)\.container\.[^.]+$/.exec(name) ?? [];
  const longer = (container === undefined ? containers : [container]).map((each) => dottedName(name, each));
  return [...longer, ...(shorter === undefined ? [] : [shorter])];
}

/** The path that policies are compared with: `deploy/web`. Source: operator contract section 7 (selection). */
export function policyPath(target: Target): string {
  const path = formatTarget(target);
  return target.kind === "deployment" ? path.replace(/^deployment\//, "deploy/") : path;
}

/**
 * Every resource name that some client uses to connect to a workload: bare and with each container, in both
 * spellings, sorted. `resourceNames` match exactly, so a role that limits a connection must list them all.
 * A target that names a container gives only the spellings with that container.
 */
export function connectionSpellings(target: WorkloadTarget, containers: readonly string[]): string[] {
  const variants: WorkloadTarget[] =
    target.container === undefined ? [target, ...containers.map((container) => ({ ...target, container }))] : [target];
  return [...new Set(variants.flatMap((variant) => [connectName(variant), legacyName(variant)]))].toSorted();
}
