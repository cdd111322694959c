import { noOrganization, noTeam } from "../../../access/organizations/missing.ts";
import type { Belonging } from "../../../access/organizations/organization.ts";
import type { World } from "../../../cli/world.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { API_VERSION, printDocument } from "../../../view/output.ts";
import { printText } from "../../../view/text.ts";
import { grantsTo } from "./grants.ts";
import type { Place } from "../../../access/organizations/moving.ts";
import { grantSummary, memberTexts, readShown } from "./rows.ts";

/** Shows an organization or a team: who belongs to it, and what was granted to it. */
export async function describePlace(
  cluster: Cluster,
  place: Place,
  output: "table" | "json" | "yaml",
  world: World,
): Promise<void> {
  const { organization: name, team } = place;
  const { known, grants } = await readShown(cluster, world);
  const organization = known.organizations.get(name);
  if (organization === undefined) throw noOrganization(known, name);
  const found = team === undefined ? organization : organization.teams.find((each) => each.name === team);
  if (found === undefined) throw noTeam(known, `${name}/${team}`);
  const summaries = (of: Place) => grants && grantsToExactly(grants, of).map(grantSummary);
  const own = summaries(place);
  const inherited = team === undefined ? undefined : summaries({ organization: name });
  const teams = team === undefined ? organization.teams : undefined;
  if (output !== "table") {
    const value = {
      apiVersion: API_VERSION,
      kind: team === undefined ? "OrganizationDescription" : "TeamDescription",
      name: team === undefined ? name : `${name}/${team}`,
      description: found.description,
      members: memberTexts(found),
      ...(teams === undefined
        ? {}
        : {
            teams: teams.map((each) => ({
              name: each.name,
              description: each.description,
              members: memberTexts(each),
            })),
          }),
      ...(own === undefined ? {} : { grants: own }),
      ...(inherited === undefined ? {} : { inherited }),
    };
    await printDocument(value, output, world);
    return;
  }
  printText(
    [
      `${team === undefined ? "Organization" : "Team"}:  ${team === undefined ? name : `${name}/${team}`}`,
      ...(found.description === "" ? [] : [`About:  ${found.description}`]),
      ...section("Members", memberTexts(found)),
      ...(teams === undefined ? [] : section("Teams", teams.map(teamText))),
      ...section("Grants", own?.map(grantText) ?? ["<unknown>"]),
      ...(inherited === undefined ? [] : section(`Grants of organization ${name}`, inherited.map(grantText))),
    ],
    world,
  );
}

function grantsToExactly(grants: Parameters<typeof grantsTo>[0], { organization, team }: Place) {
  return grantsTo(grants, organization, team).filter(
    ({ intent }) => team !== undefined || intent?.subject.kind === "Organization",
  );
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [`${title}:  none`] : [`${title}:`, ...lines.map((line) => `  ${line}`)];

const grantText = ({ id, role, where }: ReturnType<typeof grantSummary>) => `${id}  ${role} in ${where}`;

const teamText = ({ name, ...team }: Belonging & { name: string }) =>
  `${name}: ${memberTexts(team).join(", ") || "nobody"}`;
