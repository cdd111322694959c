import type { GrantSubject } from "../access/subject.ts";
import { accessModel } from "../access/names.ts";
import { actingHolders } from "./constrained.ts";
import { edges, type EdgeId } from "./edges.ts";
import { NODES_GROUP, SESSION, type EdgeRule } from "./edges/edge.ts";
import { addDistinctEdges, addEdge, type Graph } from "./graph.ts";
import { ends, goals, MANAGE, sessionGoal, type Places } from "./path-ends.ts";
import { BOOTSTRAPPERS, isBootstrapGroup, NODE } from "./node-ends.ts";
import type { PathFacts } from "./path-facts.ts";
import { accountKey, aggregatingRoles, boundRoles, namedAccounts } from "./path-places.ts";
import {
  impliedGroupKeys,
  wayPlaces,
  wayPlacesWithGroups,
  type HeldPlace,
  type HeldRights,
  type Holder,
  type Holding,
} from "./rights.ts";

/** How one step is done: the way, where, and through which binding. */
export interface StepLabel {
  edge: EdgeId;
  /** "": everywhere, or of what has no namespace. */
  namespace: string;
  through: Holding;
}

/** Nodes are subjects, by their keys, and sets of them, which begin with `@`: `@pods/dev`; `@pods/` is everywhere. */
export interface PathGraph extends Graph<StepLabel> {
  /** Where somebody may start sessions; "" is everywhere. */
  sessionPlaces: ReadonlySet<string>;
}

interface GrowingGraph extends PathGraph {
  sessionPlaces: Set<string>;
}

/** A right that is a goal itself. */
export const EVERYTHING = "* *.*";

export function pathGraph(facts: PathFacts, { holders }: HeldRights): PathGraph {
  const sessionPlaces = new Set<string>();
  const graph: GrowingGraph = { into: new Map(), sessionPlaces };
  const accounts = knownAccounts(facts, holders);
  const places: Places = {
    facts,
    namespaces: new Set([...accounts.values()].map(({ namespace }) => namespace)),
    whole: wholeRoles(holders),
    clusterRoles: new Map(
      facts.rbac.flatMap((role) => (role.kind === "ClusterRole" ? [[role.metadata.name ?? "", role]] : [])),
    ),
    roles: Map.groupBy(
      facts.rbac.filter(({ kind }) => kind === "Role"),
      ({ metadata }) => metadata.namespace ?? "",
    ),
    holders,
    aggregating: aggregatingRoles(facts.rbac),
    bound: boundRoles(facts.rbac),
    accountsNamed: namedAccounts(
      facts.accounts.map(({ namespace, name }) => ({ namespace, account: name })),
      ({ account }) => [account],
    ),
    podsNamed: namedAccounts(facts.pods, ({ name }) => [name]),
    targetsNamed: namedAccounts(facts.pods, ({ targets }) => targets),
    tokensNamed: namedAccounts(facts.tokens, ({ secret }) => [secret]),
    nodesNamed: namedAccounts(facts.pods, ({ node = "" }) => [node]),
  };
  addSets(graph, places, accounts, holders);
  const withGroups: FindPlaces = (holder, needed) => wayPlacesWithGroups(holder, holders, needed);
  for (const [key, holder] of holders) {
    // Whoever may do everything goes no way to more.
    if (holder.rights.has(EVERYTHING)) addEdge(graph, { from: key, to: goals.administrator });
    else for (const [edge, { ways }] of edgeEntries) addWays(graph, { key, holder, edge, ways }, places, withGroups);
    if (holder.rights.has(MANAGE)) addEdge(graph, { from: key, to: goals.manage });
    addSessions(graph, sessionPlaces, key, withGroups(holder, SESSION));
  }
  addActing(graph, sessionPlaces, places);
  for (const key of new Set([...holders.keys(), ...accounts.keys()]))
    for (const group of impliedGroupKeys(holders.get(key)?.subject ?? accounts.get(key)))
      if (holders.has(group) && group !== key) addEdge(graph, { from: key, to: group });
  return graph;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of our own table
const edgeEntries = Object.entries(edges) as [EdgeId, EdgeRule][];

type Account = Extract<GrantSubject, { kind: "ServiceAccount" }>;

function knownAccounts(
  { accounts, pods, operator }: PathFacts,
  holders: ReadonlyMap<string, Holder>,
): ReadonlyMap<string, Account> {
  const bound = [...holders.values()].flatMap(({ subject }) => (subject.kind === "ServiceAccount" ? [subject] : []));
  const running = pods.map(({ namespace, account }) => ({ namespace, name: account }));
  const all = [...bound, ...accounts, ...running, { namespace: operator.namespace, name: operator.name }];
  return new Map(
    all.map(({ namespace, name }) => [accountKey(namespace, name), { kind: "ServiceAccount", namespace, name }]),
  );
}

function wholeRoles(holders: ReadonlyMap<string, Holder>): ReadonlySet<string> {
  const held = [...holders.values()].flatMap(({ rights }) => rights.get(EVERYTHING) ?? []);
  return new Set(["cluster-admin", ...held.map(({ role }) => role.name)]);
}

/** What the sets hold: the accounts of a namespace, those of its pods, those with a token in a Secret, and people. */
function addSets(
  graph: PathGraph,
  { facts, namespaces }: Places,
  accounts: ReadonlyMap<string, Account>,
  holders: ReadonlyMap<string, Holder>,
): void {
  const { operator, pods, tokens } = facts;
  for (const set of ["accounts", "pods", "tokens", "namespace"])
    for (const namespace of namespaces) addEdge(graph, { from: `@${set}/`, to: `@${set}/${namespace}` });
  for (const namespace of namespaces) {
    addEdge(graph, { from: `@namespace/${namespace}`, to: `@accounts/${namespace}` });
    addEdge(graph, { from: `@namespace/${namespace}`, to: sessionGoal(namespace) });
  }
  for (const [key, { namespace }] of accounts) addEdge(graph, { from: `@accounts/${namespace}`, to: key });
  addDistinctEdges(
    graph,
    pods.map(({ namespace, account }) => [`@pods/${namespace}`, accountKey(namespace, account)]),
  );
  addDistinctEdges(
    graph,
    tokens.map(({ namespace, account }) => [`@tokens/${namespace}`, accountKey(namespace, account)]),
  );
  for (const [key, { subject }] of holders) {
    if (subject.kind === "User") addEdge(graph, { from: "@users", to: key });
    // No certificate is made for that group. Source: plugin/pkg/admission/certificates/subjectrestriction.
    if (subject.kind === "Group" && subject.name !== "system:masters") addEdge(graph, { from: "@people", to: key });
    if (subject.kind === "Group" && isBootstrapGroup(subject.name)) addEdge(graph, { from: BOOTSTRAPPERS, to: key });
    if (subject.kind === "Group" && subject.name === NODES_GROUP) addEdge(graph, { from: NODE, to: key });
  }
  addEdge(graph, { from: "@people", to: "@users" });
  addEdge(graph, { from: NODE, to: "@pods/" });
  addEdge(graph, { from: accountKey(operator.namespace, operator.name), to: goals.operator });
}

interface Start {
  key: string;
  holder: Holder;
  edge: EdgeId;
  ways: EdgeRule["ways"];
}

type FindPlaces = (holder: Holder, needed: readonly string[]) => HeldPlace[];

function addWays(
  graph: GrowingGraph,
  { key, holder, edge, ways }: Start,
  places: Places,
  findPlaces: FindPlaces,
): void {
  const seen = new Set<string>();
  for (const { rights, ...way } of ways)
    for (const { namespace, through, names } of findPlaces(holder, rights))
      for (const to of names?.size === 0 ? [] : ends({ ...way, edge, namespace, names, holder }, places)) {
        if (seen.has(`${namespace} ${to}`) || to === key) continue;
        seen.add(`${namespace} ${to}`);
        addEdge(graph, { from: key, to, label: { edge, namespace, through } });
        if (to.startsWith(sessionGoal(""))) graph.sessionPlaces.add(to.slice(sessionGoal("").length));
      }
}

function addSessions(graph: PathGraph, sessionPlaces: Set<string>, key: string, found: readonly HeldPlace[]): void {
  for (const { namespace } of found) {
    sessionPlaces.add(namespace);
    addEdge(graph, { from: key, to: sessionGoal(namespace) });
  }
}

/** Whoever acts as another by constrained impersonation goes on with what is left of the rights of both. */
function addActing(graph: GrowingGraph, sessionPlaces: Set<string>, places: Places): void {
  for (const { from, key, place, ...holder } of actingHolders(places.facts.rbac, places.holders, EVERYTHING)) {
    const { namespace, through } = place;
    addEdge(graph, { from, to: key, label: { edge: "constrained-impersonation", namespace, through } });
    for (const [edge, { ways }] of edgeEntries) addWays(graph, { key, holder, edge, ways }, places, wayPlaces);
    addSessions(graph, sessionPlaces, key, wayPlaces(holder, SESSION));
  }
}

/** Accounts that are what paths lead to: nothing is found about what they may do themselves. */
export const isOwnAccount = (subject: GrantSubject, { operator }: Pick<PathFacts, "operator">): boolean =>
  subject.kind === "ServiceAccount" &&
  ((subject.namespace === operator.namespace && subject.name === operator.name) ||
    subject.namespace === accessModel.sync.namespace);
