import { copyRefusal } from "./copy-refusal.ts";
import { currentTime } from "../reading/current-time.ts";
import type { Cluster, ReviewMethod } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import type { Action } from "../mirrord/plan/session-plan.ts";
import { workloadKinds, workloadType, type Target, type WorkloadKind } from "../mirrord/target.ts";
import type { Version } from "../mirrord/plan/client-age.ts";
import { relatedObjects } from "../reading/related-objects.ts";
import { groupFinder } from "../rbac/decide/group-finder.ts";
import { otherIdentity, ownIdentity, type AskedIdentity, type Identity } from "./identity.ts";
import { podFinder, slimPod } from "../reading/target-pods.ts";
import { isTarget, readTargets, TARGETS_ONLY, type ListedTargets, type TargetObject } from "../reading/targets.ts";
import { targetAnswers, targetRows, type TargetAnswers, type Shared } from "./target-answers.ts";
import { readOperator } from "../reading/operator.ts";
import { isForbidden, isNotFound } from "../kubernetes/api-error.ts";
import { readsAsGiven } from "./policies.ts";
import { questions } from "./questions.ts";
import { isServed, readObject } from "../reading/read.ts";
import { readAllRbac, readRbac } from "../reading/rbac-objects.ts";
import { readPolicies } from "../reading/policies.ts";
import { knownOperator } from "./resolve.ts";
import { allObjects } from "../kubernetes/object-list.ts";

/** What one identity may do with every target. */
export interface Matrix {
  identity: Identity;
  /** By namespace, then kind and name. */
  rows: TargetAnswers[];
  /** What could not be listed, as plural resource names: there may be more targets. */
  incomplete: string[];
  assumptions: string[];
}

export interface MatrixOptions {
  /** Left out: every namespace. */
  namespace?: string;
  actions: readonly Action[];
  as?: AskedIdentity;
  via?: ReviewMethod;
  clientVersion?: Version;
  /** Left out: yes. */
  policies?: boolean;
  now: Date;
  /** Told how many targets have been answered. */
  onProgress?: (targets: number) => void;
}

/** As many targets as are asked about at once: their answers come while the next page of targets is read. */
const BATCH = 250;

/**
 * Previews every action on every target that mirrord would list, page by page. What all targets have in common is read
 * and asked only once.
 */
export async function previewMatrix(cluster: Cluster, options: MatrixOptions): Promise<Matrix> {
  const { namespace, as, via } = options;
  const identity = as === undefined ? undefined : otherIdentity(as);
  const [operator, who, policies, rbac] = await Promise.all([
    readOperator(cluster),
    identity ?? ownIdentity(cluster),
    options.policies === false ? { policies: [], unreadable: [] } : readPolicies(cluster, namespace),
    identity?.groupsKnown === false
      ? namespace === undefined
        ? readAllRbac(cluster)
        : readRbac(cluster, [namespace])
      : undefined,
  ]);
  const listed = Promise.withResolvers<ListedTargets>();
  const shared: Shared = {
    operator,
    policies,
    identity: who,
    asker: questions(cluster, identity?.user, via),
    // Read by now, the operator has told the time.
    options: { ...options, now: currentTime(cluster, options.now) },
    offline: cluster.offline,
    groups: groupFinder(rbac),
    findPods: podFinder(listed.promise, cluster),
    copyRefusal: copyRefusal(cluster),
  };
  const rows: TargetAnswers[] = [];
  const add = (more: readonly TargetAnswers[]) => {
    rows.push(...more);
    options.onProgress?.(rows.length);
  };
  const isInherited = policies.policies.length > 0 && !readsAsGiven(knownOperator(operator).version);
  const [missed, targetless] = await Promise.all([
    isInherited ? addRelated(cluster, shared, listed.resolve, add) : addKinds(cluster, shared, listed.resolve, add),
    addTargetless(cluster, shared, add),
  ]);
  return {
    identity: who,
    rows: rows.toSorted(byPlace),
    incomplete: [...missed.incomplete, ...targetless].toSorted(),
    assumptions: [
      ...(operator.state === "installed" && operator.assumption !== undefined ? [operator.assumption] : []),
      ...(missed.podsAssumed ? ["the pods behind targets are as the templates say"] : []),
    ],
  };
}

type Add = (rows: readonly TargetAnswers[]) => void;
/** Told what was listed, as soon as it is known which pods are behind the targets. */
type Listed = (targets: ListedTargets) => void;

interface Missed {
  /** Plural names of what may not be listed. */
  incomplete: string[];
  podsAssumed: boolean;
}

/** Where policies may reach a target through its other objects, all are read before the first is answered. */
async function addRelated(cluster: Cluster, shared: Shared, found: Listed, add: Add): Promise<Missed> {
  const listed = await readTargets(cluster, shared.options.namespace);
  found(listed);
  const related = relatedObjects(listed, cluster);
  const { targets, incomplete } = listed;
  for (let start = 0; start < targets.length; start += BATCH)
    add(await targetRows(targets.slice(start, start + BATCH), { ...shared, relatedObjects: related }));
  return { incomplete, podsAssumed: related.podsAssumed() };
}

async function addKinds(cluster: Cluster, shared: Shared, found: Listed, add: Add): Promise<Missed> {
  if (cluster.offline) found(await readTargets(cluster, shared.options.namespace));
  const missed = await Promise.all(
    workloadKinds.map(async (kind) => {
      const pods: TargetObject[] = [];
      const keep = (objects: readonly TargetObject[]) =>
        pods.push(...objects.map(({ object }) => ({ kind, object: slimPod(object) })));
      const incomplete = addKind(cluster, kind, shared, kind === "pod" ? keep : () => {}, add);
      if (kind === "pod") found({ targets: pods, incomplete: await incomplete.catch(() => ["pods"]) });
      return incomplete;
    }),
  );
  return { incomplete: missed.flat(), podsAssumed: false };
}

/** Resolves to the resource when it may not be listed. */
async function addKind(
  cluster: Cluster,
  kind: WorkloadKind,
  shared: Shared,
  keep: (objects: readonly TargetObject[]) => void,
  add: Add,
): Promise<string[]> {
  const { namespace } = shared.options;
  const type = workloadType(kind);
  const scope = namespace === undefined ? {} : { namespace };
  const batches: Promise<void>[] = [];
  let batch: TargetObject[] = [];
  const answer = () => {
    const targets = batch;
    batch = [];
    keep(targets);
    batches.push(targetRows(targets, shared).then(add));
  };
  try {
    for await (const object of cluster.list(type, { ...scope, labelSelector: TARGETS_ONLY })) {
      if (isTarget(object)) batch.push({ kind, object });
      if (batch.length >= BATCH) answer();
    }
  } catch (error) {
    // Nobody has argo's rollouts without the CRD.
    if (isNotFound(error)) return [];
    if (!isForbidden(error)) throw error;
    return (await isServed(cluster, type)) ? [type.resource] : [];
  } finally {
    answer();
    await Promise.all(batches);
  }
  return [];
}

async function addTargetless(cluster: Cluster, shared: Shared, add: Add): Promise<string[]> {
  const { namespace, actions } = shared.options;
  if (!actions.includes("targetless")) return [];
  const target: Target = { kind: "targetless" };
  if (namespace !== undefined) {
    const read = await readObject(cluster, nativeResources.namespaces, namespace);
    const namespaceMissing = !read.failed && read.value === undefined;
    add([await targetAnswers(target, undefined, namespace, { ...shared, namespaceMissing })]);
    return [];
  }
  try {
    const names = (await allObjects(cluster.list(nativeResources.namespaces))).map(({ metadata }) => metadata.name);
    add(await Promise.all(names.map((name = "") => targetAnswers(target, undefined, name, shared))));
    return [];
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [nativeResources.namespaces.resource];
  }
}

function byPlace(a: TargetAnswers, b: TargetAnswers): number {
  return a.namespace === b.namespace ? compare(placeIn(a), placeIn(b)) : compare(a.namespace, b.namespace);
}

// Kinds in mirrord's order; a targetless session first.
function placeIn({ target }: TargetAnswers): string {
  const kind = target.kind === "targetless" || target.kind === "label" ? -1 : workloadKinds.indexOf(target.kind);
  return `${String.fromCharCode(0x62 + kind)}${"name" in target ? target.name : ""}`;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
