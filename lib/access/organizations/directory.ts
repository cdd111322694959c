import type { KubernetesObject } from "../../kubernetes/object.ts";
import { formatTeamName, parseTeamName } from "../../kubernetes/organization-name.ts";
import { listWords } from "../../text/list-words.ts";
import { byCodePoint } from "../../text/order.ts";
import { formatSubject, isShared, subjectKey, type GrantSubject, type RbacSubject } from "../subject.ts";
import { readOrganization, type Belonging, type Organization } from "./organization.ts";

/** All organizations, as they are stored. */
export interface Directory {
  /** By name, in code-point order. */
  organizations: ReadonlyMap<string, Organization>;
  /** By group of the identity provider, the places that claim it: `acme`, `acme/web`. */
  claims: ReadonlyMap<string, readonly string[]>;
  /** Those that more than one organization claims: nobody can say whose they are. */
  disputed: ReadonlyMap<string, readonly string[]>;
}

export function directory(objects: readonly KubernetesObject[]): Directory {
  const organizations = objects.map(readOrganization).toSorted((a, b) => byCodePoint(a.name, b.name));
  const claims = new Map(
    [...Map.groupBy(organizations.flatMap(groupPlaces), ({ group }) => group)].map(([group, places]) => [
      group,
      places.map(({ place }) => place),
    ]),
  );
  return {
    organizations: new Map(organizations.map((each) => [each.name, each])),
    claims,
    disputed: new Map([...claims].filter(([, places]) => new Set(places.map(organizationPart)).size > 1)),
  };
}

/** `acme` of `acme/web`. */
export const organizationPart = (place: string): string => place.split("/")[0] ?? "";

/** Each group with the place that names it: `acme`, `acme/web`. */
function groupPlaces({ name, groups, teams }: Organization): { group: string; place: string }[] {
  return [
    ...groups.map((group) => ({ group, place: name })),
    ...teams.flatMap((team) => team.groups.map((group) => ({ group, place: `${name}/${team.name}` }))),
  ];
}

/** What of the organizations counts for nothing, or cannot be as it is, as sentences. */
export function directoryFaults({ organizations, disputed }: Directory): string[] {
  return [
    ...[...organizations].flatMap(([name, { faults }]) => faults.map((fault) => `organization ${name}: ${fault}`)),
    ...[...disputed].map(
      ([group, places]) =>
        `${formatSubject({ kind: "Group", name: group })} is claimed by ${listWords(places)}: a group can be in one organization only; it gets nothing new until it is taken out of one`,
    ),
  ];
}

/** Whether nobody belongs anywhere who did not before, and no group either. */
export function onlyTakes(before: Directory, after: Directory): boolean {
  const known = belongingKeys(before);
  return (
    [...belongingKeys(after)].every((key) => known.has(key)) &&
    [...before.disputed.keys()].every((group) => after.disputed.has(group) || !after.claims.has(group))
  );
}

function belongingKeys({ organizations }: Directory): Set<string> {
  const places = [...organizations.values()].flatMap((each) => [
    { place: each.name, ...belonging(each) },
    ...each.teams.map((team) => ({
      place: formatTeamName({ organization: each.name, team: team.name }),
      ...belonging(team),
    })),
  ]);
  return new Set(places.flatMap(({ place, subjects }) => subjects.map((subject) => `${place} ${subjectKey(subject)}`)));
}

const belonging = ({ groups, members }: Belonging): { subjects: RbacSubject[] } => ({
  subjects: [...groups.map((name): RbacSubject => ({ kind: "Group", name })), ...members],
});

/** Who a grant is for today; unknown: nobody could read the organizations. */
export type Membership =
  | { state: "known"; subjects: readonly RbacSubject[] }
  | { state: "absent" }
  | { state: "unknown" };

/**
 * Who stands for the subject of a grant: itself, or those who belong to it, groups of the identity provider before members. A team has its
 * own, an organization those of all its teams as well. `bound`: whom the grant's bindings name now; a group in dispute stays
 * where it is, and is added nowhere. `known` is undefined when the organizations could not be read.
 */
export function membersToday(
  subject: GrantSubject,
  known: Directory | undefined,
  bound: readonly RbacSubject[] = [],
): Membership {
  if (!isShared(subject)) return { state: "known", subjects: [subject] };
  if (known === undefined) return { state: "unknown" };
  const belongings = belongingsTo(subject, known);
  if (belongings === undefined) return { state: "absent" };
  const held = new Set(bound.map(subjectKey));
  const groups = belongings
    .flatMap((each) => each.groups)
    .map((name): RbacSubject => ({ kind: "Group", name }))
    .filter((group) => !known.disputed.has(group.name) || held.has(subjectKey(group)));
  const members = belongings.flatMap((each) => each.members);
  return { state: "known", subjects: [...inOrder(groups), ...inOrder(members)] };
}

function inOrder(subjects: readonly RbacSubject[]): RbacSubject[] {
  const byKey = new Map(subjects.map((subject) => [subjectKey(subject), subject]));
  return [...byKey].toSorted(([a], [b]) => byCodePoint(a, b)).map(([, subject]) => subject);
}

/** The team, or the organization with its teams; undefined for what is not there. */
function belongingsTo(
  { kind, name }: Exclude<GrantSubject, RbacSubject>,
  { organizations }: Directory,
): readonly Belonging[] | undefined {
  if (kind === "Organization") {
    const organization = organizations.get(name);
    return organization === undefined ? undefined : [organization, ...organization.teams];
  }
  const { organization, team } = parseTeamName(name);
  const found = organizations.get(organization)?.teams.find((each) => each.name === team);
  return found === undefined ? undefined : [found];
}

/** The teams and organizations that somebody belongs to, by name or by a group: `team:acme/web`, `org:acme`. */
export function sharedSubjects(
  { organizations }: Directory,
  subjects: readonly RbacSubject[],
): Exclude<GrantSubject, RbacSubject>[] {
  const keys = new Set(subjects.map(subjectKey));
  const isIn = ({ members, groups }: Belonging) =>
    members.some((member) => keys.has(subjectKey(member))) ||
    groups.some((name) => keys.has(subjectKey({ kind: "Group", name })));
  return [...organizations.values()].flatMap((organization) => {
    const { name, teams } = organization;
    const own = teams.filter(isIn).map((team) => ({
      kind: "Team" as const,
      name: formatTeamName({ organization: name, team: team.name }),
    }));
    return own.length > 0 || isIn(organization) ? [...own, { kind: "Organization" as const, name }] : [];
  });
}
