import { shellCommand } from "../text/shell-quote.ts";
import { usageError } from "../errors.ts";
import { timestamp } from "../text/instant.ts";
import { MAX_GRANT_SECONDS, ttlUntil } from "./anchor.ts";
import { expiryWeakness, type DefeatSeen, type Weakness } from "./defeat.ts";
import { guardDoubts } from "./guard.ts";
import { exemptedAttributes, type Lifetime } from "./intent.ts";
import type { GrantOutline } from "./outline.ts";
import type { Lookup } from "./places.ts";
import type { StoredGrant } from "./stored.ts";
import type { SyncJob } from "./sync-job.ts";

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
    throw usageError(
      until === undefined ? "a grant of no time at all gives nothing" : `${until.toISOString()} has passed already`,
      "Say how long from now: --for 8h, or until when: --until 2026-12-31T18:00:00Z.",
    );
  }
  if (left > MAX_GRANT_SECONDS * 1000) {
    throw usageError(
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
  /** What runs `grant sync` in the cluster; read for a grant everywhere. */
  sync: SyncJob | undefined;
  /** Who could undo the end; undefined where the access model guards the anchors. */
  defeat: DefeatSeen | undefined;
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
  /** What a sync has to take away after the end. */
  stays: string[];
}

export interface ExpiryFlags {
  acceptWeakExpiry: boolean;
  /** Whether a stored grant may end earlier than it does now; a number, in milliseconds since 1970: only one that ends exactly then. */
  mayShorten: boolean | number;
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
  const permanent = { end: undefined, now: seen.now, anchorSeconds: undefined, warnings: [], notes: [], stays: [] };
  if (temporary !== true || lifetime === undefined) return permanent;
  if (!live || set.kind === "all") {
    const runner = live ? endedBy(seen.sync) : "to enforce it in a cluster: kubectl mirrord grant sync";
    const { end, notes } = laterEnd(lifetimeEnd(lifetime, seen.now), stored, flags);
    const text = live
      ? `After ${timestamp(end)} the access goes with the next run of ${runner}.`
      : `Files carry only when it ends (${timestamp(end)}); ${runner}`;
    return { ...permanent, end, notes: [...notes, text] };
  }
  const clock = serverClock(seen);
  const weakness = expiryWeakness(namespaces, seen.defeat, facts.neededRoles);
  const warnings = [...clock.warnings, ...weaknessWarnings(weakness, grant, flags.acceptWeakExpiry)];
  const { end, notes } = laterEnd(lifetimeEnd(lifetime, clock.now), stored, flags);
  const anchorSeconds = ttlUntil(end, clock.now);
  const stays = stayingRights(grant, facts.policies);
  return { end, now: clock.now, anchorSeconds, warnings, notes: [...notes, ...exemptionNote(end, grant)], stays };
}

/** Throws UserError "usage" where nothing ends a cluster-wide grant. */
function endedBy(sync: SyncJob | undefined): string {
  if (sync?.runs === true) return sync.text;
  throw usageError(
    `a grant in all namespaces cannot end by itself, because nothing in a namespace can own a cluster-wide binding: ${sync?.why ?? "nothing runs grant sync"}`,
    "Name the namespaces, or have the cluster run grant sync: kubectl mirrord install --sync",
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
  if (before === undefined || before <= end || stored?.intent === undefined) return { end, notes: [] };
  if (mayShorten === true || mayShorten === before) return { end, notes: [] };
  const earlier = `${shellCommand(["kubectl", "mirrord", "grant", "extend", stored.id])} --until TIME`;
  const text = `The grant lasts until ${timestamp(before)} already, which is later; to end it earlier: ${earlier}`;
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

function weaknessWarnings(
  { namespaces, unknown, groups, unreadable, unreadGuards }: Weakness,
  grant: GrantOutline,
  accepted: boolean,
) {
  const who = grant.subjectText;
  const may = "may change jobs or rolebindings in";
  const doubt = `it could not be asked whether ${who} ${may} ${unknown.join(", ")}, and so keep the access`;
  const unlisted = `you may not list ${unreadable.join(", ")}: whether a group of ${who} may change jobs or rolebindings is not known`;
  const warnings = [...(unknown.length === 0 ? [] : [doubt]), ...(unreadable.length === 0 ? [] : [unlisted])];
  const doubts = guardDoubts(unreadGuards, "jobs and rolebindings of grants");
  const certain = `EXPIRY NOT ENFORCED: ${who} ${may} ${namespaces.join(", ")}, and so keep the access for ever`;
  const through = groups.map(({ group, namespaces: at }) => `group ${JSON.stringify(group)} ${may} ${at.join(", ")}`);
  const possible = `EXPIRY NOT ENFORCED if ${who} is in a group that may undo it, which is unknown: ${through.join("; ")}`;
  const faults = [...(namespaces.length === 0 ? [] : [certain]), ...(groups.length === 0 ? [] : [possible])];
  if (faults.length + warnings.length === 0) return [];
  if (accepted || faults.length === 0) return [...warnings, ...faults, ...doubts];
  const stated = `Say which groups ${who} is in: --groups GROUP,… (--groups= for none).`;
  throw usageError(
    [...faults, ...doubts],
    [...(groups.length === 0 ? [] : [stated]), "Take these rights away, or add --accept-weak-expiry."],
  );
}

function exemptionNote(end: number, { intent }: GrantOutline): string[] {
  if (exemptedAttributes(intent.role) === undefined) return [];
  return [
    `At ${timestamp(end)} the exemption ends by itself. What was made by then goes on: see kubectl mirrord install secure-defaults report`,
  ];
}

/** What stays after the end until somebody runs a sync: no anchor can own a cluster-wide binding. */
function stayingRights({ intent: { role, reads } }: GrantOutline, policies: boolean): string[] {
  if (exemptedAttributes(role) !== undefined) return [];
  return [
    "reading the operator's status",
    ...(role === "view" || role === "minimal" ? [] : ["watching events"]),
    ...(role === "view" ? [] : ["creating credentials"]),
    ...(policies && reads && role !== "view" ? ["listing cluster-wide policies"] : []),
  ];
}
