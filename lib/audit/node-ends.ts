// Whom somebody becomes who is taken for a node, or who makes the tokens that nodes begin with.

import { BOOTSTRAPPERS_GROUP, NODES_GROUP, type Reach } from "./edges/edge.ts";
import type { AuditPod } from "./path-facts.ts";
import { accountKey, namedEnds, type NamedAccounts } from "./path-places.ts";
import { impliedGroupKeys, holderKey, type Holder } from "./rights.ts";

/** A node with all that nodes may. */
export const NODE = "@node";
/** Groups of bootstrap tokens: each token is in those that its Secret names. */
export const BOOTSTRAPPERS = "@bootstrappers";

interface NodeArrival {
  reach: Extract<Reach, "node" | "node-users" | "node-pods" | "own-node-pods" | "bootstrappers">;
  /** "" is everywhere. */
  namespace: string;
  /** Undefined: every name. */
  names: ReadonlySet<string> | undefined;
  holder: Pick<Holder, "subject">;
}

interface NodePlaces {
  facts: { pods: readonly AuditPod[] };
  /** Accounts by the node that a pod of theirs runs on; where that is not known, by "". */
  nodesNamed: NamedAccounts;
}

/** The keys of accounts and groups, or sets of them. */
export function nodeEnds({ reach, namespace, names, holder }: NodeArrival, places: NodePlaces): string[] {
  switch (reach) {
    case "node":
      return [NODE];
    case "node-users":
      return names === undefined ? [NODE] : namedNodeEnds(nodeNames(names), namespace, places);
    case "node-pods":
      return names === undefined ? [`@pods/${namespace}`] : podEnds([...names], namespace, places);
    case "own-node-pods": {
      const nodes = ownNodes(holder, places);
      return nodes.includes("") ? [`@pods/${namespace}`] : podEnds(nodes, namespace, places);
    }
    case "bootstrappers":
      return isInSystem(namespace) && (names === undefined || [...names].some(isTokenName)) ? [BOOTSTRAPPERS] : [];
  }
}

const isInSystem = (namespace: string): boolean => namespace === "" || namespace === "kube-system";

// Source: cluster-bootstrap pkg/api (BootstrapTokenSecretPrefix, BootstrapGroupPattern).
const isTokenName = (name: string): boolean => name.startsWith("bootstrap-token-");
export const isBootstrapGroup = (name: string): boolean =>
  name === BOOTSTRAPPERS_GROUP || name.startsWith(`${BOOTSTRAPPERS_GROUP}:`);

const NODE_USER = "system:node:";
const nodeNames = (users: ReadonlySet<string>): string[] =>
  [...users].flatMap((user) => (user.startsWith(NODE_USER) ? [user.slice(NODE_USER.length)] : []));

/** Pods of which nobody knows the node may run on any. */
const podEnds = (nodes: readonly string[], namespace: string, { nodesNamed }: NodePlaces): string[] =>
  nodes.length === 0 ? [] : namedEnds(nodesNamed, namespace, [...nodes, ""]);

/** Nodes by their users are in the group of nodes as well. */
const namedNodeEnds = (nodes: readonly string[], namespace: string, places: NodePlaces): string[] =>
  nodes.length === 0 ? [] : [...podEnds(nodes, namespace, places), holderKey({ kind: "Group", name: NODES_GROUP })];

/** Those that pods of an account run on, or of any account of a group; "" where that is not known. */
function ownNodes({ subject }: Pick<Holder, "subject">, { facts: { pods } }: NodePlaces): string[] {
  const own = holderKey(subject);
  const nodes = pods.flatMap(({ namespace, account, node = "" }) => {
    const groups = impliedGroupKeys({ kind: "ServiceAccount", namespace, name: account });
    return accountKey(namespace, account) === own || groups.includes(own) ? [node] : [];
  });
  return [...new Set(nodes)];
}
