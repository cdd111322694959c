import type { GrantSubject } from "../access/subject.ts";
import { accessModel } from "../access/names.ts";
import { edges, type EdgeId } from "./edges.ts";
import { SESSION, type EdgeRule, type Reach } from "./edges/edge.ts";
import { addEdge, type Graph } from "./graph.ts";
import type { PathFacts } from "./path-facts.ts";
import {
  accountKey,
  accountsNamed,
  aggregatePlaces,
  namedAccounts,
  targetNames,
  type NamedAccounts,
} from "./path-places.ts";
import {
  impliedGroupKeys,
  subjectKey,
  wayPlacesWithGroups,
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

/** What paths lead to. */
export const goals = {
  administrator: "@administrator",
  operator: "@operator",
  manage: "@manage",
  guards: "@guards",
} as const;

export const sessionGoal = (namespace: string): string => `@sessions/${namespace}`;

/** Rights that are goals themselves. */
export const EVERYTHING = "* *.*";
export const MANAGE = "manage grants.access.kubectl-mirrord.io";

/** What is known of the cluster, arranged for the ends of ways. */
interface Places {
  facts: PathFacts;
  namespaces: ReadonlySet<string>;
  /** ClusterRoles that hold everything. */
  whole: ReadonlySet<string>;
  holders: ReadonlyMap<string, Holder>;
  /** Where somebody is bound to a ClusterRole that takes in others by their labels, by their keys; "" is everywhere. */
  aggregates: ReadonlyMap<string, ReadonlySet<string>>;
  /** Accounts of pods by the name of the pod and by its targets, and of tokens by their Secret: of a namespace, "" of all. */
  podsNamed: NamedAccounts;
  targetsNamed: NamedAccounts;
  tokensNamed: NamedAccounts;
}

export function pathGraph(facts: PathFacts, { holders }: HeldRights): PathGraph {
  const sessionPlaces = new Set<string>();
  const graph: PathGraph = { into: new Map(), sessionPlaces };
  const accounts = knownAccounts(facts, holders);
  const places: Places = {
    facts,
    namespaces: new Set([...accounts.values()].map(({ namespace }) => namespace)),
    whole: wholeRoles(holders),
    holders,
    aggregates: aggregatePlaces(facts.rbac),
    podsNamed: namedAccounts(facts.pods, ({ name }) => [name]),
    targetsNamed: namedAccounts(facts.pods, ({ targets }) => targets),
    tokensNamed: namedAccounts(facts.tokens, ({ secret }) => [secret]),
  };
  addSets(graph, places, accounts, holders);
  for (const [key, holder] of holders) {
    for (const [edge, { ways }] of edgeEntries) addWays(graph, { key, holder, edge, ways }, places);
    if (holder.rights.has(EVERYTHING)) addEdge(graph, { from: key, to: goals.administrator });
    if (holder.rights.has(MANAGE)) addEdge(graph, { from: key, to: goals.manage });
    for (const { namespace } of wayPlacesWithGroups(holder, holders, SESSION)) {
      sessionPlaces.add(namespace);
      addEdge(graph, { from: key, to: sessionGoal(namespace) });
    }
  }
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
  addDistinct(
    graph,
    pods.map(({ namespace, account }) => [`@pods/${namespace}`, accountKey(namespace, account)]),
  );
  addDistinct(
    graph,
    tokens.map(({ namespace, account }) => [`@tokens/${namespace}`, accountKey(namespace, account)]),
  );
  for (const [key, { subject }] of holders) {
    if (subject.kind === "User") addEdge(graph, { from: "@users", to: key });
    if (subject.kind === "Group") addEdge(graph, { from: "@people", to: key });
  }
  addEdge(graph, { from: "@people", to: "@users" });
  addEdge(graph, { from: accountKey(operator.namespace, operator.name), to: goals.operator });
}

function addDistinct(graph: PathGraph, pairs: readonly [string, string][]): void {
  const seen = new Set<string>();
  for (const [from, to] of pairs) {
    if (seen.has(`${from} ${to}`)) continue;
    seen.add(`${from} ${to}`);
    addEdge(graph, { from, to });
  }
}

interface Start {
  key: string;
  holder: Holder;
  edge: EdgeId;
  ways: EdgeRule["ways"];
}

function addWays(graph: PathGraph, { key, holder, edge, ways }: Start, places: Places): void {
  const seen = new Set<string>();
  for (const { rights, reach } of ways)
    for (const { namespace, through } of wayPlacesWithGroups(holder, places.holders, rights))
      for (const to of ends({ reach, edge, namespace, names: through.names, holder }, places)) {
        if (seen.has(`${namespace} ${to}`) || to === key) continue;
        seen.add(`${namespace} ${to}`);
        addEdge(graph, { from: key, to, label: { edge, namespace, through } });
      }
}

type Names = ReadonlySet<string> | undefined;

interface Arrival {
  reach: Reach;
  edge: EdgeId;
  /** "" is everywhere. */
  namespace: string;
  names: Names;
  holder: Holder;
}

/** The nodes that a way leads to. */
function ends({ reach, edge, namespace, names, holder }: Arrival, places: Places): string[] {
  const { facts, whole, podsNamed, targetsNamed, tokensNamed } = places;
  const isThere = (place: string) => namespace === "" || namespace === place;
  const named = (known: NamedAccounts, wanted: Iterable<string>) => accountsNamed(known, namespace, wanted);
  switch (reach) {
    case "accounts":
    case "namespace":
      return [`@${reach}/${namespace}`];
    case "named-accounts":
      if (names === undefined) return [`@accounts/${namespace}`];
      return facts.accounts
        .filter(({ name, namespace: at }) => names.has(name) && isThere(at))
        .map((one) => accountKey(one.namespace, one.name));
    case "pods":
      return names === undefined || edge === "node-proxy" ? [`@pods/${namespace}`] : named(podsNamed, names);
    case "targets":
      return names === undefined ? [`@pods/${namespace}`] : named(targetsNamed, targetNames(names));
    case "tokens":
      return names === undefined ? [`@tokens/${namespace}`] : named(tokensNamed, names);
    case "people":
      return ["@people"];
    case "named-people":
      return names === undefined ? ["@users"] : [...names].map((name) => subjectKey({ kind: "User", name }));
    case "administrator":
      return edge !== "bind" || names === undefined || [...names].some((name) => whole.has(name))
        ? [goals.administrator]
        : [];
    case "aggregate":
      return names === undefined ? aggregateEnds(holder, places) : [];
    case "operator":
      return names === undefined || [...names].some((name) => name.endsWith("operator.metalbear.co"))
        ? [goals.operator]
        : [];
    case "operator-namespace":
      return isThere(facts.operator.namespace) ? [goals.operator] : [];
    case "settings":
      if (!isThere("kube-system")) return [];
      if (edge !== "aws-auth") return [goals.operator];
      return facts.awsAuth ? [goals.administrator] : [];
    case "guards":
      return facts.guarded && (names === undefined || [...names].some(isGuard)) ? [goals.guards] : [];
  }
}

/** What somebody is bound to takes in whatever they write: the whole cluster, or the namespaces of the bindings. */
function aggregateEnds({ subject }: Holder, { aggregates }: Places): string[] {
  const keys = [subjectKey(subject), ...impliedGroupKeys(subject)];
  const places = keys.flatMap((key) => [...(aggregates.get(key) ?? [])]);
  return places.includes("") ? [goals.administrator] : places.map((place) => `@namespace/${place}`);
}

const isGuard = (name: string): boolean =>
  name.startsWith("kubectl-mirrord-") || name.endsWith(".metalbear.co") || name.endsWith(".kubectl-mirrord.io");

/** Accounts that are what paths lead to: nothing is found about what they may do themselves. */
export const isOwnAccount = (subject: GrantSubject, { operator }: Pick<PathFacts, "operator">): boolean =>
  subject.kind === "ServiceAccount" &&
  ((subject.namespace === operator.namespace && subject.name === operator.name) ||
    subject.namespace === accessModel.sync.namespace);
