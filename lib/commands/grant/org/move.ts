import { planFields, planOrganization, planOrganizationDeletion } from "../../../access/organizations/edit.ts";
import { planStaying, refuseBeginning } from "../../../access/organizations/moving.ts";
import type { GrantSubject } from "../../../access/subject.ts";
import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag } from "../../../cli/grammar/flags.ts";
import { usageError } from "../../../errors.ts";
import { isSameJson, objectIn } from "../../../json.ts";
import { parseOrganizationName } from "../../../kubernetes/organization-name.ts";
import { readGrants } from "../../../reading/grants.ts";
import { connectBounded } from "../../connection.ts";
import { changeFlags } from "../change-flags.ts";
import { changeOrganizations } from "../organizations/change.ts";
import { organizationPositional } from "../organizations/flags.ts";
import { grantsTo, refuseUsed } from "../organizations/grants.ts";
import { requirePlace } from "../organizations/members.ts";
import { grantsAlong } from "../organizations/move-grants.ts";
import { moveHalves } from "../organizations/move-halves.ts";

export const move = command({
  name: "grant org move",
  summary: "Give an organization another name.",
  description: [
    "Its teams and members stay. One that grants name, or whose teams they name, keeps its name, unless --cascade moves them along: they are made under",
    "the new name before they go under the old one. The same command finishes a move that was interrupted.",
  ].join(" "),
  usage: "ORG NEW [flags]",
  examples: { "kubectl mirrord grant org move acme apex": "acme is called apex from now on" },
  positionals: {
    organization: organizationPositional,
    name: { type: "string", placeholder: "NEW", describe: "Its new name", required: true },
  },
  flags: { cascade: booleanFlag("Move the grants to it and to its teams along."), ...changeFlags },
  async run({ organization, name, cascade, dryRun, output, yes: _yes, ...connection }, world) {
    const [before, after] = [parseOrganizationName(organization), parseOrganizationName(name)];
    const cluster = await connectBounded(connection, world);
    const renamed = (subject: GrantSubject): GrantSubject =>
      subject.kind === "Team"
        ? { kind: "Team", name: `${after}/${subject.name.slice(before.length + 1)}` }
        : { kind: "Organization", name: after };
    const along = grantsAlong(cluster, world);
    const place = { organization: before };
    const halves = moveHalves(place, after, along);
    return await changeOrganizations(
      cluster,
      async (seen) => {
        const object = requirePlace(seen, place);
        if (before === after)
          return { plan: [planStaying(seen.objects, object, undefined)], sentences: [`Organization ${before} stays.`] };
        refuseBeginning(seen.objects, place, after);
        const spec = objectIn(object["spec"]);
        const there = seen.objects.find(({ metadata }) => metadata.name === after);
        // The very same organization is what a move leaves that was interrupted: this one finishes it.
        if (there !== undefined && !isSameJson(there["spec"], object["spec"])) {
          throw usageError(`organization ${after} is there already, and another`);
        }
        const grants = grantsTo(await readGrants(cluster), before);
        if (!cascade) refuseUsed(`organization ${before}`, [], grants);
        return {
          plan: [
            there === undefined ? planOrganization(after, spec) : planFields(there, spec),
            // As long as it is there, the same command finds what it was to move.
            { ...planOrganizationDeletion(object), stage: Infinity },
          ],
          sentences: [`Organization ${before} is ${after} now.`],
          ...(await along.plan(grants, renamed)),
        };
      },
      { dryRun, output, ...(before === after ? {} : { halves }) },
      world,
    );
  },
});
