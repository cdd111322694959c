import { planFields, storedTeam, withTeam } from "../../../access/organizations/edit.ts";
import { refuseMoving } from "../../../access/organizations/moving.ts";
import { command } from "../../../cli/grammar/command.ts";
import { formatTeamName, parseTeamName } from "../../../kubernetes/organization-name.ts";
import { connectBounded } from "../../connection.ts";
import { changeFlags } from "../change-flags.ts";
import { changeOrganizations } from "../organizations/change.ts";
import { descriptionFlag, teamPositional } from "../organizations/flags.ts";
import { requirePlace } from "../organizations/members.ts";

export const create = command({
  name: "grant team create",
  summary: "Make a team.",
  description: "One that is there already is left as it is, but for a new description. Nobody's access changes.",
  usage: "ORG/TEAM [flags]",
  examples: {
    "kubectl mirrord grant team create acme/web": "An empty one",
    'kubectl mirrord grant team create acme/web --description "The shop\'s front"': "With a description",
  },
  positionals: { team: teamPositional },
  flags: { description: descriptionFlag, ...changeFlags },
  async run({ team: text, description, dryRun, output, yes: _yes, ...connection }, world) {
    const { organization, team } = parseTeamName(text);
    const cluster = await connectBounded(connection, world);
    const fields = description === undefined ? {} : { description };
    return await changeOrganizations(
      cluster,
      (seen) => {
        const object = requirePlace(seen, { organization });
        refuseMoving(seen.objects, { organization, team });
        const isThere = storedTeam(object, team) !== undefined;
        return {
          plan: [
            planFields(
              object,
              withTeam(object, team, (found) => ({ ...found, ...fields })),
            ),
          ],
          sentences: [`${isThere ? "Changed" : "Made"} team ${formatTeamName({ organization, team })}.`],
        };
      },
      { dryRun, output },
      world,
    );
  },
});
