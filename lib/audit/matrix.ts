import { formatSubject, type GrantSubject } from "../access/subject.ts";
import type { ResourceAttributes } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Action } from "../mirrord/plan/session-plan.ts";
import type { SessionRequest } from "../mirrord/plan/session-request.ts";
import { heldRights, impliedHolders, holderKey, type Counts, type Holder, type Holding, type Right } from "./rights.ts";

/** An action and the requests that it sends in a namespace that has no name of a real one. */
export interface MatrixAction {
  action: Action;
  requests: readonly SessionRequest[];
}

/** What somebody may do, and by which roles. */
export interface SubjectActions {
  subject: GrantSubject;
  /** By action: `*` for everywhere, else namespaces, in order. */
  allowed: Partial<Record<Action, string[]>>;
  /** Roles and bindings that any of it takes. */
  roles: string[];
}

/** No namespace has this name, so that a request in it is in a namespace, and in none that an object is about. */
export const SOME_NAMESPACE = "\u0000";

/**
 * Who may send every request of each action, and where: the rights of all actions are compared with every role once. A subject
 * counts with the groups that Kubernetes puts it in; what such a group is enough for alone is shown at the group.
 */
export function accessMatrix(
  objects: readonly KubernetesObject[],
  actions: readonly MatrixAction[],
  counts?: Counts,
): { rows: SubjectActions[]; errors: string[] } {
  const wanted = actions.map(({ action, requests }) => ({ action, needed: neededRights(requests) }));
  const rights = Object.fromEntries(wanted.flatMap(({ needed }) => needed));
  const { holders, errors } = heldRights(objects, rights, counts);
  const rows = [...holders.values()].flatMap((holder) => {
    const groups = impliedHolders(holder.subject, holders);
    const ids = wanted.map(({ action, needed }) => ({ action, ids: needed.map(([id]) => id) }));
    return subjectActions(holder, { groups, holders }, ids);
  });
  return { rows: rows.toSorted((a, b) => (holderKey(a.subject) < holderKey(b.subject) ? -1 : 1)), errors };
}

/** The rights that an action cannot do without. No session needs a path of the API server for certain. */
function neededRights(requests: readonly SessionRequest[]): [string, Right][] {
  return requests.flatMap(({ required, attributes }): [string, Right][] => {
    if (!required || !("resource" in attributes)) return [];
    const right = requestRight(attributes);
    return [[JSON.stringify(right), right]];
  });
}

function requestRight({ namespace = "", name = "", verb, apiGroup, resource, subresource }: ResourceAttributes): Right {
  const scope = namespace === "" ? "cluster" : "namespaced";
  return { scope, verb, apiGroup, resource, ...(subresource === undefined ? {} : { subresource }), name };
}

function subjectActions(
  holder: Holder,
  { groups, holders }: { groups: readonly Holder[]; holders: ReadonlyMap<string, Holder> },
  wanted: readonly { action: Action; ids: readonly string[] }[],
): SubjectActions[] {
  const allowed: SubjectActions["allowed"] = {};
  const roles = new Set<string>();
  for (const { action, ids } of wanted) {
    const held = ids.map((id) => whole([holder, ...groups], id));
    const places = commonPlaces(held);
    if (places.length === 0) continue;
    // What the groups have by themselves is theirs.
    const alone = enoughIn([holder], ids);
    const theirs = groups.map((group) => enoughIn([group, ...impliedHolders(group.subject, holders)], ids));
    const own = new Set(places.filter((place) => alone(place) || !theirs.some((isEnough) => isEnough(place))));
    if (own.size === 0) continue;
    allowed[action] = [...own];
    for (const { namespace, role } of held.flat())
      if (namespace === "" || own.has(namespace) || own.has("*")) roles.add(`${role.kind.toLowerCase()}/${role.name}`);
  }
  return Object.keys(allowed).length === 0 ? [] : [{ subject: holder.subject, allowed, roles: [...roles].toSorted() }];
}

const whole = (holders: readonly Holder[], id: string): Holding[] =>
  holders.flatMap(({ rights }) => (rights.get(id) ?? []).filter(({ names }) => names === undefined));

/** Whether all of these rights are held in a place, with those holders together. */
function enoughIn(together: readonly Holder[], ids: readonly string[]): (place: string) => boolean {
  const places = new Set(commonPlaces(ids.map((id) => whole(together, id))));
  return (place) => places.has("*") || places.has(place);
}

/** `["*"]` where each is held everywhere; else the namespaces in which each is held there or everywhere. */
function commonPlaces(held: readonly (readonly Holding[])[]): string[] {
  const limited = held
    .map((holdings) => new Set(holdings.map(({ namespace }) => namespace)))
    .filter((places) => !places.has(""));
  const [first, ...others] = limited;
  if (first === undefined) return held.length === 0 ? [] : ["*"];
  return [...first].filter((place) => others.every((places) => places.has(place))).toSorted();
}

/** What the lines of a matrix are: subjects, or what they are put together by. */
export const groupings = ["subject", "team", "namespace", "role"] as const;

export type Grouping = (typeof groupings)[number];

/** One line of a matrix as it is shown: who (or where, or which role), and what of each action. */
export interface ShownRow {
  name: string;
  cells: Partial<Record<Action, string[]>>;
}

/**
 * By subject: where each action is allowed. By team, namespace or role: who may do each in it, there, or by it.
 * @param teams of a subject, as subjects are written
 */
export function groupRows(
  rows: readonly SubjectActions[],
  grouping: Grouping,
  teams: (subject: GrantSubject) => readonly string[],
): ShownRow[] {
  if (grouping === "subject")
    return rows.map(({ subject, allowed }) => ({ name: formatSubject(subject), cells: allowed }));
  const found = new Map<string, Map<Action, Set<string>>>();
  for (const { subject, allowed, roles } of rows)
    for (const [action, places] of entries(allowed))
      for (const name of { team: teams(subject), namespace: places, role: roles }[grouping]) {
        const cells = found.get(name) ?? new Map<Action, Set<string>>();
        found.set(name, cells);
        const who = cells.get(action) ?? new Set<string>();
        cells.set(action, who.add(formatSubject(subject)));
      }
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, cells]) => ({
      name,
      cells: Object.fromEntries([...cells].map(([action, who]) => [action, [...who].toSorted()])),
    }));
}

function entries(allowed: SubjectActions["allowed"]): [Action, string[]][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are those that were set
  return Object.entries(allowed) as [Action, string[]][];
}
