import { command } from "../../../cli/grammar/command.ts";
import { parseOrganizationName } from "../../../kubernetes/organization-name.ts";
import { changeFlags } from "../change-flags.ts";
import {
  membersPositional,
  organizationPositional,
  parseMembers,
  presentMembersPositional,
} from "../organizations/flags.ts";
import { writeMembers } from "../organizations/members.ts";

export const add = command({
  name: "grant org add",
  summary: "Put members into an organization.",
  description:
    "They belong to the organization itself, and to none of its teams. What it was granted they get by the same command.",
  usage: "ORG MEMBER … [flags]",
  examples: {
    "kubectl mirrord grant org add acme group:oidc:acme": "Everybody whom the identity provider counts to it",
  },
  positionals: { organization: organizationPositional, members: membersPositional },
  flags: changeFlags,
  async run({ organization, members, ...options }, world) {
    return await writeMembers(
      { organization: parseOrganizationName(organization) },
      { added: parseMembers(members) },
      options,
      world,
    );
  },
});

export const remove = command({
  name: "grant org remove",
  summary: "Take members out of an organization.",
  description: "What they have by it goes by the same command; in its teams they stay.",
  usage: "ORG MEMBER … [flags]",
  examples: { "kubectl mirrord grant org remove acme jim": "One user" },
  positionals: { organization: organizationPositional, members: presentMembersPositional },
  flags: changeFlags,
  async run({ organization, members, ...options }, world) {
    return await writeMembers(
      { organization: parseOrganizationName(organization) },
      { removed: parseMembers(members) },
      options,
      world,
    );
  },
});
