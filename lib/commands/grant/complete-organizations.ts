import { directory, type Directory } from "../../access/organizations/directory.ts";
import { formatSubject } from "../../access/subject.ts";
import type { Completer } from "../../cli/completion/complete.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { requireOrganizations } from "../../reading/organizations.ts";

const known = async (typed: ConnectOptions, world: World): Promise<Directory> =>
  directory(await requireOrganizations(await world.connect(typed)));

const described = (value: string, describe: string) => (describe === "" ? value : { value, describe });

export const completeOrganizations: Completer = async (typed, world) =>
  [...(await known(typed, world)).organizations.values()].map(({ name, description }) => described(name, description));

export const completeTeams: Completer = async (typed, world) =>
  [...(await known(typed, world)).organizations.values()].flatMap(({ name, teams }) =>
    teams.map((team) => described(`${name}/${team.name}`, team.description)),
  );

/** Who belongs to the organization or the team that the line names first. */
export const completeMembers: Completer = async (typed, world, { given }) => {
  const [organization = "", team] = given[0]?.split("/") ?? [];
  const found = (await known(typed, world)).organizations.get(organization);
  const place = team === undefined ? found : found?.teams.find(({ name }) => name === team);
  if (place === undefined) return [];
  return [...place.groups.map((name) => `group:${name}`), ...place.members.map(formatSubject)];
};
