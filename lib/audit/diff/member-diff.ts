import type { Directory } from "../../access/organizations/directory.ts";
import type { Belonging } from "../../access/organizations/organization.ts";
import { subjectKey, type GrantSubject, type RbacSubject } from "../../access/subject.ts";
import { byCodePoint } from "../../text/order.ts";

/** Somebody who comes into a team or an organization, or goes: the first thing to read where a grant names these. */
export interface MemberChange {
  member: RbacSubject;
  change: "joins" | "leaves";
  /** `team:acme/web`, `org:acme`. */
  place: GrantSubject;
}

/** Who joins and who leaves which team and organization. Who is in a team is not named again for its organization. */
export function memberChanges(base: Directory, head: Directory): MemberChange[] {
  const [before, after] = [places(base), places(head)];
  return [...new Set([...before.keys(), ...after.keys()])].toSorted(byCodePoint).flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)];
    const place = (other ?? one)?.place;
    if (place === undefined) return [];
    const [was, is] = [membersIn(one?.belonging), membersIn(other?.belonging)];
    const named = (change: MemberChange["change"], from: typeof was, to: typeof was) =>
      [...to].filter(([member]) => !from.has(member)).map(([, member]): MemberChange => ({ member, change, place }));
    return [...named("joins", was, is), ...named("leaves", is, was)];
  });
}

interface NamedPlace {
  place: GrantSubject;
  belonging: Belonging;
}

function places({ organizations }: Directory): Map<string, NamedPlace> {
  const named = [...organizations.values()].flatMap(({ teams, ...organization }): NamedPlace[] => [
    { place: { kind: "Organization", name: organization.name }, belonging: organization },
    ...teams.map(({ name, ...team }): NamedPlace => ({
      place: { kind: "Team", name: `${organization.name}/${name}` },
      belonging: team,
    })),
  ]);
  return new Map(named.map((each) => [each.place.name, each]));
}

/** Groups before those who are named. */
function membersIn(belonging: Belonging | undefined): Map<string, RbacSubject> {
  const { groups = [], members = [] } = belonging ?? {};
  const all = [...groups.map((name): RbacSubject => ({ kind: "Group", name })), ...members];
  return new Map(all.map((member) => [subjectKey(member), member]));
}
