import type { UserInfo } from "../../kubernetes/access.ts";

/** In what the identity that the server sees differs from the wanted one, as a clause or "". Groups that it adds by itself are fine. */
export function differs(asked: UserInfo, seen: UserInfo): string {
  if (asked.name !== seen.name) return `it sees user ${JSON.stringify(seen.name)}`;
  if ((asked.uid ?? "") !== "" && asked.uid !== seen.uid) return "it sees another uid";
  for (const [key, values] of Object.entries(asked.extra ?? {})) {
    // The server reads the names of such headers in lower case.
    const arrived = seen.extra?.[key.toLowerCase()] ?? [];
    if (values.some((value) => !arrived.includes(value))) return `it does not see the extra ${JSON.stringify(key)}`;
  }
  const missing = asked.groups.filter((group) => !seen.groups.includes(group));
  if (missing.length > 0) return `it does not see the groups ${JSON.stringify(missing)}`;
  const added = seen.groups.filter((group) => !asked.groups.includes(group) && !isImplied(group));
  return added.length > 0 ? `it also sees the groups ${JSON.stringify(added)}` : "";
}

/** A group that the server adds by itself. */
export function isImplied(group: string): boolean {
  return /^system:(authenticated|unauthenticated|nodes|serviceaccounts(:.+)?)$/.test(group);
}
