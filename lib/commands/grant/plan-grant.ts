import type { CollectionPath } from "../../access/collection.ts";
import { intentCollections } from "../../access/collection-plan.ts";
import { decideGrant, type GrantFlags } from "../../access/grant-decision.ts";
import type { Intent, Lifetime } from "../../access/intent.ts";
import { grantObjects, type Provenance } from "../../access/objects.ts";
import { storedUids, uidsToRecord, type NamespaceUids } from "../../access/namespace-uids.ts";
import { expansionFault } from "../../access/organizations/expansion.ts";
import { isMoving } from "../../access/organizations/moving.ts";
import { isShared } from "../../access/subject.ts";
import { usageError } from "../../errors.ts";
import { outlineGrant, type GrantOutline } from "../../access/outline.ts";
import { planGrantObjects } from "../../access/plan.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { requireMembers } from "../../reading/organizations.ts";
import { readGrantFacts } from "../../reading/grant-facts.ts";
import { timestamp } from "../../text/instant.ts";
import { anchorHooks } from "./anchor-hooks.ts";
import type { Hooks } from "../../kube/apply/apply.ts";

/** For what has been judged once already: narrowing and extending ask for nothing more. */
export const lenient: GrantFlags = {
  allowSystem: true,
  dangerous: true,
  force: true,
  absentNamespaces: false,
  acceptLabelRisk: true,
  acceptWeakExpiry: true,
  mayShorten: false,
  tolerant: false,
};

export interface PlannedGrant {
  grant: GrantOutline;
  plan: Plan;
  /** Where it holds today; empty for everywhere. */
  namespaces: string[];
  warnings: string[];
  notes: string[];
  /** What a sync has to take away after the end. */
  stays: string[];
  /** RFC3339. */
  expiresAt: string | undefined;
  /** Of the namespaces that it names, as they are now. */
  uids: NamespaceUids;
  /** The collections that it names and that somebody created; the others are there by what is in them alone. */
  created: readonly CollectionPath[];
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
  options: { flags: GrantFlags; provenance: Provenance | Promise<Provenance>; lifetime?: Lifetime | undefined },
  world: Pick<World, "now">,
): Promise<PlannedGrant> {
  const { flags, lifetime } = options;
  const who = await requireMembers(cluster, intent.subject);
  // What the move does not see would be lost with the team's old name.
  if (who.moving !== undefined) throw isMoving(who.moving.name, who.moving.to);
  const grant = outlineGrant(intent, who.members);
  const now = () => world.now().getTime();
  const [provenance, facts] = await Promise.all([
    options.provenance,
    readGrantFacts(cluster, grant, { ...flags, now }),
  ]);
  const { places, stored, live, uids } = facts;
  const { limits, expiry, policies, ownRoles, warnings } = decideGrant(grant, facts, { ...flags, lifetime });
  const { end, anchorSeconds } = expiry;
  const expiresAt = end === undefined ? undefined : timestamp(end);
  const noted = {
    ...provenance,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    uids: uidsToRecord(grant.named, storedUids(stored?.binding), uids, { accept: true }),
  };
  const wanted = grantObjects(grant, noted, limits, {
    namespaces: places.namespaces,
    policies,
    ...(anchorSeconds === undefined ? {} : { anchorSeconds }),
  });
  const plan = planGrantObjects({
    wanted,
    stored: stored?.objects ?? [],
    roles: ownRoles,
    live,
    isFirst: true,
    ...(end === undefined ? {} : { expiry: { end, now: expiry.now } }),
  });
  refuseExpansion(grant, plan);
  return {
    plan,
    namespaces: places.namespaces,
    warnings: [...who.warnings, ...warnings],
    notes: expiry.notes,
    stays: expiry.stays,
    expiresAt,
    uids,
    created: intentCollections(intent).filter((path) => facts.collections?.created.has(path)),
    grant,
    hooks: { ...(end === undefined || !live ? {} : anchorHooks(expiry.now - now(), world)), finishesDeletions: true },
  };
}

/** Throws UserError "usage" for a team with more members than bindings can name. */
function refuseExpansion({ intent, members }: GrantOutline, plan: Plan): void {
  const fault = isShared(intent.subject) ? expansionFault(intent.subject, members, plan) : undefined;
  if (fault !== undefined) throw usageError(fault);
}
