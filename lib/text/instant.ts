// Points in time as numbers, for code that must not ask what time it is. Pure.

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const FIRST = Date.parse("0000-01-01T00:00:00Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");
const LAST_SECOND = LAST - 999;

/** Whether milliseconds since 1970 are a time that RFC 3339 can write: its years have four digits. */
export const isTime = (milliseconds: number): boolean => milliseconds >= FIRST && milliseconds <= LAST;

/**
 * Milliseconds since 1970 of an RFC 3339 time with its offset, or undefined when it is none. Servers and files say what they like:
 * whatever is read here can be written by `timestamp`.
 */
export function parseTime(time: string | undefined): number | undefined {
  const [text = "", year, month, day] = RFC3339.exec(time ?? "") ?? [];
  const milliseconds = Date.parse(text.toUpperCase().replace(" ", "T"));
  return isTime(milliseconds) && Number(day) <= daysInMonth(Number(year), Number(month)) ? milliseconds : undefined;
}

const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** RFC 3339 in UTC and in whole seconds, as the Kubernetes API writes times; rounded up. A time beyond its years is the nearest. */
export function timestamp(milliseconds: number): string {
  const rounded = Math.ceil(milliseconds / 1000) * 1000;
  return new Date(Math.min(Math.max(rounded, FIRST), LAST_SECOND)).toISOString().replace(".000Z", "Z");
}

/** The point in time so many milliseconds after 1970 began. */
export function instant(milliseconds: number): Date {
  return new Date(milliseconds);
}
