import { UserError } from "../errors.ts";
import type { AccessAttributes, Answer } from "../kubernetes/access.ts";
import { toQuestion } from "../rbac/decide/question.ts";
import { ruleAllows } from "../rbac/decide/rule-match.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import { timestamp } from "../text/instant.ts";
import { roleRules } from "../rbac/decode.ts";
import { MAX_GRANT_SECONDS, ttlUntil } from "./anchor.ts";
import type { Lifetime } from "./intent.ts";
import { accessModel } from "./names.ts";
import type { GrantOutline } from "./outline.ts";
import type { Lookup } from "./places.ts";
import type { StoredGrant } from "./stored.ts";

/**
 * How long a grant lasts, from `--for` in milliseconds or `--until`; undefined without either. Throws UserError "usage" for
 * a time that is over, and for more than a year. `now` is in milliseconds since 1970.
 */
export function parseLifetime(
  { for: milliseconds, until }: { for: number | undefined; until: Date | undefined },
  now: number,
): Lifetime | undefined {
  if (milliseconds === undefined && until === undefined) return undefined;
  const left = milliseconds ?? (until?.getTime() ?? 0) - now;
  if (left < 1000) {
    throw new UserError(
      "usage",
      until === undefined ? "a grant of no time at all gives nothing" : `${until.toISOString()} is over already`,
      "Say how long from now: --for 8h, or until when: --until 2026-12-31T18:00:00Z.",
    );
  }
  if (left > MAX_GRANT_SECONDS * 1000) {
    throw new UserError(
      "usage",
      "a grant that ends may last 366 days at most",
      "Leave --for and --until out for a permanent grant.",
    );
  }
  return until === undefined ? { for: left } : { until: until.getTime() };
}

/** What the cluster shows about the end of a new grant. */
export interface ExpirySeen {
  /** Milliseconds since 1970, by this machine's clock. */
  now: number;
  /** Milliseconds that the server's clock is ahead of this machine's; undefined: nobody could say. */
  clockSkew: number | undefined;
  /** Something in the cluster runs `grant sync`. */
  syncRuns: boolean;
  /** The answers to expiryQuestions; undefined where the access model guards the anchors. */
  defeats: readonly Answer[] | undefined;
}

/** When a new grant ends. */
export interface GrantExpiry {
  /** Milliseconds since 1970, in whole seconds; undefined for a permanent grant. */
  end: number | undefined;
  /** Milliseconds since 1970, by the clock that counts: the server's, where there is one. */
  now: number;
  /** What the Jobs that end it count; undefined where there are none. */
  anchorSeconds: number | undefined;
  warnings: string[];
  notes: string[];
}

export interface ExpiryFlags {
  acceptWeakExpiry: boolean;
  /** A grant that is there already may end earlier than it does now. */
  mayShorten: boolean;
}

/**
 * When and how a grant ends, and what has to be said about it. Throws UserError "usage" for an end that nothing enforces, or
 * that the subject could undo, unless that was accepted.
 */
export function grantExpiry(
  grant: GrantOutline,
  facts: {
    lifetime: Lifetime | undefined;
    live: boolean;
    namespaces: readonly string[];
    /** The ClusterRoles that the grant binds and does not bring. */
    neededRoles: ReadonlyMap<string, Lookup>;
    stored: StoredGrant | undefined;
    policies: boolean;
    expiry: ExpirySeen;
  },
  flags: ExpiryFlags,
): GrantExpiry {
  const { lifetime, live, namespaces, stored, expiry: seen } = facts;
  const { temporary, set } = grant.intent;
  const permanent = { end: undefined, now: seen.now, anchorSeconds: undefined, warnings: [], notes: [] };
  if (temporary !== true || lifetime === undefined) return permanent;
  if (!live || set.kind === "all") {
    if (live && !seen.syncRuns) throw cannotEnd();
    const { end, notes } = laterEnd(lifetimeEnd(lifetime, seen.now), stored, flags);
    const text = `Files carry only when it ends (${timestamp(end)}); kubectl mirrord grant sync enforces it in a cluster.`;
    return { ...permanent, end, notes: live ? notes : [...notes, text] };
  }
  const clock = serverClock(seen);
  const weakness = expiryWeakness(namespaces, seen.defeats, facts.neededRoles);
  const warnings = [...clock.warnings, ...weaknessWarnings(weakness, grant, flags.acceptWeakExpiry)];
  const { end, notes } = laterEnd(lifetimeEnd(lifetime, clock.now), stored, flags);
  const anchorSeconds = ttlUntil(end, clock.now);
  const stays = staysNote(end, grant, facts.policies);
  return { end, now: clock.now, anchorSeconds, warnings, notes: [...notes, stays] };
}

function cannotEnd(): UserError {
  return new UserError(
    "usage",
    "a grant in all namespaces cannot end by itself: nothing in a namespace can own a cluster-wide binding",
    `Have a CronJob with the label ${accessModel.syncLabel} run: kubectl mirrord grant sync -y. Or name the namespaces.`,
  );
}

/** The end in milliseconds since 1970, in whole seconds, and never later than was wanted. */
function lifetimeEnd(lifetime: Lifetime, now: number): number {
  const end = "for" in lifetime ? now + lifetime.for : lifetime.until;
  return Math.floor(end / 1000) * 1000;
}

/** A repeat of a grant never shortens it. */
function laterEnd(
  end: number,
  stored: StoredGrant | undefined,
  { mayShorten }: ExpiryFlags,
): { end: number; notes: string[] } {
  const before = stored?.expiresAt;
  if (before === undefined || mayShorten || before <= end || stored?.intent === undefined) return { end, notes: [] };
  const text = `The grant lasts until ${timestamp(before)} already, which is later; to end it earlier: kubectl mirrord grant extend ${stored.id} --until TIME`;
  return { end: before, notes: [text] };
}

const CLOCK_TOLERANCE_MILLISECONDS = 30_000;

/** The time by the server's clock, and a warning where this machine's clock is far from it. A small difference is none. */
export function serverClock({ now, clockSkew }: Pick<ExpirySeen, "now" | "clockSkew">): {
  now: number;
  warnings: string[];
} {
  if (clockSkew === undefined)
    return { now, warnings: ["you may not make jobs there: the end is counted by this machine's clock"] };
  if (Math.abs(clockSkew) <= CLOCK_TOLERANCE_MILLISECONDS) return { now, warnings: [] };
  const seconds = Math.round(Math.abs(clockSkew) / 1000);
  const text = `this machine's clock is ${seconds} seconds ${clockSkew > 0 ? "behind" : "ahead of"} the server's: the server's counts`;
  return { now: now + clockSkew, warnings: [text] };
}

/** What defeats an anchor: a later end, its orphaning, another owner for what it owns. Seen with the role `edit`. */
const defeats: readonly Omit<Extract<AccessAttributes, { resource: string }>, "namespace">[] = [
  ...["patch", "update", "delete", "deletecollection"].map((verb) => ({ verb, apiGroup: "batch", resource: "jobs" })),
  ...["patch", "update"].map((verb) => ({ verb, apiGroup: RBAC_GROUP, resource: "rolebindings" })),
];

/** What to ask about a subject to find out whether it could undo the end of its own access in these namespaces. */
export function expiryQuestions(namespaces: readonly string[]): (AccessAttributes & { namespace: string })[] {
  return namespaces.flatMap((namespace) => defeats.map((defeat) => ({ ...defeat, namespace })));
}

export interface Weakness {
  /** The subject can undo the expiry there. */
  namespaces: string[];
  /** It could not be asked there. */
  unknown: string[];
}

/**
 * Where the subject could undo the end of its own access: with the rights that it has (`answers`, to expiryQuestions of the same
 * namespaces; undefined: the access model guards the anchors), or with those of the ClusterRoles that a new grant binds.
 */
export function expiryWeakness(
  namespaces: readonly string[],
  answers: readonly Answer[] | undefined,
  roles: ReadonlyMap<string, Lookup> = new Map(),
): Weakness {
  if (answers === undefined) return { namespaces: [], unknown: [] };
  const rules = [...roles.values()].flatMap((role) => (typeof role === "string" ? [] : roleRules(role)));
  const weak = new Set<string>();
  const unknown = new Set<string>();
  for (const [index, question] of expiryQuestions(namespaces).entries()) {
    const answer = answers[index] ?? "unknown";
    if (answer === "yes" || rules.some((rule) => ruleAllows(rule, toQuestion(question)))) weak.add(question.namespace);
    else if (answer === "unknown") unknown.add(question.namespace);
  }
  return { namespaces: [...weak], unknown: [...unknown].filter((namespace) => !weak.has(namespace)) };
}

function weaknessWarnings(
  { namespaces, unknown }: Weakness,
  { subjectText: who }: GrantOutline,
  accepted: boolean,
): string[] {
  const doubt = `it could not be asked whether ${who} may change jobs or rolebindings in ${unknown.join(", ")}, and so keep the access`;
  const warnings = unknown.length === 0 ? [] : [doubt];
  if (namespaces.length === 0) return warnings;
  const text = `EXPIRY NOT ENFORCED: ${who} may change jobs or rolebindings in ${namespaces.join(", ")}, and so keep the access for ever`;
  if (accepted) return [...warnings, text];
  throw new UserError("usage", text, "Take these rights away, or add --accept-weak-expiry.");
}

/** What stays after the end until somebody runs a sync: no anchor can own a cluster-wide binding. */
function staysNote(end: number, { intent: { role, reads } }: GrantOutline, policies: boolean): string {
  const parts = [
    "reading the operator's status",
    ...(role === "view" || role === "minimal" ? [] : ["watching events"]),
    ...(role === "view" ? [] : ["creating credentials"]),
    ...(policies && reads && role !== "view" ? ["listing cluster-wide policies"] : []),
  ];
  return `At ${timestamp(end)} the access ends by itself. The cluster-wide part (${parts.join(", ")}) stays until the next: kubectl mirrord grant sync`;
}
