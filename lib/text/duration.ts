import { UserError, usageError } from "../errors.ts";
import { instant, parseTime as parseInstant } from "./instant.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
};

const NUMBER_AND_UNIT = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/y;

/**
 * Milliseconds of a Go duration (`1h30m`, `1.5s`, `500ms`), with `d` for 24 hours and `w` for 7 days besides.
 * Source of the grammar: time.ParseDuration of Go. Never negative.
 * @throws UserError "usage"
 */
export function parseDuration(text: string): number {
  if (text === "0") return 0;
  let total = 0;
  let at = 0;
  while (at < text.length) {
    NUMBER_AND_UNIT.lastIndex = at;
    const match = NUMBER_AND_UNIT.exec(text);
    if (!match) throw badDuration(text);
    total += Number(match[1]) * (unitMilliseconds[match[2] ?? ""] ?? Number.NaN);
    at = NUMBER_AND_UNIT.lastIndex;
  }
  if (text === "" || !Number.isSafeInteger(Math.round(total))) throw badDuration(text);
  return total;
}

function badDuration(text: string): UserError {
  return usageError(`invalid duration "${text}"`, "Write a number and a unit, for example 30m, 8h, 1h30m, 7d or 2w.");
}

/**
 * A point in time as RFC 3339 writes it. The offset is required: a local time would mean something else on another machine.
 * @throws UserError "usage"
 */
export function parseTime(text: string): Date {
  const time = parseInstant(text);
  if (time === undefined)
    throw usageError(
      `invalid time "${text}"`,
      "Write it as in RFC 3339, with its offset: 2026-12-31T18:00:00Z or 2026-12-31T18:00:00+01:00.",
    );
  return instant(time);
}

/** As kubectl writes an age. Source: HumanDuration in apimachinery pkg/util/duration/duration.go. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / SECOND);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(milliseconds / MINUTE);
  if (minutes < 10) return twoUnits(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(milliseconds / HOUR);
  if (hours < 8) return twoUnits(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return twoUnits(days, "d", hours % 24, "h");
  if (days < 2 * 365) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? twoUnits(years, "y", days % 365, "d") : `${years}y`;
}

function twoUnits(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major}${majorUnit}` : `${major}${majorUnit}${minor}${minorUnit}`;
}

/** The AGE column: time since `timestamp` (metadata.creationTimestamp), `<unknown>` when there is none. */
export function age(timestamp: string | undefined, now: Date): string {
  const since = parseInstant(timestamp);
  return since === undefined ? "<unknown>" : humanDuration(now.getTime() - since);
}
