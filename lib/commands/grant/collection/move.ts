import { shellCommand, shellQuote } from "../../../text/shell-quote.ts";
import { ancestry, isWithin, parseCollection, type CollectionPath } from "../../../access/collection.ts";
import { intentCollections, planPaths, refuseUnknown } from "../../../access/collection-plan.ts";
import { isBegun } from "../../../access/moved-collection.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import { command } from "../../../cli/grammar/command.ts";
import { UserError, usageError } from "../../../errors.ts";
import { oneByOne } from "../../../kubernetes/plan.ts";
import type { Cluster, Plan } from "../../../kube/cluster.ts";
import { namespacesFlag } from "../../../cli/grammar/shared-flags.ts";
import type { CollectionsSeen } from "../../../access/collections-seen.ts";
import { readGrants } from "../../../reading/grants.ts";
import { connectBounded } from "../../connection.ts";
import { changeCollections, pathText, type CollectionChange } from "./change.ts";
import { changeFlags } from "../change-flags.ts";
import type { SecondLook } from "./look-again.ts";
import { namespacesNamed, placeNamespace, placesNow } from "./members.ts";

export const move = command({
  name: "grant collection move",
  summary: "Move namespaces, or a whole collection, to another place.",
  description: [
    "Access follows in the same command: what the new place gives is there before what the old one gave goes. A collection that",
    "grants name keeps its path, because the path is part of what was granted. The same command finishes a move of a collection that was",
    "interrupted.",
  ].join(" "),
  usage: "(--ns NAMESPACE … | FROM) TO [flags]",
  examples: {
    "kubectl mirrord grant collection move --ns shop dev/web": "A namespace, into dev/web",
    "kubectl mirrord grant collection move prod/web live/web": "A collection with all that is in it and below it",
  },
  positionals: {
    paths: {
      type: "list",
      placeholder: "PATH",
      describe: "FROM and TO, or TO alone",
      required: true,
      completes: "collection",
    },
  },
  flags: { namespace: namespacesFlag, ...changeFlags },
  async run({ paths, namespace: names, dryRun, output, yes: _yes, ...connection }, world) {
    const [first = "", second, ...rest] = paths;
    const isNamespaces = names.length > 0;
    if (rest.length > 0 || isNamespaces === (second !== undefined)) {
      throw usageError(
        isNamespaces ? "with --ns there is one path: where they go" : "say from where to where",
        "Write: kubectl mirrord grant collection move FROM TO, or move --ns NAMESPACE TO",
      );
    }
    const cluster = await connectBounded(connection, world);
    const decide = isNamespaces
      ? (seen: CollectionsSeen) => moveNamespaces(cluster, seen, names, parseCollection(first))
      : (seen: CollectionsSeen) => moveCollection(cluster, seen, parseCollection(first), parseCollection(second ?? ""));
    return await changeCollections(cluster, decide, { dryRun, output }, world);
  },
});

async function moveNamespaces(
  cluster: Cluster,
  seen: CollectionsSeen,
  names: readonly string[],
  to: CollectionPath,
): Promise<CollectionChange> {
  refuseUnknown(to, seen.known);
  const namespaces = await namespacesNamed(cluster, names, seen);
  return {
    plan: oneByOne(namespaces.map((namespace) => placeNamespace(namespace, to))),
    place: { names, path: to },
    sentences: [...placesNow(namespaces)].map(
      ([name, now]) => `Namespace ${name} is in collection ${to}; it was in ${pathText(now)}.`,
    ),
  };
}

async function moveCollection(
  cluster: Cluster,
  seen: CollectionsSeen,
  from: CollectionPath,
  to: CollectionPath,
): Promise<CollectionChange> {
  if (isBegun(seen, from, to)) return await finishMove(cluster, seen, from, to);
  refuseUnknown(from, seen.known);
  if (isWithin(to, from)) throw usageError(`${from} cannot be moved into itself (${to})`);
  if (seen.known.has(to)) throw usageError(`collection ${to} is there already`, byHand(seen, from, to));
  const above = ancestry(to).at(-2);
  if (above !== undefined) refuseUnknown(above, seen.known);
  refuseNamed(await readGrants(cluster), from);
  const paths = [...seen.known].filter(([path]) => isWithin(path, from));
  const changes = new Map<CollectionPath, string | null>([
    ...paths.map(([path, text]): [CollectionPath, string] => [renamed(path, from, to), text]),
    ...paths.filter(([path]) => seen.created.has(path)).map(([path]): [CollectionPath, null] => [path, null]),
  ]);
  const { plan, names } = planPlaces(seen, from, to);
  return {
    plan: [...planPaths(seen, changes, { from, to, namespaces: names }), ...plan],
    lookAgain: async (after) => await lookAtOldPlace(cluster, after, from, to),
    sentences: [movedSentence(from, to, names.length)],
  };
}

/**
 * Somebody else has put a namespace into it while it moved: that goes along. Or has granted it: it moves back, because the path is part
 * of what was granted.
 */
async function lookAtOldPlace(
  cluster: Cluster,
  seen: CollectionsSeen,
  from: CollectionPath,
  to: CollectionPath,
): Promise<SecondLook> {
  if (seen.created.has(from) || !seen.created.has(to)) return { plan: [] };
  const [one] = grantsNaming(await readGrants(cluster), from);
  if (one === undefined) return planPlaces(seen, from, to);
  if (seen.known.has(from)) return { plan: [] };
  const { plan } = await moveCollection(cluster, seen, to, from);
  const fault = new UserError(
    "refused",
    `collection ${from} stays where it is: grant ${one.id} was made on it at the same time`,
    `See what was granted: kubectl mirrord grant describe ${shellQuote(one.id)}`,
  );
  return { plan, fault };
}

/** What is left of a move that was interrupted when the paths had been moved, or some of the namespaces, or all. */
async function finishMove(
  cluster: Cluster,
  seen: CollectionsSeen,
  from: CollectionPath,
  to: CollectionPath,
): Promise<CollectionChange> {
  refuseNamed(await readGrants(cluster), from);
  const { plan, names } = planPlaces(seen, from, to);
  const there = seen.members.filter(({ path }) => path !== undefined && isWithin(path, to));
  return { plan, finishes: true, sentences: [movedSentence(from, to, there.length + names.length)] };
}

/** The namespaces that are in `from` or below it, and what puts each of them at its place in `to`. */
function planPlaces(
  { members, namespaces }: Pick<CollectionsSeen, "members" | "namespaces">,
  from: CollectionPath,
  to: CollectionPath,
): { plan: Plan; names: string[] } {
  const moving = members.filter(({ path }) => path !== undefined && isWithin(path, from));
  const places = new Map(moving.map(({ namespace, path = from }) => [namespace, renamed(path, from, to)]));
  const plan = namespaces.flatMap((namespace) => {
    const place = places.get(namespace.metadata.name ?? "");
    return place === undefined ? [] : [placeNamespace(namespace, place)];
  });
  return { plan: oneByOne(plan), names: [...places.keys()] };
}

const renamed = (path: CollectionPath, from: CollectionPath, to: CollectionPath): CollectionPath =>
  parseCollection(`${to}${path.slice(from.length)}`);

const movedSentence = (from: CollectionPath, to: CollectionPath, count: number): string =>
  `Collection ${from} is ${to} now, with ${count === 1 ? "1 namespace" : `${count} namespaces`}.`;

/** How to go on by hand: whether the two are to be one is for whoever types it to say. */
function byHand({ members, created }: CollectionsSeen, from: CollectionPath, to: CollectionPath): string[] {
  const words = ["kubectl", "mirrord", "grant", "collection"];
  const inside = members.filter(({ path }) => path === from).map(({ namespace }) => namespace);
  const places = inside.flatMap((name) => ["--ns", name]);
  return [
    ...(inside.length === 0 ? [] : [`Move what is in it: ${shellCommand([...words, "move", ...places, to])}`]),
    ...(created.has(from) ? [`When it is empty: ${shellCommand([...words, "delete", from])}`] : []),
  ];
}

/** A grant's identity holds what it names: under another path it would be another grant. */
function refuseNamed(grants: readonly StoredGrant[], from: CollectionPath): void {
  const naming = grantsNaming(grants, from);
  const [one] = naming;
  if (one === undefined) return;
  throw usageError(
    `${naming.length === 1 ? `grant ${one.id} names` : `${naming.length} grants name`} ${from} or what is below it`,
    `See what was granted: kubectl mirrord grant describe ${shellQuote(one.id)}`,
  );
}

/** The grants on a collection or on one below it. */
export function grantsNaming(grants: readonly StoredGrant[], path: CollectionPath): StoredGrant[] {
  return grants.filter(({ intent }) => intentCollections(intent).some((named) => isWithin(named, path)));
}
