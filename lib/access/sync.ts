import type { Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { inOrder } from "../kubernetes/plan.ts";
import { timestamp } from "../text/instant.ts";
import { ttlUntil } from "./anchor.ts";
import type { CheckContext } from "./findings.ts";
import { annotations } from "./names.ts";
import { outlineGrant } from "./outline.ts";
import { grantObjects, type Provenance } from "./objects.ts";
import { planDeletion, planGrantObjects } from "./plan.ts";
import type { StoredGrant } from "./stored.ts";

export interface SyncInput {
  grants: readonly StoredGrant[];
  contextOf(grant: StoredGrant): CheckContext;
  /** The shared ClusterRoles that are there, by name. */
  roles: ReadonlyMap<string, KubernetesObject>;
}

export interface SyncPlan {
  plan: Plan;
  /** Grants that nobody can act on, and why. */
  skipped: { id: string; why: string }[];
  /** Bindings that go although no grant of theirs is over: what the guard against mass pruning counts. */
  pruned: number;
  /** Bindings that there are now. */
  bindings: number;
}

/**
 * Everything that has to change so that the cluster is what its grants say: missing objects come back, strangers among the
 * subjects go, grants follow the namespaces that their selectors match, and what is over or has no grant any more is
 * deleted. Pure; nothing to do is a plan of unchanged steps.
 */
export function planSync({ grants, contextOf, roles }: SyncInput): SyncPlan {
  const skipped: SyncPlan["skipped"] = [];
  const plan: Plan = [];
  let pruned = 0;
  for (const grant of grants) {
    if (grant.intent === undefined && grant.binding !== undefined) {
      skipped.push({ id: grant.id, why: "its intent was changed by hand, or written by a newer version" });
      continue;
    }
    const context = contextOf(grant);
    const over = isOver(grant, context.now);
    // Without the containers of today the Role would come out empty, and the access would go.
    if (!over && grant.intent !== undefined && grant.intent.targets.length > 0 && context.limits === undefined) {
      skipped.push({ id: grant.id, why: "the containers of its targets are not known" });
      continue;
    }
    const changes = over || grant.intent === undefined ? planDeletion(grant.objects) : planOne(grant, context, roles);
    if (!over) pruned += changes.filter((change) => change.action === "delete" && isBinding(change.object)).length;
    plan.push(...changes);
  }
  const bindings = grants.flatMap(({ objects }) => objects).filter(({ object }) => isBinding(object)).length;
  return { plan: inOrder(withoutRepeats(plan)), skipped, pruned, bindings };
}

const isBinding = ({ kind }: KubernetesObject) => kind.endsWith("RoleBinding");

/** A grant that is to end, and of which nobody can say when, ends now. */
function isOver({ intent, expiresAt }: StoredGrant, now: number): boolean {
  return expiresAt === undefined ? intent?.temporary === true : expiresAt <= now;
}

function planOne(grant: StoredGrant, context: CheckContext, roles: SyncInput["roles"]): Plan {
  const { intent, binding, expiresAt, objects } = grant;
  if (intent === undefined) return [];
  const { live, now, limits, namespaces, policies } = context;
  const ends = expiresAt !== undefined && live && intent.set.kind !== "all";
  const wanted = grantObjects(outlineGrant(intent), provenanceOf(binding, expiresAt), limits, {
    policies,
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(ends ? { anchorSeconds: ttlUntil(expiresAt, now) } : {}),
  });
  return planGrantObjects({
    wanted,
    stored: objects,
    roles,
    live,
    revert: true,
    ...(ends ? { expiry: { end: expiresAt, now } } : {}),
  });
}

function provenanceOf(binding: KubernetesObject | undefined, expiresAt: number | undefined): Provenance {
  const notes = binding?.metadata.annotations ?? {};
  const reason = notes[annotations.reason];
  return {
    grantedBy: notes[annotations.grantedBy] ?? "",
    grantedAt: notes[annotations.grantedAt] ?? "",
    ...(reason === undefined ? {} : { reason }),
    ...(expiresAt === undefined ? {} : { expiresAt: notes[annotations.expiresAt] ?? timestamp(expiresAt) }),
  };
}

/** Shared roles are wanted by every grant and written once. */
function withoutRepeats(plan: Plan): Plan {
  const seen = new Set<string>();
  return plan.filter(({ type, object }) => {
    if (type.resource !== "clusterroles") return true;
    const name = object.metadata.name ?? "";
    return !seen.has(name) && seen.add(name);
  });
}

/** Fewer bindings than this may go in any case. */
const FEW = 5;
const SHARE = 0.3;

/**
 * Whether so much would be pruned that it is rather a mistake: a wrong folder, a wrong cluster, grants that somebody
 * deleted by accident. Grants that are over do not count.
 */
export function isMassPruning({ pruned, bindings }: Pick<SyncPlan, "pruned" | "bindings">): boolean {
  if (pruned === 0) return false;
  return pruned === bindings || (pruned > FEW && pruned > bindings * SHARE);
}
