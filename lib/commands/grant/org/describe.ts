import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import { parseOrganizationName } from "../../../kubernetes/organization-name.ts";
import { connectBounded } from "../../connection.ts";
import { describePlace } from "../organizations/describe.ts";
import { organizationPositional } from "../organizations/flags.ts";

export const describe = command({
  name: "grant org describe",
  summary: "Show an organization with its teams, members and grants.",
  usage: "ORG [flags]",
  examples: { "kubectl mirrord grant org describe acme": "Who belongs there, and what was granted" },
  positionals: { organization: organizationPositional },
  flags: { output: outputFlag(["table", "json", "yaml"]), ...connectionFlags },
  async run({ organization, output, ...connection }, world) {
    const place = { organization: parseOrganizationName(organization) };
    const cluster = await connectBounded(connection, world);
    await describePlace(cluster, place, output, world);
    return 0;
  },
});
