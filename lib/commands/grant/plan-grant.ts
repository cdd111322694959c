import { anchorJob, ttlUntil } from "../../access/anchor.ts";
import { accessModel } from "../../access/names.ts";
import { grantId, type Intent, type Lifetime } from "../../access/intent.ts";
import { grantObjects, type Provenance } from "../../access/objects.ts";
import { planGrantObjects } from "../../access/plan.ts";
import { bindsPolicyReads, type StoredGrant } from "../../access/stored.ts";
import type { World } from "../../cli/world.ts";
import { timestamp } from "../../text/instant.ts";
import type { ApplyOptions } from "../../kube/apply/apply.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { UserError } from "../../errors.ts";
import { statusOf } from "../../kubernetes/api-status.ts";
import { checkRoles } from "./check-roles.ts";
import {
  anchorHooks,
  anchorsAreGuarded,
  endOf,
  judgeWeakness,
  serverClock,
  staysNote,
  syncIsInstalled,
  weakExpiry,
  type Clock,
} from "./expiry.ts";
import { foreignRole, foreignRoles } from "./foreign-roles.ts";
import { labelRisk } from "./label-risk.ts";
import { readLimits, voidLimits } from "./limits.ts";
import { placesOf } from "./places.ts";
import { readPolicyServed } from "../../reading/policy-reads.ts";
import { readGrants, readOwnRoles } from "../../reading/grants.ts";

export interface PlanFlags {
  allowSystem: boolean;
  dangerous: boolean;
  /** Targets that are not there are warnings. */
  force: boolean;
  acceptLabelRisk: boolean;
  acceptWeakExpiry: boolean;
  /** A grant that is there already may end earlier than it does now. */
  mayShorten: boolean;
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

export type Hooks = Pick<ApplyOptions, "prepare" | "settled">;

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
 * What has to change so that the intent is true. Throws before anything is written when something it refers to is missing,
 * or needs a flag.
 */
export async function planGrant(
  cluster: Cluster,
  intent: Intent,
  options: { flags: PlanFlags; provenance: Provenance | Promise<Provenance>; lifetime?: Lifetime | undefined },
  world: Pick<World, "now">,
): Promise<PlannedGrant> {
  const { flags, lifetime } = options;
  const unreadable = new Set<string>();
  const forgive = flags.tolerant ? (type: ResourceType) => void unreadable.add(type.resource) : undefined;
  const [provenance, places, roles, [stored], ownRoles, served] = await Promise.all([
    options.provenance,
    placesOf(cluster, intent, flags),
    checkRoles(cluster, intent, flags.dangerous),
    readGrants(cluster, { id: grantId(intent), ...(forgive === undefined ? {} : { unreadable: forgive }) }),
    readOwnRoles(cluster, forgive),
    readPolicyServed(cluster),
  ]);
  const { namespaces, selected } = places;
  const policies = served || bindsPolicyReads(stored);
  const selectors = intent.set.kind === "all" ? [] : (intent.set.selectors ?? []);
  const [limited, risks, voided, expiry] = await Promise.all([
    readLimits(cluster, intent, { namespaces, selected, force: flags.force }),
    labelRisk(cluster, selectors, { namespaces: selected, accepted: flags.acceptLabelRisk }),
    voidLimits(cluster, intent, namespaces),
    planExpiry(cluster, { intent, namespaces, roles: roles.found, lifetime, flags, stored, policies }, world),
  ]);
  const lasting = intent.temporary === true ? await permanentTwin(cluster, intent, forgive) : [];
  const none = namespaces.length === 0 && selectors.length > 0;
  const live = !cluster.offline;
  const wanted = grantObjects(
    intent,
    { ...provenance, ...(expiry.end === undefined ? {} : { expiresAt: timestamp(expiry.end) }) },
    limited.limits,
    { namespaces, policies, ...expiry.anchors },
  );
  const plan = planGrantObjects({
    wanted,
    stored: stored?.objects ?? [],
    roles: ownRoles,
    live,
    ...(expiry.end === undefined ? {} : { expiry: { end: expiry.end, now: expiry.now } }),
  });
  const [foreign] = await foreignRoles(cluster, plan, ownRoles);
  if (foreign !== undefined) throw foreignRole(foreign);
  return {
    plan,
    namespaces,
    warnings: [
      ...[...unreadable].map((resource) => `you may not list ${resource}: what is there already is not compared`),
      ...places.warnings,
      ...roles.warnings,
      ...limited.warnings,
      ...voided,
      ...risks,
      ...(none ? ["no namespace matches today: sync grants access in those that will"] : []),
      ...expiry.warnings,
      ...lasting,
    ],
    notes: expiry.notes,
    expiresAt: expiry.end === undefined ? undefined : timestamp(expiry.end),
    hooks: expiry.end === undefined || !live ? {} : anchorHooks(expiry.now - world.now().getTime(), world),
  };
}

/** The same thing granted for good goes on after the end. */
async function permanentTwin(
  cluster: Cluster,
  { temporary: _ends, ...permanent }: Intent,
  unreadable: ((type: ResourceType) => void) | undefined,
): Promise<string[]> {
  const id = grantId(permanent);
  const [twin] = await readGrants(cluster, { id, ...(unreadable === undefined ? {} : { unreadable }) });
  return twin?.intent === undefined
    ? []
    : [`the same is granted for good by grant ${id}: the access does not end unless that is revoked`];
}

interface PlannedExpiry {
  /** Milliseconds since 1970; undefined for a permanent grant. */
  end: number | undefined;
  now: number;
  anchors: { anchorSeconds?: number };
  warnings: string[];
  notes: string[];
}

async function planExpiry(
  cluster: Cluster,
  options: {
    intent: Intent;
    namespaces: readonly string[];
    roles: readonly KubernetesObject[];
    lifetime: Lifetime | undefined;
    flags: PlanFlags;
    stored: StoredGrant | undefined;
    policies: boolean;
  },
  world: Pick<World, "now">,
): Promise<PlannedExpiry> {
  const { intent, namespaces, lifetime, flags, stored } = options;
  const here = world.now().getTime();
  const permanent = { end: undefined, now: here, anchors: {}, warnings: [], notes: [] };
  if (intent.temporary !== true || lifetime === undefined) return permanent;
  if (cluster.offline) {
    const end = laterEnd(endOf(lifetime, here), stored, flags);
    const text = `Files carry only when it ends (${timestamp(end.end)}); kubectl mirrord grant sync enforces it in a cluster.`;
    return { ...permanent, end: end.end, notes: [...end.notes, text] };
  }
  if (intent.set.kind === "all") {
    if (!(await syncIsInstalled(cluster))) throw unendable();
    return { ...permanent, ...laterEnd(endOf(lifetime, here), stored, flags) };
  }
  const [clock, guarded] = await Promise.all([clockOf(cluster, namespaces, flags, world), anchorsAreGuarded(cluster)]);
  const weakness = guarded
    ? { namespaces: [], unknown: [] }
    : await weakExpiry(cluster, intent, namespaces, options.roles);
  const warnings = [...clock.warnings, ...judgeWeakness(weakness, intent, flags.acceptWeakExpiry)];
  const now = world.now().getTime() + clock.skew;
  const { end, notes } = laterEnd(endOf(lifetime, now), stored, flags);
  return {
    end,
    now,
    anchors: { anchorSeconds: ttlUntil(end, now) },
    warnings,
    notes: [...notes, staysNote(end, intent, options.policies)],
  };
}

async function clockOf(
  cluster: Cluster,
  namespaces: readonly string[],
  { tolerant }: PlanFlags,
  world: Pick<World, "now">,
): Promise<Clock> {
  const [namespace] = namespaces;
  if (namespace === undefined) return { skew: 0, warnings: [] };
  const anchor = anchorJob({ slug: "clock", namespace, labels: {}, ttlSeconds: 1 });
  try {
    return await serverClock(cluster, anchor, world);
  } catch (error) {
    if (!tolerant || statusOf(error) === undefined) throw error;
    return { skew: 0, warnings: ["you may not make jobs there: the end is counted by this machine's clock"] };
  }
}

function unendable(): UserError {
  return new UserError(
    "usage",
    "a grant in all namespaces cannot end by itself: nothing in a namespace can own a cluster-wide binding",
    `Have a CronJob with the label ${accessModel.syncLabel} run: kubectl mirrord grant sync -y. Or name the namespaces.`,
  );
}

/** A repeat never shortens. */
function laterEnd(
  end: number,
  stored: StoredGrant | undefined,
  { mayShorten }: PlanFlags,
): { end: number; notes: string[] } {
  const before = stored?.expiresAt;
  if (before === undefined || mayShorten || before <= end || stored?.intent === undefined) return { end, notes: [] };
  const text = `The grant lasts until ${timestamp(before)} already, which is later; to end it earlier: kubectl mirrord grant extend ${stored.id} --until TIME`;
  return { end: before, notes: [text] };
}
