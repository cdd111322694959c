import { parseMember } from "../../../access/organizations/organization.ts";
import { booleanFlag, stringFlag } from "../../../cli/grammar/flags.ts";

/** One that need not be there yet. */
export const newOrganizationPositional = {
  type: "string",
  placeholder: "ORG",
  describe: "The organization, such as acme",
  required: true,
} as const;

export const organizationPositional = { ...newOrganizationPositional, completes: "organization" } as const;

export const teamPositional = {
  type: "string",
  placeholder: "ORG/TEAM",
  describe: "The team, such as acme/web",
  required: true,
  completes: "team",
} as const;

export const membersPositional = {
  type: "list",
  placeholder: "MEMBER",
  describe: "USER, sa:NAMESPACE/NAME, or group:NAME of your identity provider",
  required: true,
  completes: "rbac-subject",
} as const;

export const presentMembersPositional = { ...membersPositional, completes: "member" } as const;

export const descriptionFlag = stringFlag("TEXT", "What it is, for those who list it.");

export const ignoreNotFoundFlag = booleanFlag("One that is not there is no mistake.");

export const parseMembers = (texts: readonly string[]) => texts.map(parseMember);
