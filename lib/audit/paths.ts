import { formatSubject, type GrantSubject } from "../access/subject.ts";
import { isControlPlane } from "./control-plane.ts";
import { type EdgeId } from "./edges.ts";
import { SESSION } from "./edges/edge.ts";
import { reachableFrom, shortestWays, wayFrom, type Edge } from "./graph.ts";
import type { PathFacts } from "./path-facts.ts";
import { goals, MANAGE, sessionGoal } from "./path-ends.ts";
import { EVERYTHING, isOwnAccount, pathGraph, type PathGraph, type StepLabel } from "./path-graph.ts";
import { impliedHolders, wayPlacesWithGroups, type HeldRights, type Holder, type Holding } from "./rights.ts";

export interface PathStep {
  edge: EdgeId;
  /** Who somebody is after it, as subjects are written; empty where the step itself leads to the goal. */
  becomes: string;
  /** Left out: everywhere, or of what has no namespace. */
  namespace?: string;
  through: Holding;
}

export type Goal = keyof typeof goals | "sessions";

/** How somebody gets what no binding gives them. */
export interface AccessPath {
  start: GrantSubject;
  goal: Goal;
  /** Of `sessions`; left out: everywhere. */
  place?: string;
  /** At least one. */
  steps: PathStep[];
}

/**
 * Shortest first: the shortest path of everybody to what they do not have themselves, the gravest of what they reach: to everything; else to
 * the operator's account, to managing grants and to what guards them; else to sessions. The control plane is nobody's business,
 * and who is in `system:authenticated` or another group of everybody has the paths of that group, which is told alone.
 */
export function accessPaths(facts: PathFacts, held: HeldRights): AccessPath[] {
  const graph = pathGraph(facts, held);
  const starts = [...held.holders].filter(
    ([, { subject, rights }]) => !rights.has(EVERYTHING) && !isControlPlane(subject) && !isOwnAccount(subject, facts),
  );
  const found: AccessPath[] = [];
  const settled = new Set<string>();
  const search = (goal: keyof typeof goals, from: typeof starts) => {
    const ways = shortestWays(graph, goals[goal]);
    for (const [key, { subject }] of from) {
      const steps = pathSteps(wayFrom(ways, key), held);
      if (steps === undefined) continue;
      found.push({ start: subject, goal, steps });
      settled.add(key);
    }
  };
  search("administrator", starts);
  const others = starts.filter(([key]) => !settled.has(key));
  search("operator", others);
  search(
    "manage",
    others.filter(([, { rights }]) => !rights.has(MANAGE)),
  );
  search("guards", others);
  found.push(
    ...sessionPaths(
      graph,
      held,
      others.filter(([key]) => !settled.has(key)),
    ),
  );
  return found.toSorted((a, b) => a.steps.length - b.steps.length);
}

/**
 * Of each the shortest path to sessions in a namespace where it may start none. Only through what these starts reach at all is
 * looked for each namespace, so that namespaces which nobody reaches cost nothing.
 */
function sessionPaths(graph: PathGraph, held: HeldRights, starts: readonly [string, Holder][]): AccessPath[] {
  const own = new Map(
    starts.map(([key, holder]) => [key, { subject: holder.subject, places: ownSessions(held, holder) }]),
  );
  const reached = reachableFrom(
    graph,
    starts.map(([key]) => key),
  );
  const best = new Map<string, AccessPath>();
  for (const place of graph.sessionPlaces) {
    const ways = shortestWays(graph, sessionGoal(place), reached);
    for (const key of ways.keys()) {
      const start = own.get(key);
      if (start === undefined || start.places.has("") || start.places.has(place)) continue;
      const { subject } = start;
      const way = wayFrom(ways, key);
      const known = best.get(key);
      if (known !== undefined && known.steps.length <= way.filter(({ label }) => label !== undefined).length) continue;
      const steps = pathSteps(way, held);
      if (steps !== undefined)
        best.set(key, { start: subject, goal: "sessions", ...(place === "" ? {} : { place }), steps });
    }
  }
  return starts.flatMap(([key]) => best.get(key) ?? []);
}

/** Where somebody may start sessions, by itself or by a group that it is always in; "" is everywhere. */
function ownSessions({ holders }: HeldRights, holder: Holder): ReadonlySet<string> {
  const all = [holder, ...impliedHolders(holder.subject, holders)];
  return new Set(all.flatMap((one) => wayPlacesWithGroups(one, holders, SESSION).map(({ namespace }) => namespace)));
}

/** Undefined: there is no way, or it only begins at a group that the start is in. */
function pathSteps(way: readonly Edge<StepLabel>[], { holders }: HeldRights): PathStep[] | undefined {
  if (way[0]?.label === undefined) return undefined;
  const steps: PathStep[] = [];
  for (const { to, label } of way) {
    if (label !== undefined) {
      const { edge, namespace, through } = label;
      steps.push({ edge, becomes: "", ...(namespace === "" ? {} : { namespace }), through });
    }
    const last = steps.at(-1);
    // A set of accounts is passed through; of an account and its group the account is who somebody is.
    if (last !== undefined && last.becomes === "") last.becomes = subjectText(to, holders);
  }
  return steps;
}

function subjectText(node: string, holders: ReadonlyMap<string, Holder>): string {
  if (node.startsWith("@")) return "";
  const known = holders.get(node)?.subject;
  return known === undefined ? node.slice(node.indexOf(" ") + 1) : formatSubject(known);
}
