import { shellQuote } from "../../../text/shell-quote.ts";
import { isWithin, parseCollection, type CollectionPath } from "../../../access/collection.ts";
import { intentCollections, planPaths, refuseUnknown } from "../../../access/collection-plan.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag } from "../../../cli/grammar/flags.ts";
import type { World } from "../../../cli/world.ts";
import { UserError, usageError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import type { CollectionsSeen } from "../../../access/collections-seen.ts";
import { readGrants } from "../../../reading/grants.ts";
import { oneByOne } from "../../../kubernetes/plan.ts";
import { connectBounded } from "../../connection.ts";
import { planRevocation } from "../plan-revocation.ts";
import { changeCollections, type CollectionChange } from "./change.ts";
import { changeFlags } from "../change-flags.ts";
import { knownPath } from "./flags.ts";
import type { SecondLook } from "./look-again.ts";
import { placeNamespace } from "./members.ts";
import { grantsNaming } from "./move.ts";

export const deleteCollection = command({
  name: "grant collection delete",
  summary: "Delete a collection.",
  description:
    "One that has namespaces, collections below it or grants on it is kept, unless --cascade takes them along.",
  usage: "PATH [flags]",
  examples: {
    "kubectl mirrord grant collection delete prod/old": "An empty one",
    "kubectl mirrord grant collection delete prod/old --cascade --dry-run=client": "See what would go along",
  },
  positionals: { path: knownPath },
  flags: {
    cascade: booleanFlag("Take its namespaces out, delete what is below it, and revoke the grants on it."),
    ...changeFlags,
  },
  exitCodes: { 0: "deleted", 1: "declined" },
  async run({ path: text, cascade, dryRun, output, yes, ...connection }, world) {
    const path = parseCollection(text);
    const cluster = await connectBounded(connection, world);
    if (cascade && !yes && dryRun === "none") {
      const question = `Delete collection ${path} with all that is below it, and revoke the grants on it?`;
      if (!(await world.ask.confirm(question, "--yes"))) {
        world.print("Nothing was deleted.");
        return 1;
      }
    }
    const decide = async (seen: CollectionsSeen): Promise<CollectionChange> => {
      const grants = grantsNaming(await readGrants(cluster), path);
      // A deletion that was interrupted has left the grants for last.
      if (grants.length === 0) refuseUnknown(path, seen.known);
      const use = cascade ? [] : useText(path, seen, grants);
      if (use.length > 0) {
        throw usageError(`collection ${path} has ${use.join(" and ")}`, "Add --cascade to take them along.");
      }
      const description = seen.created.has(path) ? seen.known.get(path) : undefined;
      const lookAgain = async (after: CollectionsSeen) =>
        await lookForUse(cluster, { path, description, cascade }, after, world);
      return { ...(await removal(cluster, path, { seen, grants }, world)), lookAgain };
    };
    return await changeCollections(cluster, decide, { dryRun, output }, world);
  },
});

/** What stands in the way of a collection's end, a phrase for each kind; empty: nothing. */
function useText(path: CollectionPath, { known, members }: CollectionsSeen, grants: readonly StoredGrant[]): string[] {
  const below = [...known.keys()].filter((other) => other !== path && isWithin(other, path));
  const inside = members.filter((each) => each.path !== undefined && isWithin(each.path, path));
  return [
    ...(below.length === 0 ? [] : [`collections below it (${below.join(", ")})`]),
    ...(inside.length === 0 ? [] : [`namespaces (${inside.map(({ namespace }) => namespace).join(", ")})`]),
    ...(grants.length === 0 ? [] : [`grants (${grants.map(({ id }) => id).join(", ")})`]),
  ];
}

/**
 * Somebody else has put a namespace into it, or granted it, while it was being deleted: that goes along as well, or the collection
 * stays. One that was made anew since is another one.
 */
async function lookForUse(
  cluster: Cluster,
  { path, description, cascade }: { path: CollectionPath; description: string | undefined; cascade: boolean },
  seen: CollectionsSeen,
  world: World,
): Promise<SecondLook> {
  if (seen.created.has(path)) return { plan: [] };
  const grants = grantsNaming(await readGrants(cluster), path);
  const use = useText(path, seen, grants);
  if (use.length === 0) return { plan: [] };
  if (cascade) {
    const { plan, revocation } = await removal(cluster, path, { seen, grants }, world);
    return { plan: [...plan, ...(revocation?.plan ?? [])], hooks: revocation?.hooks ?? {} };
  }
  const fault = new UserError(
    "refused",
    `collection ${path} stays: it got ${use.join(" and ")} at the same time`,
    "Run it again with --cascade to take them along.",
  );
  return { plan: description === undefined ? [] : planPaths(seen, new Map([[path, description]])), fault };
}

async function removal(
  cluster: Cluster,
  path: CollectionPath,
  { seen, grants }: { seen: CollectionsSeen; grants: readonly StoredGrant[] },
  world: World,
): Promise<CollectionChange> {
  const more = grants.find((grant) => !isOnlyWithin(grant, path));
  if (more !== undefined) {
    throw usageError(
      `grant ${more.id} holds elsewhere, too`,
      `Revoke it, and grant what should stay: kubectl mirrord grant revoke ${shellQuote(more.id)}`,
    );
  }
  const gone = [...seen.created].filter((other) => isWithin(other, path));
  const leaving = new Set(
    seen.members.flatMap((each) => (each.path !== undefined && isWithin(each.path, path) ? [each.namespace] : [])),
  );
  const namespaces = seen.namespaces.filter(({ metadata: { name = "" } }) => leaving.has(name));
  return {
    plan: [
      ...planPaths(seen, new Map(gone.map((each) => [each, null]))),
      ...oneByOne(namespaces.map((namespace) => placeNamespace(namespace, undefined))),
    ],
    sentences: [
      `Deleted collection ${path}.`,
      ...(leaving.size === 0 ? [] : [`In no collection now: ${[...leaving].join(", ")}.`]),
      ...grants.map(({ id }) => `Revoked grant ${id}.`),
    ],
    ...(grants.length === 0 ? {} : { revocation: await planRevocation(cluster, grants, [], world) }),
  };
}

function isOnlyWithin({ intent }: StoredGrant, path: CollectionPath): boolean {
  if (intent === undefined || intent.set.kind === "all") return false;
  const { namespaces, selectors = [] } = intent.set;
  const named = intentCollections(intent);
  return namespaces.length === 0 && named.length === selectors.length && named.every((each) => isWithin(each, path));
}
