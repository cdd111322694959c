// What administrators do in a storm, each command with what it decides: keys are `grant SUBJECT ROLE PLACE`, `member TEAM PERSON`,
// `team TEAM` (its organization) and `collection PLACE` (where a namespace, or a whole collection, is).
import type { Random } from "../rbac/random.ts";

export interface Command {
  /** Behind `kubectl mirrord grant`. */
  words: string[];
  writes: ReadonlyMap<string, string>;
}

const numbers = (count: number): number[] => [...Array(count).keys()];

export const people = ["ann", "bob", "eve", "tom"];
const visitors = ["una", "vic", "wim"];
const users = ["jim", "joe", "jon"];
const roles = ["user", "view", "minimal"];
/** In every organization; nothing but their members changes. */
export const teams = ["data", "web"];
/** Is in one organization at a time, and moves. */
export const nomad = "nomad";
export const organizations = ["acme", "beta", "corp"];
export const namespaces = numbers(5).map((at) => `ns-${at}`);
/** In the collection that moves as a whole. */
export const roaming = ["roam-0", "roam-1"];
const collections = ["dev", "prod", "prod/web"];
/** Where the whole collection is, at one time. */
const roamingPaths = ["prod/roam", "dev/roam"];
const roam = roamingPaths[0] ?? "";
/** Where each of `namespaces` and `roaming` is to begin with. */
export const startingPaths = [...collections, ...collections.slice(0, 2), roam, roam];
/** Who is in the one that moves to begin with; in the others everybody is. */
export const nomadMembers = people.slice(0, 2);

export const grantKey = (subject: string, role: string, place: string): string => `grant ${subject} ${role} ${place}`;

/** A subject's name that stays when a team moves. */
const lasting = (subject: string): string => subject.replace(/^team:\w+\/nomad$/, "team:nomad");

/** @param movesTeams whether teams move between organizations, with the grants to them */
export function anyCommand(choices: Random, { movesTeams }: { movesTeams: boolean }): Command {
  const makers = weights.flatMap(([weight, make]) =>
    make === moveTeam && !movesTeams ? [] : Array<typeof make>(weight).fill(make),
  );
  return (choices.pickAny(makers) ?? sync)(choices);
}

const any = (choices: Random, items: readonly string[]): string => choices.pickAny(items) ?? "";
const anyTeam = (choices: Random): string => `${any(choices, organizations)}/${any(choices, teams)}`;
const one = (key: string, value: string): ReadonlyMap<string, string> => new Map([[key, value]]);

function grantUser(choices: Random): Command {
  const [user, role] = [any(choices, users), any(choices, roles)];
  const places = choices.some(namespaces, 1, 2);
  return {
    words: [user, ...places.flatMap((place) => ["--ns", place]), "--role", role],
    writes: new Map(places.map((place) => [grantKey(user, role, place), "yes"])),
  };
}

function revokeUser(choices: Random): Command {
  const user = any(choices, users);
  const place = choices.chance(0.5) ? any(choices, namespaces) : undefined;
  const places = place === undefined ? namespaces : [place];
  return {
    words: ["revoke", user, ...(place === undefined ? [] : ["--ns", place])],
    writes: new Map(roles.flatMap((role) => places.map((each) => [grantKey(user, role, each), ""] as const))),
  };
}

function grantTeam(choices: Random): Command {
  const team = choices.chance(0.3) ? `${any(choices, organizations)}/${nomad}` : anyTeam(choices);
  const place = any(choices, collections);
  return {
    words: [`team:${team}`, "--collection", place, "--accept-label-risk"],
    writes: one(grantKey(lasting(`team:${team}`), "user", place), "yes"),
  };
}

function grantOrganization(choices: Random): Command {
  const [subject, place] = [`org:${any(choices, organizations)}`, any(choices, namespaces)];
  return { words: [subject, "--ns", place, "--role", "view"], writes: one(grantKey(subject, "view", place), "yes") };
}

function revokeShared(choices: Random): Command {
  const organization = any(choices, organizations);
  const subject = choices.chance(0.3)
    ? `org:${organization}`
    : `team:${choices.chance(0.3) ? `${organization}/${nomad}` : anyTeam(choices)}`;
  const places = subject.startsWith("org:") ? namespaces : collections;
  const role = subject.startsWith("org:") ? "view" : "user";
  return {
    words: ["revoke", subject],
    writes: new Map(places.map((place) => [grantKey(lasting(subject), role, place), ""])),
  };
}

function changeMember(choices: Random): Command {
  const [verb, value] = choices.pick([
    ["add", "yes"],
    ["remove", ""],
  ] as const);
  const team = choices.chance(0.2) ? `${any(choices, organizations)}/${nomad}` : anyTeam(choices);
  const members = choices.some([...people, ...visitors], 1, 2);
  const key = (member: string) => `member ${lasting(`team:${team}`)} ${member}`;
  return { words: ["team", verb, team, ...members], writes: new Map(members.map((member) => [key(member), value])) };
}

function moveTeam(choices: Random): Command {
  const [from = "", to = ""] = choices.some(organizations, 2, 2);
  return { words: ["team", "move", `${from}/${nomad}`, to, "--cascade"], writes: one(`team ${nomad}`, to) };
}

function placeNamespaces(choices: Random): Command {
  const places = choices.some(namespaces, 1, 2);
  const named = places.flatMap((place) => ["--ns", place]);
  if (choices.chance(0.2))
    return {
      words: ["collection", "unassign", ...named],
      writes: new Map(places.map((place) => [`collection ${place}`, ""])),
    };
  const path = any(choices, collections);
  const writes = new Map(places.map((place) => [`collection ${place}`, path]));
  return { words: ["collection", "move", ...named, path], writes };
}

function moveCollection(choices: Random): Command {
  const [from = "", to = ""] = choices.some(roamingPaths, 2, 2);
  return { words: ["collection", "move", from, to], writes: one("collection roam", to) };
}

const sync = (): Command => ({ words: ["sync", "-y"], writes: new Map() });

const weights: readonly (readonly [number, (choices: Random) => Command])[] = [
  [20, grantUser],
  [16, revokeUser],
  [14, grantTeam],
  [6, grantOrganization],
  [10, revokeShared],
  [18, changeMember],
  [6, moveTeam],
  [14, placeNamespaces],
  [5, moveCollection],
  [8, sync],
];
