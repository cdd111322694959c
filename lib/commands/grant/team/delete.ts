import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag } from "../../../cli/grammar/flags.ts";
import { parseTeamName } from "../../../kubernetes/organization-name.ts";
import { connectBounded } from "../../connection.ts";
import { changeFlags } from "../change-flags.ts";
import { deletePlace } from "../organizations/delete.ts";
import { ignoreNotFoundFlag, teamPositional } from "../organizations/flags.ts";

export const deleteTeam = command({
  name: "grant team delete",
  summary: "Delete a team.",
  description:
    "One that has grants is kept, unless --cascade revokes them. What its members have by the organization goes by the same command.",
  usage: "ORG/TEAM [flags]",
  examples: {
    "kubectl mirrord grant team delete acme/web": "One without grants",
    "kubectl mirrord grant team delete acme/web --cascade --dry-run=client": "See what would go along",
  },
  positionals: { team: teamPositional },
  flags: { cascade: booleanFlag("Revoke the grants to it."), ignoreNotFound: ignoreNotFoundFlag, ...changeFlags },
  exitCodes: { 0: "deleted", 1: "declined" },
  async run({ team, cascade, ignoreNotFound, dryRun, output, yes, ...connection }, world) {
    const place = parseTeamName(team);
    const cluster = await connectBounded(connection, world);
    return await deletePlace(cluster, place, { cascade, ignoreNotFound, dryRun, output, yes }, world);
  },
});
