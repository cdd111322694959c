import type { StoredGrant } from "../../../access/stored.ts";
import { usageError } from "../../../errors.ts";
import { shellQuote } from "../../../text/shell-quote.ts";

/** The grants to an organization, to one of its teams, or to that team alone. */
export function grantsTo(grants: readonly StoredGrant[], organization: string, team?: string): StoredGrant[] {
  return grants.filter(({ intent }) => {
    const { kind, name = "" } = intent?.subject ?? {};
    if (kind === "Team")
      return team === undefined ? name.startsWith(`${organization}/`) : name === `${organization}/${team}`;
    return kind === "Organization" && team === undefined && name === organization;
  });
}

/** Throws UserError "usage" for what would go along. */
export function refuseUsed(what: string, teams: readonly string[], grants: readonly StoredGrant[]): void {
  const held = [
    ...(teams.length === 0 ? [] : [`teams (${teams.join(", ")})`]),
    ...(grants.length === 0 ? [] : [`grants (${grants.map(({ id }) => id).join(", ")})`]),
  ];
  if (held.length === 0) return;
  const [one] = grants;
  throw usageError(`${what} has ${held.join(" and ")}`, [
    "Add --cascade to take them along.",
    ...(one === undefined ? [] : [`See what was granted: kubectl mirrord grant describe ${shellQuote(one.id)}`]),
  ]);
}
