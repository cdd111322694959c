// Whom a way leads to, by what a cluster has.

import type { KubernetesObject } from "../kubernetes/object.ts";
import { roleRules } from "../rbac/decode.ts";
import type { EdgeId } from "./edges.ts";
import { SESSION, type Reach } from "./edges/edge.ts";
import { rights } from "./edges/rights.ts";
import type { PathFacts } from "./path-facts.ts";
import { namedEnds, targetNames, type NamedAccounts } from "./path-places.ts";
import { givesRight, impliedGroupKeys, subjectKey, type Holder } from "./rights.ts";

/** What paths lead to. */
export const goals = {
  administrator: "@administrator",
  operator: "@operator",
  manage: "@manage",
  guards: "@guards",
} as const;

export const sessionGoal = (namespace: string): string => `@sessions/${namespace}`;

/** What is known of the cluster, arranged for the ends of ways. */
export interface Places {
  facts: PathFacts;
  namespaces: ReadonlySet<string>;
  /** ClusterRoles that hold everything. */
  whole: ReadonlySet<string>;
  /** By name. */
  clusterRoles: ReadonlyMap<string, KubernetesObject>;
  holders: ReadonlyMap<string, Holder>;
  /** Where somebody is bound to a ClusterRole that takes in others by their labels, by their keys; "" is everywhere. */
  aggregates: ReadonlyMap<string, ReadonlySet<string>>;
  /** Accounts by their own name, by the name of a pod of theirs and by its targets, and by a Secret with their token: of a namespace, "" of all. */
  accountsNamed: NamedAccounts;
  podsNamed: NamedAccounts;
  targetsNamed: NamedAccounts;
  tokensNamed: NamedAccounts;
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
export function ends({ reach, edge, namespace, names, holder }: Arrival, places: Places): string[] {
  const { facts, whole, accountsNamed, podsNamed, targetsNamed, tokensNamed } = places;
  const isThere = (place: string) => namespace === "" || namespace === place;
  const named = (known: NamedAccounts, wanted: Iterable<string>) => namedEnds(known, namespace, wanted);
  switch (reach) {
    case "accounts":
    case "namespace":
      return [`@${reach}/${namespace}`];
    case "named-accounts":
      if (names === undefined) return [`@accounts/${namespace}`];
      return named(accountsNamed, names);
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
    case "named-groups":
      return names === undefined || names.has("system:masters")
        ? [goals.administrator]
        : [...names].map((name) => subjectKey({ kind: "Group", name }));
    case "bound-role":
      return boundRoleEnds(places.clusterRoles, namespace, names);
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

/** Rights by which whoever is bound in a namespace becomes one of its accounts. */
const ACCOUNT_RIGHTS = ["create pods", "impersonate serviceaccounts", "create serviceaccounts/token"];

/** What one of the named ClusterRoles is enough for in a namespace; without names any may be bound. */
function boundRoleEnds(clusterRoles: Places["clusterRoles"], namespace: string, names: Names): string[] {
  if (names === undefined) return [`@namespace/${namespace}`];
  const bindable = [...names].flatMap((name) => clusterRoles.get(name) ?? []);
  const given = bindable.flatMap(roleRules);
  const isGiven = (ids: readonly string[]) =>
    ids.some((id) => given.some((rule) => rights[id] !== undefined && givesRight(rule, rights[id])));
  return [
    ...(isGiven(ACCOUNT_RIGHTS) ? [`@accounts/${namespace}`] : []),
    ...(isGiven([SESSION[0]]) ? [sessionGoal(namespace)] : []),
  ];
}

/** What somebody is bound to takes in whatever they write: the whole cluster, or the namespaces of the bindings. */
function aggregateEnds({ subject }: Holder, { aggregates }: Places): string[] {
  const keys = [subjectKey(subject), ...impliedGroupKeys(subject)];
  const places = keys.flatMap((key) => [...(aggregates.get(key) ?? [])]);
  return places.includes("") ? [goals.administrator] : places.map((place) => `@namespace/${place}`);
}

const isGuard = (name: string): boolean =>
  name.startsWith("kubectl-mirrord-") || name.endsWith(".metalbear.co") || name.endsWith(".kubectl-mirrord.io");
