// Whom a way leads to, by what a cluster has.

import type { KubernetesObject } from "../kubernetes/object.ts";
import { roleRules } from "../rbac/decode.ts";
import { edges, type EdgeId } from "./edges.ts";
import { SESSION, type EdgeRule, type Reach, type Way } from "./edges/edge.ts";
import { rights } from "./edges/rights.ts";
import { nodeEnds } from "./node-ends.ts";
import type { PathFacts } from "./path-facts.ts";
import { accountKey, namedEnds, targetNames, type BoundRole, type NamedAccounts } from "./path-places.ts";
import { givesRight, impliedGroupKeys, holderKey, type Holder, type Right } from "./rights.ts";
import type { PolicyRule } from "../rbac/types.ts";

/** What paths lead to. */
export const goals = {
  administrator: "@administrator",
  operator: "@operator",
  manage: "@manage",
  guards: "@guards",
} as const;

/** A right that is a goal itself. */
export const MANAGE = "manage grants.access.kubectl-mirrord.io";

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
  /** Roles by their namespace. */
  roles: ReadonlyMap<string, readonly KubernetesObject[]>;
  /** ClusterRoles that take in others by their labels. */
  aggregating: ReadonlySet<string>;
  /** What somebody is bound to, by their keys. */
  bound: ReadonlyMap<string, readonly BoundRole[]>;
  /** Accounts by their own name, by the name of a pod of theirs and by its targets, and by a Secret with their token: of a namespace, "" of all. */
  accountsNamed: NamedAccounts;
  podsNamed: NamedAccounts;
  targetsNamed: NamedAccounts;
  tokensNamed: NamedAccounts;
  /** Accounts by the node that a pod of theirs runs on; where that is not known, by "". */
  nodesNamed: NamedAccounts;
}

type Names = ReadonlySet<string> | undefined;

interface Arrival extends Pick<Way, "reach" | "unverified"> {
  edge: EdgeId;
  /** "" is everywhere. */
  namespace: string;
  names: Names;
  holder: Holder;
}

/** The nodes that a way leads to. */
export function ends({ reach, edge, namespace, names, holder, unverified }: Arrival, places: Places): string[] {
  const { facts, whole, accountsNamed, podsNamed, targetsNamed, tokensNamed } = places;
  const isThere = (place: string) => namespace === "" || namespace === place;
  const isWithOperator = isThere(facts.operator.namespace);
  const named = (known: NamedAccounts, wanted: Iterable<string>) => namedEnds(known, namespace, wanted);
  if (unverified === true && facts.operator.verified === true) return [];
  switch (reach) {
    case "accounts":
      return [`@accounts/${namespace}`];
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
      return names === undefined ? ["@users"] : [...names].map((name) => holderKey({ kind: "User", name }));
    case "named-groups":
      return names === undefined || names.has("system:masters")
        ? [goals.administrator]
        : [...names].map((name) => holderKey({ kind: "Group", name }));
    case "bound-role":
      return names === undefined
        ? [`@namespace/${namespace}`]
        : roleEnds(namedRules(names, places), namespace, "namespaced");
    case "bound-everywhere":
      return names === undefined || [...names].some((name) => whole.has(name))
        ? [goals.administrator]
        : roleEnds(namedRules(names, places), "", "cluster");
    case "bound-role-there":
      return thereEnds(names, namespace, places);
    case "own-cluster-role":
      return names === undefined ? [goals.administrator] : ownClusterRoleEnds(names, holder, places);
    case "own-role":
      return ownRoleEnds(names, namespace, holder, places);
    case "administrator":
      return [goals.administrator];
    case "aggregate":
      return grantEnds(heldRoles(holder, places).filter(({ kind, name }) => isAggregating(kind, name, places)));
    case "operator":
      return names === undefined || [...names].some((name) => name.endsWith("operator.metalbear.co"))
        ? [goals.operator]
        : [];
    case "operator-namespace":
      return isWithOperator ? [goals.operator] : [];
    case "operator-service":
      return isWithOperator && names?.has(facts.operator.service ?? facts.operator.name) !== false
        ? [goals.operator]
        : [];
    case "operator-pods":
      return isWithOperator && isOperatorsPod(names, places) ? [goals.operator] : [];
    case "settings":
      if (!isThere("kube-system")) return [];
      if (edge !== "aws-auth") return [goals.operator];
      return facts.awsAuth ? [goals.administrator] : [];
    case "guards":
      return facts.guarded && (names === undefined || [...names].some(isGuard[edge] ?? isPolicy)) ? [goals.guards] : [];
    case "any-guard":
      return facts.guarded ? [goals.guards] : [];
    case "node":
    case "node-users":
    case "node-pods":
    case "own-node-pods":
    case "bootstrappers":
      return nodeEnds({ reach, namespace, names, holder }, places);
  }
}
const isOperatorsPod = (names: Names, { facts: { operator }, podsNamed }: Places): boolean =>
  names === undefined ||
  namedEnds(podsNamed, operator.namespace, names).includes(accountKey(operator.namespace, operator.name));

/** Sets that ways lead to, or what has all rights; whoever is bound to a role goes these ways. */
const roleReaches: Partial<Record<Reach, "accounts" | "pods" | "tokens" | "namespace" | "everything">> = {
  accounts: "accounts",
  "named-accounts": "accounts",
  pods: "pods",
  tokens: "tokens",
  node: "pods",
  "node-users": "pods",
  "node-pods": "pods",
  "bound-role": "namespace",
  "own-role": "namespace",
  "bound-everywhere": "everything",
  "own-cluster-role": "everything",
  "named-groups": "everything",
  administrator: "everything",
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the values of our own table
const allWays = (Object.values(edges) as EdgeRule[]).flatMap(({ ways }) => ways);

/** What rules are enough for, for whoever is bound to them. Those that are limited to names count for nothing but sessions. */
function roleEnds(rules: readonly PolicyRule[], namespace: string, scope: Right["scope"]): string[] {
  const open = rules.filter(({ resourceNames = [] }) => resourceNames.length === 0);
  const gives = (id: string, given: readonly PolicyRule[] = open) => {
    const right = rights[id];
    return (
      right !== undefined &&
      (scope === "cluster" || right.scope === "namespaced") &&
      given.some((rule) => givesRight(rule, right))
    );
  };
  const reached = allWays.flatMap(({ rights: needed, reach }) => {
    const end = roleReaches[reach];
    return end !== undefined && needed.every((id) => gives(id)) ? [end] : [];
  });
  return [
    ...new Set(reached.map((end) => (end === "everything" ? goals.administrator : `@${end}/${namespace}`))),
    ...(gives(MANAGE) ? [goals.manage] : []),
    ...(gives(SESSION[0], rules) ? [sessionGoal(namespace)] : []),
  ];
}

const namedRules = (names: ReadonlySet<string>, { clusterRoles }: Places): readonly PolicyRule[] =>
  [...names].flatMap((name) => clusterRoles.get(name) ?? []).flatMap((role) => roleRules(role));

/** What the Roles of a namespace, or of all, are enough for there. */
function thereEnds(names: Names, namespace: string, { roles }: Places): string[] {
  const found = namespace === "" ? [...roles.values()].flat() : (roles.get(namespace) ?? []);
  return found
    .filter(({ metadata: { name = "" } }) => names === undefined || names.has(name))
    .flatMap((role) => {
      const known = thereEndsKnown.get(role);
      if (known !== undefined) return known;
      const reached = roleEnds(roleRules(role), role.metadata.namespace ?? "", "namespaced");
      thereEndsKnown.set(role, reached);
      return reached;
    });
}

/** A Role is enough for the same whoever may bind it. */
const thereEndsKnown = new WeakMap<KubernetesObject, string[]>();

/** What somebody is bound to, by their own name and by the groups that they are always in. */
const heldRoles = ({ subject }: Holder, { bound }: Places): BoundRole[] =>
  [holderKey(subject), ...impliedGroupKeys(subject)].flatMap((key) => bound.get(key) ?? []);

/** What roles lead to that somebody may write any rule into: the whole cluster, or the namespaces of the bindings. */
function grantEnds(own: readonly BoundRole[]): string[] {
  const places = own.map(({ place }) => place);
  return places.includes("") ? [goals.administrator] : places.map((place) => `@namespace/${place}`);
}

const isAggregating = (kind: string, name: string, { aggregating }: Places): boolean =>
  kind === "ClusterRole" && aggregating.has(name);

/** Into the role itself; or one that is there is labelled for another that takes it in. */
function ownClusterRoleEnds(names: ReadonlySet<string>, holder: Holder, places: Places): string[] {
  const there = [...names].filter((name) => places.clusterRoles.has(name));
  return grantEnds(
    heldRoles(holder, places).filter(
      ({ kind, name }) =>
        there.length > 0 && ((kind === "ClusterRole" && there.includes(name)) || isAggregating(kind, name, places)),
    ),
  );
}

function ownRoleEnds(names: Names, namespace: string, holder: Holder, places: Places): string[] {
  return grantEnds(
    heldRoles(holder, places).filter(
      ({ kind, name, place }) =>
        kind === "Role" && (namespace === "" || place === namespace) && (names === undefined || names.has(name)),
    ),
  );
}

const isPolicy = (name: string): boolean => name.startsWith("kubectl-mirrord-");

/** Which names guard something; the definition of organizations is guarded itself. */
const isGuard: Partial<Record<EdgeId, (name: string) => boolean>> = {
  "definition-change": (name) => name.endsWith(".metalbear.co"),
};
