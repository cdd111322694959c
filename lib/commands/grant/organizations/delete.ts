import { planFields, planOrganizationDeletion, withoutTeam } from "../../../access/organizations/edit.ts";
import { refuseMoving, type Place } from "../../../access/organizations/moving.ts";
import type { World } from "../../../cli/world.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { readGrants } from "../../../reading/grants.ts";
import { planRevocation } from "../plan-revocation.ts";
import type { ChangeOptions } from "../show-change.ts";
import { changeOrganizations } from "./change.ts";
import { grantsTo, refuseUsed } from "./grants.ts";
import { placeWords, requirePlace } from "./members.ts";

export interface DeleteOptions extends ChangeOptions {
  cascade: boolean;
  ignoreNotFound: boolean;
  yes: boolean;
}

/** Deletes an organization or a team, with the grants to it where that is meant. Resolves to the exit code. */
export async function deletePlace(
  cluster: Cluster,
  place: Place,
  { cascade, ignoreNotFound, yes, ...options }: DeleteOptions,
  world: World,
): Promise<number> {
  const { organization, team } = place;
  const what = placeWords(place);
  if (cascade && !yes && options.dryRun === "none") {
    const question = `Delete ${what}, and revoke the grants to it?`;
    if (!(await world.ask.confirm(question, "--yes"))) {
      world.print("Nothing was deleted.");
      return 1;
    }
  }
  return await changeOrganizations(
    cluster,
    async (seen) => {
      const known = seen.directory.organizations.get(organization);
      const isThere =
        team === undefined ? known !== undefined : known?.teams.some(({ name }) => name === team) === true;
      const grants = grantsTo(await readGrants(cluster), organization, team);
      const revoked = grants.map(({ id }) => `Revoked grant ${id}.`);
      const revocation = async () =>
        grants.length === 0 ? {} : { revocation: await planRevocation(cluster, grants, [], world) };
      // A deletion that was interrupted has taken the place away, and not yet all that was granted to it.
      if (!isThere && cascade && grants.length > 0)
        return { plan: [], sentences: revoked, takes: true, ...(await revocation()) };
      if (!isThere && ignoreNotFound) return { plan: [], sentences: [] };
      const object = requirePlace(seen, place);
      refuseMoving(seen.objects, place);
      const teams = team === undefined ? (known?.teams ?? []).map(({ name }) => `${organization}/${name}`) : [];
      if (!cascade) refuseUsed(what, teams, grants);
      return {
        plan: [team === undefined ? planOrganizationDeletion(object) : planFields(object, withoutTeam(object, team))],
        sentences: [`Deleted ${what}.`, ...revoked],
        ...(await revocation()),
      };
    },
    options,
    world,
  );
}
