// Usage as sums, smallest and greatest: of any records in any order and in any parts they come to the same, so that many
// machines can each read a part of the logs.

import type { BindingKind, RbacRef } from "../../rbac/types.ts";
import type { UsageRecord } from "./records.ts";
import type { LogShard } from "./shards.ts";

/** Milliseconds since 1970; absent where no record had a time. */
export interface Period {
  first?: number;
  last?: number;
}

export interface SessionTotals extends Period {
  user: string;
  namespace: string;
  target: string;
  started: number;
  ended: number;
  /** Of those that ended, together and at most. */
  milliseconds: number;
  longest: number;
  /** Ports. */
  stolen: number;
  /** Of these, those that took everybody's traffic. */
  unfiltered: number;
  mirrored: number;
  copies: number;
  scaleDowns: number;
}

export interface RequestTotals extends Period {
  user: string;
  namespace: string;
  target: string;
  verb: string;
  resource: string;
  allowed: number;
  refused: number;
}

export interface ImpersonationTotals extends Period {
  impersonator: string;
  user: string;
  requests: number;
}

export interface BindingTotals extends Period {
  binding: RbacRef<BindingKind>;
  user: string;
  requests: number;
}

export interface LogTotals extends Period {
  bytes: number;
  /** Records that were taken. */
  operator: number;
  apiServer: number;
  /** Lines about mirrord that could not be read. */
  unreadable: number;
}

/** The days of UTC that logs reach over, counted since 1970, whatever they say of mirrord in them. */
export interface CoveredDays {
  operator: Set<number>;
  apiServer: Set<number>;
}

export interface UsageTotals {
  log: LogTotals;
  days: CoveredDays;
  /** Of the logs that were read, by `shardKey`; a pipe has none. */
  shards: Map<string, LogShard>;
  /** Parts in it that an older version has counted, which did not say which shards they are. */
  unknownParts: number;
  sessions: Map<string, SessionTotals>;
  requests: Map<string, RequestTotals>;
  impersonations: Map<string, ImpersonationTotals>;
  bindings: Map<string, BindingTotals>;
}

export const noUsage = (): UsageTotals => ({
  log: { bytes: 0, operator: 0, apiServer: 0, unreadable: 0 },
  days: { operator: new Set(), apiServer: new Set() },
  shards: new Map(),
  unknownParts: 0,
  sessions: new Map(),
  requests: new Map(),
  impersonations: new Map(),
  bindings: new Map(),
});

/** Changes `totals`. */
export function addRecord(totals: UsageTotals, record: UsageRecord): void {
  const { user, namespace, target } = record;
  extend(totals.log, record.time);
  if (record.from === "operator") {
    totals.log.operator += 1;
    const { event, duration, filtered, scaleDown } = record;
    const sum = entry(
      totals.sessions,
      rememberedKey([user, namespace, target]),
      () => ({ user, namespace, target }),
      noSession,
    );
    extend(sum, record.time);
    if (event === "start") sum.started += 1;
    if (event === "end") sum.ended += 1;
    if (event === "steal") sum.stolen += 1;
    if (event === "mirror") sum.mirrored += 1;
    if (event === "copy") sum.copies += 1;
    if (filtered === false) sum.unfiltered += 1;
    if (scaleDown === true) sum.scaleDowns += 1;
    sum.milliseconds = added(sum.milliseconds, duration ?? 0);
    sum.longest = Math.max(sum.longest, duration ?? 0);
    return;
  }
  totals.log.apiServer += 1;
  const { verb, resource, refused, impersonator, binding } = record;
  const sum = entry(
    totals.requests,
    rememberedKey([user, namespace, target, verb, resource]),
    () => ({ user, namespace, target, verb, resource }),
    noRequest,
  );
  extend(sum, record.time);
  if (refused) sum.refused += 1;
  else sum.allowed += 1;
  const sums: (Period & { requests: number })[] = [];
  if (impersonator !== undefined)
    sums.push(
      entry(totals.impersonations, rememberedKey([impersonator, user]), () => ({ impersonator, user }), noRequests),
    );
  if (binding !== undefined)
    sums.push(
      entry(totals.bindings, rememberedKey([...bindingTexts(binding), user]), () => ({ binding, user }), noRequests),
    );
  for (const each of sums) {
    extend(each, record.time);
    each.requests += 1;
  }
}

const noRequest = { allowed: 0, refused: 0 };
const noRequests = { requests: 0 };
const noSession = {
  started: 0,
  ended: 0,
  milliseconds: 0,
  longest: 0,
  stolen: 0,
  unfiltered: 0,
  mirrored: 0,
  copies: 0,
  scaleDowns: 0,
};

/** Adds `part` to `totals`. */
export function addUsage(totals: UsageTotals, part: UsageTotals): void {
  addSums(totals.log, part.log);
  for (const kind of ["operator", "apiServer"] as const) for (const day of part.days[kind]) totals.days[kind].add(day);
  for (const [key, shard] of part.shards) totals.shards.set(key, shard);
  totals.unknownParts += part.unknownParts;
  for (const name of ["sessions", "requests", "impersonations", "bindings"] as const) {
    const known: Map<string, Period> = totals[name];
    for (const [key, sums] of part[name]) {
      const sum = known.get(key);
      if (sum === undefined) known.set(key, { ...sums });
      else addSums(sum, sums);
    }
  }
}

/** The entry whose sums these are, by what tells it apart: new ones begin with `none`. */
function entry<Names extends object, None extends object>(
  sums: Map<string, Names & None & Period>,
  key: string,
  names: () => Names,
  none: None,
): Names & None & Period {
  const known = sums.get(key);
  if (known !== undefined) return known;
  const made: Names & None & Period = { ...names(), ...none };
  sums.set(key, made);
  return made;
}

/** Equal for the same texts in the same order, and for no others, whatever is in them. */
export function totalsKey(texts: readonly string[]): string {
  let lengths = "";
  let all = "";
  for (const text of texts) {
    lengths += `${text.length},`;
    all += text;
  }
  return lengths + all;
}

interface KeyBranch {
  key?: string;
  next: Map<string, KeyBranch>;
}

const MOST_BRANCHES = 100_000;
let keys: KeyBranch = { next: new Map() };
let branches = 0;

/** `totalsKey`, found by its texts one after the other: to make it costs more than all else that a record does. */
function rememberedKey(texts: readonly string[]): string {
  if (branches >= MOST_BRANCHES) {
    keys = { next: new Map() };
    branches = 0;
  }
  let branch = keys;
  for (const text of texts) {
    let next = branch.next.get(text);
    if (next === undefined) {
      branch.next.set(text, (next = { next: new Map() }));
      branches += 1;
    }
    branch = next;
  }
  return (branch.key ??= totalsKey(texts));
}

export const bindingTexts = ({ kind, name, namespace }: RbacRef<BindingKind>): string[] => [
  kind,
  ...(namespace === undefined ? ["-"] : ["+", namespace]),
  name,
];

function extend(period: Period, time: number | undefined): void {
  if (time === undefined) return;
  period.first = Math.min(period.first ?? time, time);
  period.last = Math.max(period.last ?? time, time);
}

/** Numbers are added, but for those that are the smallest or the greatest. */
function addSums<Sums extends Period>(sum: Sums, part: Sums): void {
  const target: Record<string, unknown> = Object.assign(sum);
  for (const [name, value] of Object.entries(part)) {
    if (typeof value !== "number") continue;
    const before = target[name];
    if (typeof before !== "number") target[name] = value;
    else if (name === "first") target[name] = Math.min(before, value);
    else if (name === "last" || name === "longest") target[name] = Math.max(before, value);
    else target[name] = added(before, value);
  }
}

/** Where numbers would no longer be exact, the sum stays: then, too, the order makes no difference. */
const added = (one: number, other: number): number => Math.min(one + other, Number.MAX_SAFE_INTEGER);
