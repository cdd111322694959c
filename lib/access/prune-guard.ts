import { listIn } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { outlineGrant } from "./outline.ts";
import type { StoredGrant } from "./stored.ts";

/**
 * The bindings that a grant has, and those of them that a plan deletes or leaves to nobody: what a mistake about namespaces or labels would cost.
 * Objects under the grant's label that are no part of any grant do not count: anybody may make them.
 */
export function countPruning({ intent, objects }: StoredGrant, plan: Plan): { bindings: number; pruned: number } {
  if (intent === undefined) return { bindings: 0, pruned: 0 };
  const { name, roles } = outlineGrant(intent);
  const suffixes = ["", ...[roles.clusterWide, roles.policyReads, roles.namespaced].flat().map(([suffix]) => suffix)];
  const names = new Set(suffixes.map((suffix) => `${name}${suffix}`));
  const counts = ({ kind, metadata }: KubernetesObject) =>
    kind.endsWith("RoleBinding") && names.has(metadata.name ?? "") && metadata.deletionTimestamp === undefined;
  return {
    bindings: objects.filter(({ object }) => counts(object)).length,
    pruned: plan.filter((change) => counts(change.object) && (change.action === "delete" || isEmptied(change))).length,
  };
}

/** A team that was emptied by mistake costs as much as namespaces that went. */
function isEmptied({ action, object, current }: Change): boolean {
  return action === "update" && listIn(current?.["subjects"]).length > 0 && listIn(object["subjects"]).length === 0;
}

/** Fewer bindings than this may go in any case. */
const FEW = 5;
const SHARE = 0.3;

/**
 * Whether so much would be pruned that it is rather a mistake: a wrong folder, a wrong cluster, labels of namespaces that
 * somebody removed by accident.
 */
export function isMassPruning({ pruned, bindings }: { pruned: number; bindings: number }): boolean {
  if (pruned === 0) return false;
  return pruned === bindings || (pruned > FEW && pruned > bindings * SHARE);
}
