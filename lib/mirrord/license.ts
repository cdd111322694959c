import { parseTime } from "../text/instant.ts";

const MILLISECONDS_OF_A_DAY = 24 * 60 * 60 * 1000;

/** Days until the end of the licence's last day (UTC), rounded up; negative when it is over. */
export function licenseDaysLeft(expiresAt: string | undefined, now: Date): number | undefined {
  if (expiresAt === undefined || !/^\d{4}-\d\d-\d\d$/.test(expiresAt)) return undefined;
  const end = parseTime(`${expiresAt}T23:59:59.999Z`);
  return end === undefined ? undefined : Math.ceil((end - now.getTime()) / MILLISECONDS_OF_A_DAY);
}

export function licenseText({ expiresAt }: { expiresAt?: string }, now: Date): string {
  const days = licenseDaysLeft(expiresAt, now);
  if (expiresAt === undefined || days === undefined) return expiresAt ?? "";
  if (days <= 0) return `${expiresAt} (EXPIRED)`;
  return `${expiresAt} (${days} ${days === 1 ? "day" : "days"} left)`;
}
