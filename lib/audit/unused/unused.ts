import type { CheckContext } from "../../access/findings.ts";
import { grantWords } from "../../access/grant-words.ts";
import { encodeIntent, type Intent } from "../../access/intent.ts";
import { annotations } from "../../access/names.ts";
import { membersToday } from "../../access/organizations/directory.ts";
import { isRevoked, type StoredGrant } from "../../access/stored.ts";
import type { RbacSubject } from "../../access/subject.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { parseTime, timestamp } from "../../text/instant.ts";
import type { UsageTotals } from "../usage/totals.ts";
import { logCoverage, type Coverage, type LogCoverage, type Window } from "./coverage.ts";
import { unexercisedRights } from "./rights.ts";
import { smallerGrant } from "./smaller.ts";
import { grantUse, usageIndex, type GrantUse, type UsageIndex } from "./use.ts";

/** `unused`: nobody used it in the whole time. `larger`: a smaller one would have done. `unknown`: it cannot be said. */
export type Verdict = "used" | "larger" | "unused" | "unknown";

export interface JudgedGrant {
  grant: StoredGrant & { intent: Intent };
  namespaces: readonly string[] | undefined;
  verdict: Verdict;
  why: string;
  /** Milliseconds since 1970. */
  last: number | undefined;
  /** Rights about mirrord that it gives and that nobody used, as people say them; undefined: the log does not tell. */
  unexercised: string[] | undefined;
  /** Lines to paste, one after the other. */
  commands: string[];
}

export interface UnusedFacts {
  grants: readonly { grant: StoredGrant; context: CheckContext }[];
  totals: UsageTotals;
  window: Window;
  roles: readonly KubernetesObject[];
  /** Words of commands that reach the same cluster. */
  connection: readonly string[];
}

export interface UnusedGrants {
  coverage: LogCoverage;
  /** Which kinds of log told of mirrord at all: the others prove nothing. */
  tells: { operator: boolean; apiServer: boolean };
  items: JudgedGrant[];
}

/** Which grants nobody used, and which could be smaller. What has ended, or cannot be read, is drift. Pure. */
export function unusedGrants(facts: UnusedFacts): UnusedGrants {
  const { grants, totals, window } = facts;
  const coverage = logCoverage(totals, window);
  const tells = { operator: totals.log.operator > 0, apiServer: totals.log.apiServer > 0 };
  const index = usageIndex(totals, window.from);
  const roles = new Map(facts.roles.map((role) => [keyByKind(role.kind, role.metadata), role]));
  const items = grants.flatMap(({ grant, context }) => {
    const { intent, expiresAt = Infinity } = grant;
    if (intent === undefined || isRevoked(grant) || expiresAt <= window.to) return [];
    return [judge({ ...grant, intent }, context, { facts, coverage, tells, index, roles })];
  });
  return { coverage, tells, items };
}

/** Whether it cannot be said of the grant that it was used, or whether a smaller one would do. */
export const isDoubtful = ({ verdict, why }: Pick<JudgedGrant, "verdict" | "why">): boolean =>
  verdict === "unknown" || (verdict === "used" && why !== "");

interface Judging {
  facts: UnusedFacts;
  coverage: LogCoverage;
  tells: UnusedGrants["tells"];
  index: UsageIndex;
  /** By `keyByKind`. */
  roles: ReadonlyMap<string, KubernetesObject>;
}

function judge(grant: JudgedGrant["grant"], context: CheckContext, judging: Judging): JudgedGrant {
  const { facts, coverage, tells, index, roles } = judging;
  const { intent } = grant;
  const membership = context.membership ?? membersToday(intent.subject, undefined);
  const namespaces = intent.set.kind === "all" ? undefined : (context.namespaces ?? intent.set.namespaces);
  const members = membership.state === "known" ? membership.subjects : [];
  const use = grantUse({ grant, members, namespaces }, index, facts.totals.bindings.size > 0);
  const knowsRights = tells.apiServer && coverage.apiServer.missing === undefined;
  const unexercised = knowsRights ? unexercisedRights(grant, roles, use) : undefined;
  const base = { grant, namespaces, last: use.last, unexercised, commands: [] };
  const doubt = doubts(grant, use, membership.state === "known" ? members : undefined, judging);
  if (doubt !== undefined) return { ...base, verdict: use.isUsed ? "used" : "unknown", why: doubt };
  const line = (words: readonly string[]) =>
    shellCommand(["kubectl", "mirrord", "grant", ...words, ...facts.connection]);
  if (!use.isUsed) return { ...base, verdict: "unused", why: "nobody used it", commands: [line(["revoke", grant.id])] };
  const smaller = smallerGrant({ intent, members, namespaces, use, knowsRights, roles });
  if (smaller === undefined) return { ...base, verdict: "used", why: "" };
  return {
    ...base,
    verdict: "larger",
    why: smallerText(intent, smaller),
    commands: smallerWords(grant, smaller).map(line),
  };
}

/** Why nothing can be proved about it; undefined: it can. */
function doubts(
  { intent, binding }: JudgedGrant["grant"],
  { isUsed }: GrantUse,
  members: readonly RbacSubject[] | undefined,
  { facts: { window, totals }, coverage, tells }: Judging,
): string | undefined {
  const notes = binding?.metadata.annotations ?? {};
  const granted = parseTime(notes[annotations.grantedAt] ?? binding?.metadata.creationTimestamp);
  if (granted !== undefined && granted > window.from)
    return `it was granted at ${timestamp(granted)}, within that time`;
  const full = (kind: "operator" | "apiServer") => tells[kind] && coverage[kind].missing === undefined;
  if (!full("apiServer") && !full("operator")) return coverageText(coverage, tells);
  if (isUsed) return undefined;
  const byName = members?.every(({ kind }) => kind !== "Group") ?? false;
  if (full("apiServer")) return byName || totals.bindings.size > 0 ? undefined : NO_BINDINGS;
  const ofSessions = intent.role === "user" || intent.role === "minimal";
  if (!ofSessions) return "the operator's log tells of sessions alone: add the API server's audit log";
  if (members === undefined) return "you may not list organizations: nobody can say whom it is for";
  return byName ? undefined : "the operator's log does not say who is in a group: add the API server's audit log";
}

const NO_BINDINGS = "the log does not name the bindings that allowed requests, and so not whose group is meant";

/** `the log reaches over 5 of 90 days`, of the one that reaches over more. */
function coverageText({ operator, apiServer }: LogCoverage, tells: UnusedGrants["tells"]): string {
  if (!tells.operator && !tells.apiServer) return "the log says nothing of mirrord: it may not be a log of it";
  const known: Coverage[] = [...(tells.operator ? [operator] : []), ...(tells.apiServer ? [apiServer] : [])];
  const best = known.toSorted((a, b) => b.covered - a.covered)[0] ?? operator;
  return `the log reaches over ${best.covered} of ${best.of} days`;
}

function smallerText(before: Intent, after: Intent): string {
  const parts = [
    ...(after.role === before.role ? [] : [`role ${after.role}`]),
    ...(JSON.stringify(after.set) === JSON.stringify(before.set) || after.set.kind === "all"
      ? []
      : [after.set.namespaces.join(", ")]),
    ...(after.targets.length === before.targets.length ? [] : [after.targets.join(", ")]),
  ];
  return `${parts.join("; ")} would do`;
}

/** The smaller grant is made before the larger one goes; where it only holds in fewer of its namespaces, that is one step. */
function smallerWords({ id, intent, expiresAt, binding }: JudgedGrant["grant"], smaller: Intent): string[][] {
  const { set } = smaller;
  if (intent.set.kind === "namespaces" && set.kind === "namespaces" && isSameBut(intent, smaller)) {
    const gone = intent.set.namespaces.filter((namespace) => !set.namespaces.includes(namespace));
    return [["revoke", id, ...gone.flatMap((namespace) => ["--ns", namespace])]];
  }
  const { dangerous = false, allowSystem = false } = smaller;
  const reason = binding?.metadata.annotations?.[annotations.reason];
  const lifetime = expiresAt === undefined ? undefined : { until: expiresAt };
  return [grantWords(smaller, { accepted: { dangerous, allowSystem }, lifetime, reason }), ["revoke", id]];
}

const isSameBut = (one: Intent, other: Intent): boolean =>
  encodeIntent({ ...one, set: other.set }) === encodeIntent(other);
