import type { World } from "../../cli/world.ts";
import type { Change, Cluster, Plan } from "../../kube/cluster.ts";
import { bounded } from "../../kube/live/bounded.ts";
import { adopted, adoption, isOwnPatch } from "../../kubernetes/adoption.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import { plan } from "../../kubernetes/plan.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { printDocument } from "../../view/output.ts";
import { printDiff } from "../plan-diff.ts";
import { manifest, printPlan } from "../show-plan.ts";
import { writePlan } from "../write-plan.ts";
import { policyType } from "./check.ts";

/** What each policy would change, foreseen from what is stored. What `policy edit` set is replaced by what the files say. */
export async function planPolicies(policies: readonly MirrordPolicy[], given: Cluster): Promise<Plan> {
  const cluster = bounded(given);
  const wanted = policies.map((policy) => {
    const type = policyType(policy);
    return { type, object: type.namespaced ? policy : withoutNamespace(policy), stage: 1 };
  });
  const stored = await Promise.all(
    wanted.map(async ({ type, object: { metadata } }) => {
      const object = await cluster.get(type, metadata.name ?? "", metadata.namespace);
      return object === undefined ? [] : [{ type, object, adopts: adoption(object, isOwnPatch) }];
    }),
  );
  const adoptions = new Map(
    stored.flat().map(({ type, object, adopts }) => [objectKey(type, object.metadata), adopts]),
  );
  const before = stored.flat().map(({ type, object, adopts }) => ({ type, object: adopted(object, adopts) }));
  return plan(before, wanted).map((change) => {
    const adopts = adoptions.get(objectKey(change.type, change.object.metadata));
    return adopts === undefined || change.action !== "update" ? change : { ...change, adopts };
  });
}

/** As the API server stores what is cluster-scoped. */
function withoutNamespace(policy: MirrordPolicy): MirrordPolicy {
  const { namespace: _cleared, ...metadata } = policy.metadata;
  return { ...policy, metadata };
}

export interface WriteOptions {
  dryRun: "none" | "client" | "server";
  diff: boolean;
  output: "table" | "json" | "yaml" | "name";
}

/**
 * Shows or carries out; resolves to the exit code. The server itself merges, by a dry run, so that what is shown is what
 * would be stored; only with `client` nothing but reads is sent, and the merge is foreseen.
 */
export async function writePolicies(
  makePlan: () => Promise<Plan>,
  cluster: Cluster,
  { dryRun, diff, output }: WriteOptions,
  world: World,
): Promise<number> {
  const { planned } = await writePlan(async () => ({ plan: await makePlan() }), cluster, {
    world,
    dryRun: diff ? "server" : dryRun,
  });
  if (diff) return await printDiff(planned.plan, world);
  if (output === "table" || output === "name") printPlan(planned.plan, { dryRun, output }, world);
  else await printDocument(policyDocument(planned.plan, dryRun), output, world);
  return 0;
}

/** One object by itself, several as a list: as they are stored, or would be; with `client` as they would be sent. */
function policyDocument(changes: Plan, dryRun: WriteOptions["dryRun"]): object {
  const shown = (change: Change) =>
    dryRun === "client" ? change.object : (change.merged ?? change.current ?? change.object);
  const list = manifest(changes.map((change) => ({ ...change, object: shown(change) })));
  const items = list.items.map(withoutManagers);
  return items.length === 1 && items[0] !== undefined ? items[0] : { ...list, items };
}

/** As kubectl prints it. */
export function withoutManagers(object: KubernetesObject): KubernetesObject {
  const { managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}
