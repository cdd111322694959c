import { formatTeamName } from "../../../kubernetes/organization-name.ts";
import { noOrganization, noTeam } from "../../../access/organizations/missing.ts";
import { planFields, storedTeam, withMembers, type MemberChange } from "../../../access/organizations/edit.ts";
import { refuseMoving, refuseRenamed, type Place } from "../../../access/organizations/moving.ts";
import { subjectWords, type RbacSubject } from "../../../access/subject.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { listWords } from "../../../text/list-words.ts";
import type { ParsedOptions } from "../../../cli/grammar/flags.ts";
import type { World } from "../../../cli/world.ts";
import { connectBounded } from "../../connection.ts";
import type { changeFlags } from "../change-flags.ts";
import { changeOrganizations, type OrganizationChange, type OrganizationsSeen } from "./change.ts";

export const placeWords = ({ organization, team }: Place): string =>
  team === undefined ? `organization ${organization}` : `team ${formatTeamName({ organization, team })}`;

/** The organization as it is stored. Throws UserError "usage" where it, or the team, is not there. */
export function requirePlace({ objects, directory }: OrganizationsSeen, place: Place): KubernetesObject {
  const { organization, team } = place;
  const object = objects.find(({ metadata }) => metadata.name === organization);
  if (object === undefined) throw noOrganization(directory, organization);
  if (team !== undefined && storedTeam(object, team) === undefined) {
    throw noTeam(directory, formatTeamName({ organization, team }));
  }
  return object;
}

/** Puts members in, or takes them out, with what it means for grants; resolves to the exit code. */
export async function writeMembers(
  place: Place,
  change: MemberChange,
  { dryRun, output, yes: _yes, ...connection }: ParsedOptions<typeof changeFlags>,
  world: World,
): Promise<number> {
  const cluster = await connectBounded(connection, world);
  return await changeOrganizations(cluster, (seen) => changeMembers(seen, place, change), { dryRun, output }, world);
}

function changeMembers(seen: OrganizationsSeen, place: Place, change: MemberChange): OrganizationChange {
  const object = requirePlace(seen, place);
  if (place.team === undefined) refuseRenamed(seen.objects, place.organization);
  else refuseMoving(seen.objects, place);
  const { added = [], removed = [] } = change;
  const where = placeWords(place);
  const are = (subjects: readonly RbacSubject[]) =>
    `${listWords(subjects.map(subjectWords))} ${subjects.length === 1 ? "is" : "are"}`;
  return {
    plan: [planFields(object, withMembers(object, place.team, change))],
    takes: added.length === 0,
    sentences: [
      ...(added.length === 0 ? [] : [`${are(added)} in ${where}.`]),
      ...(removed.length === 0 ? [] : [`${are(removed)} no longer in ${where}.`]),
    ],
  };
}
