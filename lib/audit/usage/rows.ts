import { byCodePoint } from "../../text/order.ts";
import { totalsKey, type ImpersonationTotals, type Period, type RequestTotals, type UsageTotals } from "./totals.ts";

/** What one user did with one target. Of what a log did not say, zero. */
export interface UsageRow extends Period {
  user: string;
  namespace: string;
  target: string;
  /** Sessions that began, by the operator's log. */
  sessions: number;
  /** Connections that were let through, by the API server's log. */
  connections: number;
  /** Seconds of those that ended. */
  seconds: number;
  stolen: number;
  unfiltered: number;
  mirrored: number;
  copies: number;
  refused: number;
}

/** By user, namespace and target. */
export function usageRows({ sessions, requests }: UsageTotals): UsageRow[] {
  const rows = new Map<string, UsageRow>();
  const rowFor = ({ user, namespace, target }: Pick<UsageRow, "user" | "namespace" | "target">): UsageRow => {
    const key = totalsKey([user, namespace, target]);
    const known = rows.get(key) ?? { user, namespace, target, ...nothing };
    rows.set(key, known);
    return known;
  };
  for (const sums of sessions.values()) {
    const row = rowFor(sums);
    row.sessions += sums.started;
    row.seconds += Math.round(sums.milliseconds / 1000);
    row.stolen += sums.stolen;
    row.unfiltered += sums.unfiltered;
    row.mirrored += sums.mirrored;
    row.copies += sums.copies;
    extend(row, sums);
  }
  for (const sums of requests.values()) {
    const connects = isConnection(sums);
    if (!connects && sums.refused === 0) continue;
    const row = rowFor(sums);
    if (connects) row.connections += sums.allowed;
    row.refused += sums.refused;
    extend(row, sums);
  }
  return [...rows.values()].toSorted((a, b) => byCodePoint(order(a), order(b)));
}

/** What was refused, the most first. */
export function refusals({ requests }: UsageTotals): RequestTotals[] {
  return [...requests.values()]
    .filter(({ refused }) => refused > 0)
    .toSorted((a, b) => b.refused - a.refused || byCodePoint(order(a), order(b)));
}

/** Who stood in for whom, by their names. */
export function impersonations(totals: Pick<UsageTotals, "impersonations">): ImpersonationTotals[] {
  return [...totals.impersonations.values()].toSorted((a, b) => byCodePoint(order(a), order(b)));
}

/** By the names, which come first in each. */
const order = (named: object): string => JSON.stringify(Object.values(named));

const nothing = {
  sessions: 0,
  connections: 0,
  seconds: 0,
  stolen: 0,
  unfiltered: 0,
  mirrored: 0,
  copies: 0,
  refused: 0,
};

/** `proxy`, or `get` of clients before 3.51.1, of a target that has a name. */
function isConnection({ verb, target, resource }: RequestTotals): boolean {
  const connects = verb === "proxy" || verb === "get" || verb === "connect";
  return connects && target !== "" && /^(?:copy)?targets\.operator\.metalbear\.co$/.test(resource);
}

function extend(row: UsageRow, { first, last }: Period): void {
  if (first !== undefined) row.first = Math.min(row.first ?? first, first);
  if (last !== undefined) row.last = Math.max(row.last ?? last, last);
}
