import type { KubernetesObject } from "../kubernetes/object.ts";
import { parseTeamName } from "../kubernetes/organization-name.ts";
import { selectedCollection, type CollectionPath } from "./collection.ts";
import type { GrantRow } from "./grant-row.ts";
import type { ResourceSet } from "./intent.ts";
import { placesToday } from "./places.ts";
import type { StoredGrant } from "./stored.ts";
import { isShared, subjectWords, type GrantSubject } from "./subject.ts";

/** One way in which a subject has a role: by one part of what a grant is on, or by a binding that was made by hand. */
export interface MatrixPath {
  role: string;
  targets: string[];
  /** Where it holds today; `*` for everywhere. */
  namespaces: string[];
  /** Undefined for a binding that was made by hand. */
  grant?: string;
  managed: boolean;
  /** Of a grant to a team, or to an organization. */
  team?: string;
  organization?: string;
  /** Undefined where the namespaces are named, or chosen by other labels. */
  collection?: CollectionPath;
}

export interface SubjectRoles {
  /** Undefined for one of an unknown kind. */
  subject?: string;
  /** By namespace, `*` for all: the roles there; a limited one with its targets. */
  roles: Record<string, string[]>;
  paths: MatrixPath[];
}

/** What the namespaces of a cluster are, as far as the caller may list them. */
export interface MatrixPlaces {
  all: readonly KubernetesObject[] | undefined;
  operator: string;
  offline: boolean;
}

/** The ways of one grant, or of one binding that was made by hand. A namespace for which the way is not known counts as a named one. */
export function matrixPaths(row: GrantRow, grant: StoredGrant | undefined, places: MatrixPlaces): MatrixPath[] {
  const { role = "", targets, managed, id } = row;
  const intent = grant?.intent;
  const base = {
    role,
    targets,
    managed,
    ...(id === undefined ? {} : { grant: id }),
    ...(intent === undefined ? {} : sharedParts(intent.subject)),
  };
  const ways = intent === undefined ? [] : collectionWays(intent.set, places);
  const found = new Set(ways.flatMap(({ namespaces }) => namespaces));
  const named = intent === undefined || intent.set.kind === "all" ? row.namespaces : intent.set.namespaces;
  const rest = row.namespaces.filter((namespace) => named.includes(namespace) || !found.has(namespace));
  return [
    ...(rest.length === 0 ? [] : [{ ...base, namespaces: rest }]),
    ...ways.map(({ collection, namespaces }) => ({ ...base, collection, namespaces })),
  ];
}

function sharedParts(subject: GrantSubject): Pick<MatrixPath, "team" | "organization"> {
  if (subject.kind === "Organization") return { organization: subject.name };
  if (subject.kind !== "Team") return {};
  return { team: subject.name, organization: parseTeamName(subject.name).organization };
}

function collectionWays(
  set: ResourceSet,
  { all, operator, offline }: MatrixPlaces,
): { collection: CollectionPath; namespaces: string[] }[] {
  if (set.kind === "all") return [];
  return (set.selectors ?? []).flatMap((selector) => {
    const collection = selectedCollection(selector);
    if (collection === undefined) return [];
    const alone: ResourceSet = { kind: "namespaces", namespaces: [], selectors: [selector] };
    return [{ collection, namespaces: placesToday(alone, { all, operator }, { offline }) ?? [] }];
  });
}

/** A row for each subject, in code-point order. What is over gives nothing, and is left out. */
export function rolesBySubject(found: readonly { row: GrantRow; paths: readonly MatrixPath[] }[]): SubjectRoles[] {
  const current = found.filter(({ row: { status } }) => status !== "expired" && status !== "unreadable");
  const bySubject = Map.groupBy(current, ({ row: { subject = "" } }) => subject);
  return [...bySubject]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, grants]) => {
      const paths = grants.flatMap((each) => each.paths);
      return { ...(subject === "" ? {} : { subject }), roles: rolesByPlace(paths), paths };
    });
}

function rolesByPlace(paths: readonly MatrixPath[]): SubjectRoles["roles"] {
  const places = new Map<string, Set<string>>();
  for (const path of paths) {
    const name = roleName(path);
    for (const namespace of path.namespaces) {
      const known = places.get(namespace);
      if (known === undefined) places.set(namespace, new Set([name]));
      else known.add(name);
    }
  }
  return Object.fromEntries([...places].map(([namespace, roles]) => [namespace, [...roles].toSorted()]));
}

/** `user`, `user:deployment/web`; in brackets what was bound by hand. */
function roleName({ role, targets, managed }: MatrixPath): string {
  const name = targets.length === 0 ? role : `${role}:${targets.join("+")}`;
  return managed ? name : `[${name}]`;
}

/** What stands in the cell of each namespace, `*` for all: each role with the collections that it came by, `user (prod/web)`. */
export function matrixCells({ paths }: Pick<SubjectRoles, "paths">): ReadonlyMap<string, string> {
  const places = new Map<string, Map<string, Set<CollectionPath>>>();
  for (const path of paths) {
    const name = roleName(path);
    for (const namespace of path.namespaces) {
      const roles = places.get(namespace) ?? new Map<string, Set<CollectionPath>>();
      places.set(namespace, roles);
      const collections = roles.get(name) ?? new Set();
      roles.set(name, collections);
      if (path.collection !== undefined) collections.add(path.collection);
    }
  }
  return new Map([...places].map(([namespace, roles]) => [namespace, cellText(roles)]));
}

function cellText(roles: ReadonlyMap<string, ReadonlySet<CollectionPath>>): string {
  return [...roles]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([role, collections]) => (collections.size === 0 ? role : `${role} (${[...collections].join(", ")})`))
    .join(",");
}

/** What a subject has in the same way in several namespaces. */
export interface MatrixLine {
  subject?: string;
  /** `*` for all. */
  namespaces: string[];
  /** As in a cell. */
  roles: string;
}

/** The rows where there are too many namespaces for columns: what each subject has, with where; what holds everywhere first. */
export function matrixLines(rows: readonly SubjectRoles[]): MatrixLine[] {
  return rows.flatMap((row) => {
    const subject = row.subject === undefined ? {} : { subject: row.subject };
    const cells = [...matrixCells(row)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [...Map.groupBy(cells, ([, roles]) => roles)].map(([roles, same]) => ({
      ...subject,
      namespaces: same.map(([namespace]) => namespace),
      roles,
    }));
  });
}

/**
 * The way as a sentence: `jim, in team acme/web, on collection prod: user in dev, by grant ID`.
 * @param member whose ways they are, with the teams that they are in; left out, the subject of the grant itself
 */
export function pathSentence(
  path: MatrixPath,
  subject: GrantSubject | undefined,
  member?: { subject: GrantSubject; teams: readonly string[] },
): string {
  const { team, organization, collection, role, targets, namespaces, grant } = path;
  const teams = (member?.teams ?? []).filter((name) => team === undefined && name.startsWith(`${organization}/`));
  const shared = [
    ...(team === undefined ? teams : [team]).map((name) => `team ${name}`),
    ...(team === undefined && organization !== undefined ? [`organization ${organization}`] : []),
  ];
  const isMember = member !== undefined && !isShared(member.subject);
  const who = member?.subject ?? subject;
  const begin = who === undefined ? "somebody" : subjectWords(who);
  const through = isMember || (who?.kind === "Team" && team === undefined) ? shared : [];
  const on = targets.length === 0 ? role : `${role} (${targets.join(", ")})`;
  const where = namespaces.includes("*") ? "in all namespaces" : `in ${namespaces.join(", ") || "no namespace today"}`;
  return [
    begin,
    ...(through.length === 0 ? [] : [`, in ${through.filter((part) => part !== begin).join(" of ")}`]),
    ...(collection === undefined ? [] : [`, on collection ${collection}`]),
    `: ${on} ${where}, ${grant === undefined ? "bound by hand" : `by grant ${grant}`}`,
  ].join("");
}
