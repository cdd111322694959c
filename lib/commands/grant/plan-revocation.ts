import { outlineGrant } from "../../access/outline.ts";
import { isCovered } from "../../access/consent.ts";
import { exemptedAttributes, type Intent } from "../../access/intent.ts";
import { madeAnew, storedUids } from "../../access/namespace-uids.ts";
import { planDeletion, storedProvenance } from "../../access/plan.ts";
import { boundSubjects, isRevoked, type StoredGrant, type StoredObject } from "../../access/stored.ts";
import type { PrivilegedAttribute } from "../../access/privileged-options.ts";
import { isShared, type RbacSubject } from "../../access/subject.ts";
import type { World } from "../../cli/world.ts";
import { UserError, usageError } from "../../errors.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { timestamp } from "../../text/instant.ts";
import { inOrder } from "../../kubernetes/plan.ts";
import { lenient, planGrant } from "./plan-grant.ts";
import { findRefusal } from "./find-refusal.ts";
import type { Hooks } from "../../kube/apply/apply.ts";

/** Of one grant. Groups come first. */
const MOST_PROVEN = 50;

/** Whoever takes access away in one namespace says nothing about what is made in others. */
const noConsent = { dangerous: false, allowSystem: false };

/** What a grant gave until now, and where. */
export interface RevokedAccess {
  subject: RbacSubject;
  /** Undefined for a grant that held everywhere. */
  namespaces: string[] | undefined;
  /** What it was limited to; empty: no limit. */
  targets: string[];
  /** It was for looking at sessions. */
  lists: boolean;
  /** It was an exemption from the secure defaults. */
  exempted?: readonly PrivilegedAttribute[];
}

export interface PlannedRevocation {
  plan: Plan;
  hooks: Hooks;
  /** Whether there was anything to take back. */
  isFound: boolean;
  /** What nobody should have afterwards. */
  revoked: RevokedAccess[];
  /** So many members of teams had it, too: asking about each would take too long. */
  unproven: number;
  /** Grants that go on in other namespaces: as what they give is their identity, by another id. */
  narrowed: { from: string; to: string; namespaces: string[] }[];
}

/**
 * Deletes whole grants, and narrows those that hold elsewhere too: the narrower grant is made before the old one goes. A
 * narrowed grant ends when the old one would have.
 * @param withdrawn goes whole, wherever it holds
 * @param madeEnd when the grant of this id ends, in milliseconds since 1970, if an earlier attempt of the same command has made it:
 * by now it may have to end earlier
 */
export async function planRevocation(
  cluster: Cluster,
  chosen: readonly StoredGrant[],
  namespaces: readonly string[],
  world: Pick<World, "now">,
  {
    withdrawn = [],
    madeEnd = () => undefined,
  }: { withdrawn?: readonly StoredGrant[]; madeEnd?: (id: string) => number | undefined } = {},
): Promise<PlannedRevocation> {
  const rests: { plan: Plan; hooks: Hooks }[] = [];
  const narrowed: PlannedRevocation["narrowed"] = [];
  for (const grant of chosen) {
    const rest = narrower(grant, namespaces);
    if (rest === undefined) continue;
    const { expiresAt } = grant;
    const lifetime = expiresAt === undefined ? undefined : { until: expiresAt };
    const provenance = storedProvenance(grant.binding, world.now().toISOString());
    const { id } = outlineGrant(rest);
    const flags = { ...lenient, mayShorten: madeEnd(id) ?? false };
    const planned = await planGrant(cluster, rest, { flags, provenance, lifetime }, world);
    const stored = grant.objects.map(({ object }) => object);
    const [anew] = madeAnew(storedUids(grant.binding), planned.uids);
    const refusal = isCovered(planned.plan, stored)
      ? undefined
      : anew === undefined
        ? await findRefusal(cluster, { intent: rest, plan: planned.plan }, noConsent)
        : usageError(`namespace ${anew} was deleted and made anew since`);
    if (refusal !== undefined) throw refuseRest(grant.id, refusal);
    rests.push(planned);
    narrowed.push({ from: grant.id, to: id, namespaces: planned.namespaces });
  }
  // In files nothing can be half gone.
  const revokedAt = cluster.offline ? undefined : timestamp(cluster.serverTime?.() ?? world.now().getTime());
  const revoked = chosen.map((grant) => revokedAccess(grant, namespaces));
  return {
    isFound: chosen.length > 0,
    unproven: revoked.reduce((sum, each) => sum + Math.max(each.length - MOST_PROVEN, 0), 0),
    plan: inOrder([
      ...rests.flatMap(({ plan }) => plan),
      ...planDeletion(
        distinct([
          ...chosen.flatMap((grant) => deletedObjects(grant, namespaces)),
          ...withdrawn.flatMap(({ objects }) => objects),
        ]),
        revokedAt,
        new Map(narrowed.map(({ from, to }) => [from, to])),
      ),
    ]),
    hooks: { ...rests.find(({ hooks }) => hooks.prepare !== undefined)?.hooks, finishesDeletions: true },
    revoked: revoked.flatMap((each) => each.slice(0, MOST_PROVEN)),
    narrowed,
  };
}

function refuseRest(id: string, { message }: UserError): UserError {
  return usageError(
    `what would be left of grant ${id} gives more than is there, and ${message}`,
    "Revoke it whole by its id, and grant what should stay.",
  );
}

/** Nothing is left of a grant that somebody has begun to take back: what was to go on was made before. */
function narrower(grant: StoredGrant, namespaces: readonly string[]): Intent | undefined {
  const { intent, id } = grant;
  if (intent === undefined || namespaces.length === 0 || isRevoked(grant)) return undefined;
  const { set } = intent;
  if (set.kind === "all" || set.selectors !== undefined) {
    throw usageError(
      `grant ${id} holds ${set.kind === "all" ? "in all namespaces" : "wherever labels match"} and cannot be taken back in one`,
      "Revoke it whole by its id, and grant what should stay.",
    );
  }
  const rest = set.namespaces.filter((namespace) => !namespaces.includes(namespace));
  return rest.length === 0 ? undefined : { ...intent, set: { kind: "namespaces", namespaces: rest } };
}

/** Everything of a grant; of one that cannot be read, only what is in the namespaces that were named. */
function deletedObjects(
  { intent, objects }: Pick<StoredGrant, "intent" | "objects">,
  namespaces: readonly string[],
): StoredObject[] {
  if (intent !== undefined || namespaces.length === 0) return [...objects];
  return objects.filter(({ object }) => namespaces.includes(object.metadata.namespace ?? ""));
}

/** A label and a name may say two grants. */
function distinct(objects: readonly StoredObject[]): StoredObject[] {
  return [
    ...new Map(objects.map((stored) => [keyByKind(stored.object.kind, stored.object.metadata), stored])).values(),
  ];
}

/**
 * What was true before, cut down to the namespaces that were revoked. A grant whose intent cannot be read gave it to whomever
 * its bindings name.
 */
function revokedAccess({ intent, objects }: StoredGrant, namespaces: readonly string[]): RevokedAccess[] {
  const bound = objects.flatMap(({ object }) => object.metadata.namespace ?? []);
  if (intent === undefined) {
    const held = deletedObjects({ intent, objects }, namespaces);
    const spaces = held.flatMap(({ object }) => object.metadata.namespace ?? []);
    const places = spaces.length === 0 ? undefined : [...new Set(spaces)].toSorted();
    return boundSubjects(held).map((subject) => ({ subject, namespaces: places, targets: [], lists: true }));
  }
  const { subject, set, targets, role } = intent;
  const exempted = exemptedAttributes(role);
  const what = { targets, lists: role === "view", ...(exempted === undefined ? {} : { exempted }) };
  const held = [...new Set([...(set.kind === "all" ? [] : set.namespaces), ...bound])].toSorted();
  const places = namespaces.length === 0 ? held : held.filter((each) => namespaces.includes(each));
  const members = isShared(subject) ? boundSubjects(objects) : [subject];
  return members.map((member) => ({ ...what, subject: member, namespaces: set.kind === "all" ? undefined : places }));
}

/** Grants that are over. Throws UserError "undetermined" when the server does not say what time it is. */
export function expiredGrants(grants: readonly StoredGrant[], now: number | undefined): StoredGrant[] {
  if (now === undefined) {
    const text = "the server does not say what time it is, so nobody can say which grants have ended";
    throw new UserError("undetermined", text, "Does something in between take the Date header off its answers?");
  }
  return grants.filter(({ intent, expiresAt }) => intent !== undefined && expiresAt !== undefined && expiresAt <= now);
}
