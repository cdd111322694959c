// The names of organizations and teams, as people type them.

import { usageError, type UserError } from "../errors.ts";
import { escapeCell } from "../text/escape.ts";

/** Of an organization and of a team: a DNS label, so that both fit in one word with a slash in between. */
export const namePattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
export const LONGEST_NAME = 63;

/** `acme/web` in its parts. */
export interface TeamName {
  organization: string;
  team: string;
}

const possibleName = new RegExp(namePattern);

/** Whether an organization or a team can be called so. */
export const isOrganizationName = (text: string) => text.length <= LONGEST_NAME && possibleName.test(text);

/** The name of an organization as it is typed. Throws UserError "usage". */
export function parseOrganizationName(text: string): string {
  if (isOrganizationName(text)) return text;
  const hint = text.includes("/")
    ? `An organization is one word; a team is ORG/TEAM.`
    : "Names are lower-case letters, digits and '-'.";
  throw unusable(text, "an organization", hint);
}

/** A team as it is typed, `acme/web`. Throws UserError "usage". */
export function parseTeamName(text: string): TeamName {
  const [organization = "", team, ...rest] = text.split("/");
  if (team === undefined || rest.length > 0) {
    throw unusable(text, "a team", "A team is ORG/TEAM, such as acme/web.");
  }
  for (const part of [organization, team]) {
    if (!isOrganizationName(part)) throw unusable(text, "a team", `${quoted(part)} is no name: ${nameFault(part)}.`);
  }
  return { organization, team };
}

export const formatTeamName = ({ organization, team }: TeamName): string => `${organization}/${team}`;

function unusable(text: string, what: string, hint: string): UserError {
  const long = text.length > LONGEST_NAME && !text.includes("/");
  return usageError(`${quoted(text)} cannot be the name of ${what}`, long ? `${sentence(nameFault(text))}.` : hint);
}

function nameFault(text: string): string {
  if (text === "") return "it is empty";
  return text.length > LONGEST_NAME
    ? `it has ${text.length} characters, and ${LONGEST_NAME} are possible`
    : "names are lower-case letters, digits and '-'";
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Quoted, and safe to show. */
export const quoted = (text: string) => escapeCell(JSON.stringify(text));
