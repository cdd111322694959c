import { command } from "../../../cli/grammar/command.ts";
import { parseTeamName } from "../../../kubernetes/organization-name.ts";
import { changeFlags } from "../change-flags.ts";
import { membersPositional, parseMembers, presentMembersPositional, teamPositional } from "../organizations/flags.ts";
import { writeMembers } from "../organizations/members.ts";

export const add = command({
  name: "grant team add",
  summary: "Put members into a team.",
  description: [
    "What the team and its organization were granted they get by the same command. A group of the identity provider is better than its members one by",
    "one: who comes and goes there needs no change here. A group is in one organization only.",
  ].join(" "),
  usage: "ORG/TEAM MEMBER … [flags]",
  examples: {
    "kubectl mirrord grant team add acme/web group:oidc:web": "A group of the identity provider",
    "kubectl mirrord grant team add acme/web jim sa:ci/runner": "A user and a service account",
  },
  positionals: { team: teamPositional, members: membersPositional },
  flags: changeFlags,
  async run({ team, members, ...options }, world) {
    return await writeMembers(parseTeamName(team), { added: parseMembers(members) }, options, world);
  },
});

export const remove = command({
  name: "grant team remove",
  summary: "Take members out of a team.",
  description: "What they have by it goes by the same command. Sessions that are running go on.",
  usage: "ORG/TEAM MEMBER … [flags]",
  examples: { "kubectl mirrord grant team remove acme/web jim": "One user" },
  positionals: { team: teamPositional, members: presentMembersPositional },
  flags: changeFlags,
  async run({ team, members, ...options }, world) {
    return await writeMembers(parseTeamName(team), { removed: parseMembers(members) }, options, world);
  },
});
