import { noOrganization } from "../../../access/organizations/missing.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import { parseOrganizationName } from "../../../kubernetes/organization-name.ts";
import type { Columns } from "../../../view/columns.ts";
import { printOutput } from "../../../view/output.ts";
import { connectBounded } from "../../connection.ts";
import { organizationPositional } from "../organizations/flags.ts";
import { grantsTo } from "../organizations/grants.ts";
import { memberTexts, readShown } from "../organizations/rows.ts";

interface TeamRow {
  /** `acme/web` */
  name: string;
  organization: string;
  description: string;
  /** As they are typed, groups first. */
  members: string[];
  /** Ids of grants to the team itself; undefined: the caller may not list grants. */
  grants: string[] | undefined;
}

export const list = command({
  name: "grant team list",
  summary: "List the teams.",
  description: "With their members, and how many grants are to the team itself.",
  usage: "[ORG] [flags]",
  examples: {
    "kubectl mirrord grant team list": "All of them",
    "kubectl mirrord grant team list acme -o wide": "Those of one organization, with their members",
  },
  positionals: { organization: { ...organizationPositional, required: false } },
  flags: {
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  async run({ organization: wanted, output, noHeaders, ...connection }, world) {
    const only = wanted === undefined ? undefined : parseOrganizationName(wanted);
    const cluster = await connectBounded(connection, world);
    const { known, grants } = await readShown(cluster, world);
    if (only !== undefined && !known.organizations.has(only)) throw noOrganization(known, only);
    const rows = [...known.organizations.values()]
      .filter(({ name }) => only === undefined || name === only)
      .flatMap((organization) =>
        organization.teams.map((team): TeamRow => ({
          name: `${organization.name}/${team.name}`,
          organization: organization.name,
          description: team.description,
          members: memberTexts(team),
          grants: grants && grantsTo(grants, organization.name, team.name).map(({ id }) => id),
        })),
      );
    await printOutput(
      {
        kind: "TeamList",
        value: {
          items: rows.map(({ grants: ids, ...row }) => ({ ...row, ...(ids === undefined ? {} : { grants: ids }) })),
        },
        rows,
        columns,
        name: ({ name }) => `team/${name}`,
        empty: "No teams found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

const columns: Columns<TeamRow> = {
  TEAM: ({ name }) => name,
  MEMBERS: ({ members }) => String(members.length),
  GRANTS: ({ grants }) => (grants === undefined ? "<unknown>" : String(grants.length)),
  DESCRIPTION: ({ description }) => description,
  "WHO IS IN IT": { wide: ({ members }) => members.join(",") },
};
