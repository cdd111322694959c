import type { Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { inOrder } from "../kubernetes/plan.ts";
import { timestamp } from "../text/instant.ts";
import { ttlUntil } from "./anchor.ts";
import type { CheckContext } from "./findings.ts";
import type { Intent } from "./intent.ts";
import { annotations } from "./names.ts";
import { outlineGrant } from "./outline.ts";
import { grantObjects } from "./objects.ts";
import { planDeletion, planGrantObjects, storedProvenance } from "./plan.ts";
import type { StoredGrant } from "./stored.ts";

export interface SyncInput {
  grants: readonly StoredGrant[];
  contextOf(grant: StoredGrant): CheckContext;
  /** The shared ClusterRoles that are there, by name. */
  roles: ReadonlyMap<string, KubernetesObject>;
}

/** What one grant comes to. */
export interface GrantPlan {
  grant: StoredGrant;
  isOver: boolean;
  plan: Plan;
  /** Why nobody can act on it; then the plan is empty. */
  leftAlone?: string;
}

export interface SyncPlan {
  plan: Plan;
  /** Grants that nobody can act on, and why; `refused` are those of them that wait for somebody to remove a role. */
  skipped: { id: string; why: string }[];
  refused: { id: string; why: string }[];
  /** Bindings that go although no grant of theirs is over: what the guard against mass pruning counts. */
  pruned: number;
  /** Bindings that there are now. */
  bindings: number;
}

/**
 * What has to change so that the cluster is what its grants say, grant by grant: missing objects come back, strangers among
 * the subjects go, grants follow the namespaces that their selectors match, and what is over or has no grant any more is
 * deleted. Nothing to do is a plan of unchanged steps.
 */
export function planGrants({ grants, contextOf, roles }: SyncInput): GrantPlan[] {
  return grants.map((grant): GrantPlan => {
    const { intent, binding, objects } = grant;
    const context = contextOf(grant);
    const base = { grant, isOver: isOver(grant, context.now), plan: [] };
    if (intent === undefined && binding !== undefined) {
      return { ...base, leftAlone: "its intent was changed by hand, or written by a newer version" };
    }
    if (intent === undefined || base.isOver) return { ...base, plan: planDeletion(objects) };
    // Without the containers of today the Role would come out empty, and the access would go.
    if (intent.targets.length > 0 && context.limits === undefined) {
      return { ...base, leftAlone: "the containers of its targets are not known" };
    }
    return { ...base, plan: planStanding(grant, intent, context, roles) };
  });
}

/** The names of the shared ClusterRoles that these plans need, unchanged ones included. */
export function sharedRoles(plans: readonly GrantPlan[]): string[] {
  const roles = plans.flatMap(({ plan }) => plan).filter(({ type }) => type.kind === "ClusterRole");
  return [...new Set(roles.flatMap(({ object }) => object.metadata.name ?? []))];
}

/**
 * One plan of all. Grants that would bind a role of our name that somebody else made are left alone, so that they do not keep
 * the others from being restored, or ended. `foreign`: such roles by name, and why they are.
 */
export function syncPlan(plans: readonly GrantPlan[], foreign: ReadonlyMap<string, string>): SyncPlan {
  const left = plans.flatMap(({ grant: { id }, leftAlone: why }) => (why === undefined ? [] : [{ id, why }]));
  const refusals = new Map(
    plans.flatMap((each) =>
      sharedRoles([each]).flatMap((role) => (foreign.has(role) ? [[each, foreign.get(role) ?? ""]] : [])),
    ),
  );
  const refused = [...refusals].map(
    ([
      {
        grant: { id },
      },
      why,
    ]) => ({ id, why }),
  );
  const acted = plans.filter((each) => !refusals.has(each));
  const pruning = acted.filter(({ isOver: ended }) => !ended).flatMap(({ plan }) => plan);
  const bound = acted.flatMap(({ grant: { objects } }) => objects);
  return {
    plan: inOrder(withoutRepeats(acted.flatMap(({ plan }) => plan))),
    skipped: [...left, ...refused],
    refused,
    pruned: pruning.filter(({ action, object }) => action === "delete" && isBinding(object)).length,
    bindings: bound.filter(({ object }) => isBinding(object)).length,
  };
}

const isBinding = ({ kind }: KubernetesObject) => kind.endsWith("RoleBinding");

/** A grant that is to end, and of which nobody can say when, ends now. */
function isOver({ intent, expiresAt }: StoredGrant, now: number): boolean {
  return expiresAt === undefined ? intent?.temporary === true : expiresAt <= now;
}

function planStanding(
  { binding, expiresAt, objects }: StoredGrant,
  intent: Intent,
  context: CheckContext,
  roles: SyncInput["roles"],
): Plan {
  const { live, now, limits, namespaces, policies } = context;
  const ends = expiresAt !== undefined && live && intent.set.kind !== "all";
  const provenance = {
    ...storedProvenance(binding, timestamp(now)),
    // As it is written there, whatever form that has.
    ...(expiresAt === undefined ? {} : { expiresAt: binding?.metadata.annotations?.[annotations.expiresAt] ?? "" }),
  };
  const wanted = grantObjects(outlineGrant(intent), provenance, limits, {
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
