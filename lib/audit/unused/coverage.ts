import { DAY_MILLISECONDS } from "../usage/span.ts";
import type { UsageTotals } from "../usage/totals.ts";

/** How many days of the wanted time one kind of log covers. */
export interface Coverage {
  covered: number;
  /** Whole days; today is not over. */
  of: number;
  /** The first and the last day that is missing, in milliseconds since 1970; undefined: none is. */
  missing: { first: number; last: number } | undefined;
}

export interface Window {
  /** In milliseconds since 1970. */
  from: number;
  to: number;
}

export interface LogCoverage {
  operator: Coverage;
  apiServer: Coverage;
}

/** What logs can prove about a time: a day that they do not reach over proves nothing. */
export function logCoverage({ days }: Pick<UsageTotals, "days">, { from, to }: Window): LogCoverage {
  const [first, today] = [Math.floor(from / DAY_MILLISECONDS), Math.floor(to / DAY_MILLISECONDS)];
  const wanted = Array.from({ length: Math.max(0, today - first) }, (_, at) => first + at);
  const coverage = (known: ReadonlySet<number>): Coverage => {
    const missing = wanted.filter((day) => !known.has(day));
    const [earliest] = missing;
    return {
      covered: wanted.length - missing.length,
      of: wanted.length,
      missing:
        earliest === undefined
          ? undefined
          : { first: earliest * DAY_MILLISECONDS, last: (missing.at(-1) ?? earliest) * DAY_MILLISECONDS },
    };
  };
  return { operator: coverage(days.operator), apiServer: coverage(days.apiServer) };
}

/** A log that is still being written reaches until now, however long ago its last line is. Changes `days`. */
export function untilNow(days: Set<number>, now: number): void {
  const last = Math.max(...days);
  for (let day = last; Number.isFinite(last) && day <= Math.floor(now / DAY_MILLISECONDS); day += 1) days.add(day);
}
