import { guardDoubts, type Guard } from "./guard.ts";
import { listIn } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { inOrder } from "../kubernetes/plan.ts";
import { timestamp } from "../text/instant.ts";
import { ttlUntil } from "./anchor.ts";
import { grantRefusal, recordedConsent, widens, type ConsentFacts } from "./consent.ts";
import { danglingText, membershipToday, type CheckContext } from "./findings.ts";
import type { Intent } from "./intent.ts";
import { annotations } from "./names.ts";
import { madeAnew, storedUids, uidsToRecord } from "./namespace-uids.ts";
import { planDepartures, takingAway, withoutWidening } from "./narrowing.ts";
import { outlineGrant } from "./outline.ts";
import { grantObjects } from "./objects.ts";
import { planDeletion, planGrantObjects, storedProvenance } from "./plan.ts";
import { countPruning } from "./prune-guard.ts";
import { expansionFault } from "./organizations/expansion.ts";
import { boundSubjects, isRevoked, type StoredGrant } from "./stored.ts";
import { formatSubject, isShared, type RbacSubject } from "./subject.ts";

export interface SyncInput {
  grants: readonly StoredGrant[];
  contextOf(grant: StoredGrant): CheckContext;
  /** The shared ClusterRoles that are there, by name. */
  roles: ReadonlyMap<string, KubernetesObject>;
  /** Nobody could say what time it is at the server: then nothing is over, and what is to end is left as it is. */
  timeUnknown?: boolean;
  /** Namespaces that were made anew under their names get what was granted to those before them. */
  acceptAnew?: boolean;
}

/** What one grant comes to. */
export interface GrantPlan {
  grant: StoredGrant;
  isOver: boolean;
  plan: Plan;
  /** Whom its bindings are to name; undefined where it is to go, or nobody can say. */
  members?: readonly RbacSubject[];
  /** Why it is taken back although nobody revoked it. */
  dangling?: string;
  /** Why nobody can act on it; then the plan is empty, or only takes out who does not belong there any more. */
  leftAlone?: string;
  /** Why it gives nobody anything new; then the plan only takes away. */
  withheld?: string;
}

export interface SyncPlan {
  plan: Plan;
  /** The same without the grants that the guard against mass pruning looks at. */
  unpruned: Plan;
  /** Grants that nobody can act on, and why; `refused` are those of them that wait for somebody to remove a role, or to say that they are meant. */
  skipped: { id: string; why: string }[];
  refused: { id: string; why: string }[];
  /** Grants that are taken back because what they are for is gone, and why. */
  dangling: { id: string; why: string }[];
  /** Bindings of grants that are not over, and those of them that go: what the guard against mass pruning counts. */
  bindings: number;
  pruned: number;
}

/**
 * What has to change so that the cluster is what its grants say, grant by grant: missing objects come back, strangers among
 * the subjects go, grants follow the namespaces that their selectors match, and what is over or has no grant any more is
 * deleted. Nothing to do is a plan of unchanged steps.
 */
export function planGrants({
  grants,
  contextOf,
  roles,
  timeUnknown = false,
  acceptAnew = false,
}: SyncInput): GrantPlan[] {
  return grants.map((grant): GrantPlan => {
    const { intent, binding, objects } = grant;
    const context = contextOf(grant);
    const revoked = isRevoked(grant);
    const base = { grant, isOver: revoked || (!timeUnknown && isOver(grant, context.now)), plan: [] };
    if (revoked) return { ...base, plan: planDeletion(objects) };
    if (intent === undefined && binding !== undefined) {
      return { ...base, leftAlone: "its intent was changed by hand, or written by a newer version" };
    }
    if (intent === undefined || base.isOver) return { ...base, plan: planDeletion(objects) };
    const membership = membershipToday(intent, context);
    // Nobody can say whom a team that is gone would be made of, when one of its name is made again.
    if (membership.state === "absent") return { ...base, plan: planDeletion(objects), dangling: danglingText(intent) };
    if (membership.state !== "known") return { ...base, leftAlone: "you may not list organizations" };
    const { subjects: members } = membership;
    const known = { ...base, members };
    const alone = (leftAlone: string): GrantPlan => ({ ...known, plan: planDepartures(objects, members), leftAlone });
    if (timeUnknown && (intent.temporary === true || grant.expiresAt !== undefined)) {
      return alone("it is to end, and the server does not say what time it is");
    }
    // Without the containers of today the Role would come out empty, and the access would go.
    if (intent.targets.length > 0 && context.limits === undefined) {
      return alone("the containers of its targets are not known");
    }
    const standing = (those: readonly RbacSubject[]) =>
      planStanding(grant, intent, { ...context, members: those }, { roles, acceptAnew });
    const plan = standing(members);
    const large = isShared(intent.subject) ? expansionFault(intent.subject, members, plan) : undefined;
    if (large !== undefined) {
      // Nobody comes; who has gone goes.
      const bound = new Set(boundSubjects(objects).map(formatSubject));
      const staying = members.filter((subject) => bound.has(formatSubject(subject)));
      return { ...known, plan: withoutWidening(standing(staying)), withheld: large };
    }
    return { ...known, ...(acceptAnew ? { plan } : withoutAnew(plan, grant, context)) };
  });
}

/** The plans, those without what makes or widens access that `grant` would refuse with the consent that counts. */
export function withConsent(
  plans: readonly GrantPlan[],
  facts: ConsentFacts,
  { guards, unreadable }: Guard,
): GrantPlan[] {
  return plans.map((each): GrantPlan => {
    const { intent } = each.grant;
    if (intent === undefined || !each.plan.some(widens)) return each;
    const refusal = grantRefusal(outlineGrant(intent), facts, recordedConsent(intent, guards));
    if (refusal === undefined) return each;
    const doubts = guardDoubts(unreadable, "the writing of grants");
    const withheld = `${[refusal.message, ...doubts].join("; ")}; who means it grants it again, who does not revokes it`;
    return { ...each, plan: withoutWidening(each.plan), withheld };
  });
}

/** The plan of a grant without what gives anybody anything. */
export function withoutGain(each: GrantPlan): GrantPlan {
  return each.plan.some(widens) ? { ...each, plan: withoutWidening(each.plan) } : each;
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
  const withheld = plans.flatMap(({ grant: { id }, withheld: why }) => (why === undefined ? [] : [{ id, why }]));
  const acted = plans.map((each) => (refusals.has(each) ? { ...each, plan: takingAway(each.plan) } : each));
  const standing = acted.filter(({ isOver: ended }) => !ended);
  const counts = new Map(standing.map((each) => [each, countPruning(each.grant, each.plan)]));
  const total = (count: "bindings" | "pruned") => counts.values().reduce((sum, each) => sum + each[count], 0);
  const together = (some: readonly GrantPlan[]) => inOrder(withoutRepeats(some));
  const plan = together(acted);
  const isPruned = (each: GrantPlan) => (counts.get(each)?.pruned ?? 0) > 0;
  const spared = () => acted.map((each) => (isPruned(each) ? { ...each, plan: onlyDepartures(each) } : each));
  return {
    plan,
    unpruned: acted.some(isPruned) ? together(spared()) : plan,
    dangling: acted.flatMap(({ grant: { id }, dangling: why }) => (why === undefined ? [] : [{ id, why }])),
    skipped: [...left, ...refused, ...withheld],
    refused: [...refused, ...withheld],
    bindings: total("bindings"),
    pruned: total("pruned"),
  };
}

/** The first grant that is yet to end. */
export function nextEnd(grants: readonly StoredGrant[], now: number): number | undefined {
  const ends = grants.flatMap(({ expiresAt }) => (expiresAt !== undefined && expiresAt > now ? expiresAt : []));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** What no mistake about namespaces or labels does: who does not belong to a team any more goes from its bindings. */
function onlyDepartures({ grant, members }: GrantPlan): Plan {
  if (members === undefined) return [];
  return planDepartures(grant.objects, members).filter(({ object }) => listIn(object["subjects"]).length > 0);
}

/** A grant that is to end, and of which nobody can say when, ends now. */
function isOver({ intent, expiresAt }: StoredGrant, now: number): boolean {
  return expiresAt === undefined ? intent?.temporary === true : expiresAt <= now;
}

/** The plan without what would give access in a namespace that is another one than was granted. */
function withoutAnew(
  plan: Plan,
  { binding }: StoredGrant,
  { uids = {} }: CheckContext,
): Pick<GrantPlan, "plan" | "withheld"> {
  const anew = madeAnew(storedUids(binding), uids);
  const isThere = ({ object }: Change) => anew.includes(object.metadata.namespace ?? "");
  if (!plan.some((change) => isThere(change) && widens(change))) return { plan };
  const which = `${anew.length === 1 ? "namespace" : "namespaces"} ${anew.join(", ")}`;
  const withheld = `${which} was deleted and made anew since it was granted, and gets nothing without --yes`;
  return { plan: withoutWidening(plan, isThere), withheld };
}

function planStanding(
  { binding, expiresAt, objects }: StoredGrant,
  intent: Intent,
  context: CheckContext & { members: readonly RbacSubject[] },
  { roles, acceptAnew }: { roles: SyncInput["roles"]; acceptAnew: boolean },
): Plan {
  const { live, now, limits, namespaces, policies, members, uids = {} } = context;
  const grant = outlineGrant(intent, members);
  const ends = expiresAt !== undefined && live && intent.set.kind !== "all";
  const provenance = {
    ...storedProvenance(binding, timestamp(now)),
    uids: uidsToRecord(grant.named, storedUids(binding), uids, { accept: acceptAnew }),
    // As it is written there, whatever form that has.
    ...(expiresAt === undefined ? {} : { expiresAt: binding?.metadata.annotations?.[annotations.expiresAt] ?? "" }),
  };
  const wanted = grantObjects(grant, provenance, limits, {
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

/**
 * One plan of all. Shared roles are wanted by every grant and written once. An object whose label says one grant and whose name
 * another is of both: it stays where one of them wants it, and is deleted once.
 */
function withoutRepeats(plans: readonly GrantPlan[]): Plan {
  const isShort = !plans.some(({ plan }) => plan.some(({ action }) => action === "delete"));
  const wantedBy = new Map(
    (isShort ? [] : plans).flatMap((each) =>
      each.plan.flatMap((change) => (change.action === "delete" ? [] : [[key(change), each]])),
    ),
  );
  const seen = new Set<string>();
  return plans.flatMap((each) =>
    each.plan.filter((change) => {
      const isDeletion = change.action === "delete";
      if (isDeletion && (wantedBy.get(key(change)) ?? each) !== each) return false;
      if (!isDeletion && change.type.resource !== "clusterroles") return true;
      const step = `${change.action} ${key(change)}`;
      return !seen.has(step) && seen.add(step);
    }),
  );
}

const key = ({ type, object }: Change) => objectKey(type, object.metadata);
