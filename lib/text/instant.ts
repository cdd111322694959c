// Points in time as numbers, for code that must not ask what time it is. Pure.

/** Milliseconds since 1970 of an RFC 3339 time, or undefined when it is none. */
export function parseTime(time: string | undefined): number | undefined {
  const milliseconds = Date.parse(time ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** RFC 3339 in UTC and in whole seconds, as the Kubernetes API writes times; rounded up. */
export function timestamp(milliseconds: number): string {
  return new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** The point in time so many milliseconds after 1970 began. */
export function instant(milliseconds: number): Date {
  return new Date(milliseconds);
}
