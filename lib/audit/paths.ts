import { formatSubject, type GrantSubject } from "../access/subject.ts";
import { isControlPlane } from "./control-plane.ts";
import { type EdgeId } from "./edges.ts";
import { SESSION } from "./edges/edge.ts";
import { shortestWays, wayFrom, type Edge } from "./graph.ts";
import type { PathFacts } from "./path-facts.ts";
import { EVERYTHING, goals, isOwnAccount, MANAGE, pathGraph, sessionGoal, type StepLabel } from "./path-graph.ts";
import { impliedGroupKeys, wayPlaces, type HeldRights, type Holder, type Holding } from "./rights.ts";

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
  const found = new Map<string, AccessPath[]>();
  const add = (key: string, path: AccessPath) => void found.set(key, [...(found.get(key) ?? []), path]);
  const search = (goal: Goal, node: string, place: string, has: (key: string, holder: Holder) => boolean) => {
    const ways = shortestWays(graph, node);
    for (const [key, holder] of starts) {
      if (has(key, holder)) continue;
      const steps = pathSteps(wayFrom(ways, key), held);
      if (steps === undefined) continue;
      add(key, { start: holder.subject, goal, ...(place === "" ? {} : { place }), steps });
    }
  };
  search("administrator", goals.administrator, "", () => false);
  const isAdministrator = (key: string) => found.has(key);
  const administrators = new Set(starts.map(([key]) => key).filter(isAdministrator));
  search("operator", goals.operator, "", (key) => administrators.has(key));
  search("manage", goals.manage, "", (key, { rights }) => administrators.has(key) || rights.has(MANAGE));
  search("guards", goals.guards, "", (key) => administrators.has(key));
  const settled = new Set(found.keys());
  for (const place of graph.sessionPlaces)
    search("sessions", sessionGoal(place), place, (key, holder) => settled.has(key) || maySession(held, holder, place));
  const shortestFirst = (paths: readonly AccessPath[]) => paths.toSorted((a, b) => a.steps.length - b.steps.length);
  const told = [...found.values()].flatMap((paths) => {
    const sessions = paths.filter(({ goal }) => goal === "sessions");
    return [...paths.filter(({ goal }) => goal !== "sessions"), ...shortestFirst(sessions).slice(0, 1)];
  });
  return shortestFirst(told);
}

/** By itself or by a group that it is always in. */
function maySession({ holders }: HeldRights, holder: Holder, place: string): boolean {
  const all = [holder, ...impliedGroupKeys(holder.subject).flatMap((key) => holders.get(key) ?? [])];
  return all.some((one) => wayPlaces(one, SESSION).some(({ namespace }) => namespace === "" || namespace === place));
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
