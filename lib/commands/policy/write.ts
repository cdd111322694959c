import { isDeepStrictEqual } from "node:util";
import type { World } from "../../cli/world.ts";
import { apply } from "../../kube/apply/apply.ts";
import { bounded } from "../../kube/live/bounded.ts";
import type { Change, Cluster, Plan } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectIn } from "../../json.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { printDocument } from "../../view/output.ts";
import { manifest, planDiff, planLines, planNames } from "../show-plan.ts";
import { typeOf } from "./check.ts";

/** A change with what the server would make of it. */
interface Planned extends Change {
  /** The object as the server would store it, defaults and fields of other managers included. */
  merged: KubernetesObject;
}

/**
 * What each policy would change. The server itself merges, by a dry run, so that fields which an earlier version of the file
 * had and this one has not are seen as removed. Throws what a refused write throws; nothing has been written then.
 * @param isClientOnly nothing but reads is sent, and the merge is a guess
 */
export async function planFor(
  policies: readonly MirrordPolicy[],
  given: Cluster,
  isClientOnly: boolean,
): Promise<Planned[]> {
  const cluster = bounded(given);
  return await Promise.all(
    policies.map(async (policy): Promise<Planned> => {
      const type = typeOf(policy);
      const { name = "", namespace } = policy.metadata;
      const current = await cluster.get(type, name, namespace);
      const merged = isClientOnly ? mergedHere(current, policy) : await cluster.apply(type, policy, { dryRun: true });
      const base = { type, object: policy, merged, stage: 1 };
      if (current === undefined) return { action: "create", ...base };
      return { action: isSame(current, merged) ? "unchanged" : "update", ...base, current };
    }),
  );
}

function mergedHere(current: KubernetesObject | undefined, policy: MirrordPolicy): KubernetesObject {
  if (current === undefined) return policy;
  const spec = { ...objectIn(current["spec"]), ...objectIn(policy["spec"]) };
  return { ...current, ...policy, metadata: { ...current.metadata, ...policy.metadata }, spec };
}

function isSame(one: KubernetesObject, other: KubernetesObject): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}

/** Without what the server counts and notes by itself. */
function comparable(object: KubernetesObject): unknown {
  const {
    managedFields: _f,
    resourceVersion: _v,
    generation: _g,
    creationTimestamp: _c,
    uid: _u,
    ...metadata
  } = object.metadata;
  return { ...object, metadata };
}

/** The difference; no lines when there is none. */
export function diffLines(changes: readonly Planned[]): string[] {
  return planDiff(changes.map(({ merged, ...change }) => ({ ...change, object: merged })));
}

export interface WriteOptions {
  dryRun: "none" | "client" | "server";
  diff: boolean;
  output: "table" | "json" | "yaml" | "name";
}

/** Shows or carries out; resolves to the exit code. */
export async function writePolicies(
  changes: readonly Planned[],
  cluster: Cluster,
  options: WriteOptions,
  world: World,
): Promise<number> {
  if (options.diff) {
    const lines = diffLines(changes);
    world.print(lines);
    return lines.length === 0 ? 0 : 1;
  }
  const plan: Plan = changes.map(({ merged: _merged, ...change }) => change);
  if (options.dryRun === "none") {
    const progress = world.progress("Writing the policies");
    const onProgress = (done: number, total: number) => progress.update(`wrote ${done} of ${total}`);
    await apply(plan, cluster, { signal: world.signal, onProgress }).finally(() => progress.end());
  }
  await showWritten(changes, options, world);
  return 0;
}

async function showWritten(changes: readonly Planned[], { dryRun, output }: WriteOptions, world: World): Promise<void> {
  const plan: Plan = changes.map(({ merged, ...change }) => ({
    ...change,
    object: dryRun === "client" ? change.object : merged,
  }));
  if (output === "table") world.print(planLines(plan, dryRun));
  else if (output === "name") world.print(planNames(plan));
  else await printDocument(documentOf(plan), output, world);
}

/** One object by itself, several as a list. */
function documentOf(plan: Plan): object {
  const list = manifest(plan);
  const items = list.items.map(withoutManagers);
  return items.length === 1 && items[0] !== undefined ? items[0] : { ...list, items };
}

/** As kubectl prints it. */
export function withoutManagers(object: KubernetesObject): KubernetesObject {
  const { managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}
