import { usageError, type UserError } from "../../errors.ts";
import { parseTeamName } from "../../kubernetes/organization-name.ts";
import { nearest } from "../../text/suggest.ts";
import type { GrantSubject } from "../subject.ts";
import type { Directory } from "./directory.ts";
import { shellCommand } from "../../text/shell-quote.ts";

/** What to say of an organization that is not there. */
export function noOrganization({ organizations }: Directory, name: string): UserError {
  const near = nearest(name, [...organizations.keys()]);
  return usageError(`organization ${name} was not found`, [
    ...(near === undefined ? [] : [`Did you mean ${near}?`]),
    `Make it: ${shellCommand(["kubectl", "mirrord", "grant", "org", "create"], [name])}`,
  ]);
}

/** The same of a team, `acme/web`. */
export function noTeam(directory: Directory, name: string): UserError {
  const { organization } = parseTeamName(name);
  if (!directory.organizations.has(organization)) return noOrganization(directory, organization);
  const known = [...directory.organizations.values()].flatMap((each) =>
    each.teams.map((team) => `${each.name}/${team.name}`),
  );
  const near = nearest(name, known);
  return usageError(`team ${name} was not found`, [
    ...(near === undefined ? [] : [`Did you mean ${near}?`]),
    `Make it: ${shellCommand(["kubectl", "mirrord", "grant", "team", "create"], [name])}`,
  ]);
}

/** The same of the subject of a grant. */
export const noShared = (directory: Directory, { kind, name }: GrantSubject): UserError =>
  kind === "Team" ? noTeam(directory, name) : noOrganization(directory, name);
