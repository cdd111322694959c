import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import { parseTeamName } from "../../../kubernetes/organization-name.ts";
import { connectBounded } from "../../connection.ts";
import { describePlace } from "../organizations/describe.ts";
import { teamPositional } from "../organizations/flags.ts";

export const describe = command({
  name: "grant team describe",
  summary: "Show a team with its members and grants.",
  usage: "ORG/TEAM [flags]",
  examples: { "kubectl mirrord grant team describe acme/web": "Who belongs there, and what was granted" },
  positionals: { team: teamPositional },
  flags: { output: outputFlag(["table", "json", "yaml"]), ...connectionFlags },
  async run({ team, output, ...connection }, world) {
    const place = parseTeamName(team);
    const cluster = await connectBounded(connection, world);
    await describePlace(cluster, place, output, world);
    return 0;
  },
});
