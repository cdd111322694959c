import { ttlUntil } from "../../access/anchor.ts";
import { refuseForeign } from "../../access/check-roles.ts";
import { decideGrant, type GrantFlags } from "../../access/grant-decision.ts";
import type { Intent, Lifetime } from "../../access/intent.ts";
import { grantObjects, type Provenance } from "../../access/objects.ts";
import { planGrantObjects } from "../../access/plan.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { readGrantFacts } from "../../reading/grant-facts.ts";
import { timestamp } from "../../text/instant.ts";
import { anchorHooks } from "./anchor-hooks.ts";
import type { Hooks } from "../../kube/apply/apply.ts";

export interface PlanFlags extends GrantFlags {
  /** Lists that the caller may not read are warnings: for a manifest that somebody else applies. */
  tolerant: boolean;
}

/** For what has been judged once already: narrowing and extending ask for nothing more. */
export const lenient: PlanFlags = {
  allowSystem: true,
  dangerous: true,
  force: true,
  acceptLabelRisk: true,
  acceptWeakExpiry: true,
  mayShorten: false,
  tolerant: false,
};

export interface PlannedGrant {
  plan: Plan;
  /** Where it holds today; empty for everywhere. */
  namespaces: string[];
  warnings: string[];
  notes: string[];
  /** RFC3339. */
  expiresAt: string | undefined;
  /** What apply needs to make anchors. */
  hooks: Hooks;
}

/**
 * What has to change so that the intent is true: reads, decides, and makes the objects. Throws before anything is written when
 * something it refers to is missing, or needs a flag.
 */
export async function planGrant(
  cluster: Cluster,
  intent: Intent,
  options: { flags: PlanFlags; provenance: Provenance | Promise<Provenance>; lifetime?: Lifetime | undefined },
  world: Pick<World, "now">,
): Promise<PlannedGrant> {
  const { flags, lifetime } = options;
  const now = () => world.now().getTime();
  const [provenance, facts] = await Promise.all([
    options.provenance,
    readGrantFacts(cluster, intent, { ...flags, now }),
  ]);
  const { places, sharedRoles, stored, live } = facts;
  const { limits, expiry, policies, warnings } = decideGrant(intent, facts, { ...flags, lifetime });
  const { end } = expiry;
  const expiresAt = end === undefined ? undefined : timestamp(end);
  const wanted = grantObjects(intent, { ...provenance, ...(expiresAt === undefined ? {} : { expiresAt }) }, limits, {
    namespaces: places.namespaces,
    policies,
    ...(end === undefined || !expiry.anchored ? {} : { anchorSeconds: ttlUntil(end, expiry.now) }),
  });
  const shared = wanted.filter(({ part }) => part === "role");
  refuseForeign(shared.flatMap(({ object }) => sharedRoles.get(object.metadata.name ?? "") ?? []));
  const plan = planGrantObjects({
    wanted,
    stored: stored?.objects ?? [],
    roles: sharedRoles,
    live,
    ...(end === undefined ? {} : { expiry: { end, now: expiry.now } }),
  });
  return {
    plan,
    namespaces: places.namespaces,
    warnings,
    notes: expiry.notes,
    expiresAt,
    hooks: end === undefined || !live ? {} : anchorHooks(expiry.now - now(), world),
  };
}
