import { planFields, storedTeam, withTeam } from "../../../access/organizations/edit.ts";
import { planMoved, planStaying, refuseBeginning, refuseRenamed } from "../../../access/organizations/moving.ts";
import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag } from "../../../cli/grammar/flags.ts";
import { usageError } from "../../../errors.ts";
import { isSameJson } from "../../../json.ts";
import { formatTeamName, parseOrganizationName, parseTeamName } from "../../../kubernetes/organization-name.ts";
import { readGrants } from "../../../reading/grants.ts";
import { connectBounded } from "../../connection.ts";
import { changeFlags } from "../change-flags.ts";
import { changeOrganizations } from "../organizations/change.ts";
import { organizationPositional, teamPositional } from "../organizations/flags.ts";
import { grantsTo, refuseUsed } from "../organizations/grants.ts";
import { requirePlace } from "../organizations/members.ts";
import { grantsAlong } from "../organizations/move-grants.ts";
import { moveHalves } from "../organizations/move-halves.ts";

export const move = command({
  name: "grant team move",
  summary: "Move a team to another organization.",
  description: [
    "Its members get what the new organization was granted, and lose what the old one was, by the same command. A team that grants name is kept where it",
    "is, unless --cascade moves them along: they are made under the new name before they go under the old one. The same command finishes a move that was",
    "interrupted.",
  ].join(" "),
  usage: "ORG/TEAM ORG [flags]",
  examples: {
    "kubectl mirrord grant team move acme/web beta": "acme/web becomes beta/web",
    "kubectl mirrord grant team move acme/web beta --cascade": "Together with the grants to it",
  },
  positionals: { team: teamPositional, organization: { ...organizationPositional, describe: "Where it goes" } },
  flags: { cascade: booleanFlag("Move the grants to it along."), ...changeFlags },
  async run({ team: from, organization, cascade, dryRun, output, yes: _yes, ...connection }, world) {
    const old = parseTeamName(from);
    const { team } = old;
    const to = { organization: parseOrganizationName(organization), team };
    const cluster = await connectBounded(connection, world);
    const [before, after] = [formatTeamName(old), formatTeamName(to)];
    const along = grantsAlong(cluster, world);
    const halves = moveHalves(old, to.organization, along);
    return await changeOrganizations(
      cluster,
      async (seen) => {
        const source = requirePlace(seen, old);
        const target = requirePlace(seen, { organization: to.organization });
        if (before === after) {
          refuseRenamed(seen.objects, old.organization);
          return { plan: [planStaying(seen.objects, source, team)], sentences: [`Team ${before} stays.`] };
        }
        refuseBeginning(seen.objects, old, to.organization);
        const stored = storedTeam(source, team) ?? {};
        const there = storedTeam(target, team);
        // The very same team is what a move leaves that was interrupted: this one finishes it.
        if (there !== undefined && !isSameJson(there, stored)) {
          throw usageError(`team ${after} is there already`, "Move its members one by one: grant team add and remove.");
        }
        const grants = grantsTo(await readGrants(cluster), old.organization, team);
        if (!cascade) refuseUsed(`team ${before}`, [], grants);
        return {
          plan: [
            planFields(
              target,
              withTeam(target, team, () => stored),
            ),
            planMoved(source, team),
          ],
          sentences: [`Team ${before} is ${after} now.`],
          ...(await along.plan(grants, () => ({ kind: "Team", name: after }))),
        };
      },
      { dryRun, output, ...(before === after ? {} : { halves }) },
      world,
    );
  },
});
