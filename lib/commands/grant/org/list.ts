import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import type { Columns } from "../../../view/columns.ts";
import { printOutput } from "../../../view/output.ts";
import { connectBounded } from "../../connection.ts";
import { grantsTo } from "../organizations/grants.ts";
import { memberTexts, readShown } from "../organizations/rows.ts";

interface OrganizationRow {
  name: string;
  description: string;
  teams: string[];
  /** Of the organization itself, in none of its teams. */
  members: string[];
  /** Ids of grants to it or to its teams; undefined: the caller may not list grants. */
  grants: string[] | undefined;
}

export const list = command({
  name: "grant org list",
  summary: "List the organizations.",
  description: "With their teams, and the members that belong to them without a team.",
  usage: "[flags]",
  examples: {
    "kubectl mirrord grant org list": "All of them",
    "kubectl mirrord grant org list -o wide": "With the names of teams and members",
  },
  flags: {
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  async run({ output, noHeaders, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const { known, grants } = await readShown(cluster, world);
    const rows = [...known.organizations.values()].map((organization): OrganizationRow => {
      const { name, description, teams } = organization;
      return {
        name,
        description,
        teams: teams.map((team) => team.name),
        members: memberTexts(organization),
        grants: grants && grantsTo(grants, name).map(({ id }) => id),
      };
    });
    await printOutput(
      {
        kind: "OrganizationList",
        value: {
          items: rows.map(({ grants: ids, ...row }) => ({ ...row, ...(ids === undefined ? {} : { grants: ids }) })),
        },
        rows,
        columns,
        name: ({ name }) => `organization.access.kubectl-mirrord.io/${name}`,
        empty: "No organizations found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

const columns: Columns<OrganizationRow> = {
  ORGANIZATION: ({ name }) => name,
  TEAMS: ({ teams }) => String(teams.length),
  MEMBERS: ({ members }) => String(members.length),
  GRANTS: ({ grants }) => (grants === undefined ? "<unknown>" : String(grants.length)),
  DESCRIPTION: ({ description }) => description,
  "ITS TEAMS": { wide: ({ teams }) => teams.join(",") },
  "ITS OWN MEMBERS": { wide: ({ members }) => members.join(",") },
};
