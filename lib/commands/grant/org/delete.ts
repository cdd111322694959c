import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag } from "../../../cli/grammar/flags.ts";
import { parseOrganizationName } from "../../../kubernetes/organization-name.ts";
import { connectBounded } from "../../connection.ts";
import { changeFlags } from "../change-flags.ts";
import { deletePlace } from "../organizations/delete.ts";
import { ignoreNotFoundFlag, organizationPositional } from "../organizations/flags.ts";

export const deleteOrganization = command({
  name: "grant org delete",
  summary: "Delete an organization.",
  description:
    "One that has teams, or grants to it or to them, is kept, unless --cascade takes them along. Users and groups stay what they are.",
  usage: "ORG [flags]",
  examples: {
    "kubectl mirrord grant org delete acme": "An empty one",
    "kubectl mirrord grant org delete acme --cascade --dry-run=client": "See what would go along",
  },
  positionals: { organization: organizationPositional },
  flags: {
    cascade: booleanFlag("Delete its teams, and revoke the grants to it and to them."),
    ignoreNotFound: ignoreNotFoundFlag,
    ...changeFlags,
  },
  exitCodes: { 0: "deleted", 1: "declined" },
  async run({ organization, cascade, ignoreNotFound, dryRun, output, yes, ...connection }, world) {
    const place = { organization: parseOrganizationName(organization) };
    const cluster = await connectBounded(connection, world);
    return await deletePlace(cluster, place, { cascade, ignoreNotFound, dryRun, output, yes }, world);
  },
});
