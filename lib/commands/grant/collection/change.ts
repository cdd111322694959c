import { netTexts } from "../../../access/change-text.ts";
import { membership, type CollectionPath } from "../../../access/collection.ts";
import { afterChanges, isOnCollections, isOnWhatIsLeft, onlyLeaves } from "../../../access/collection-plan.ts";
import type { World } from "../../../cli/world.ts";
import type { UserError } from "../../../errors.ts";
import type { Hooks } from "../../../kube/apply/apply.ts";
import type { Cluster, Plan } from "../../../kube/cluster.ts";
import { inOrder, oneByOne } from "../../../kubernetes/plan.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { readCollections } from "../../../reading/collections.ts";
import { readGrants } from "../../../reading/grants.ts";
import { readNamespaces } from "../../../reading/namespaces.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import type { CollectionsSeen } from "../../../access/collections-seen.ts";
import { withAll } from "../../../kube/overlay.ts";
import { writePlan, writes } from "../../write-plan.ts";
import { places, type Places, type SecondLook } from "./look-again.ts";
import { placeNamespace } from "./members.ts";
import { planSync } from "../plan-sync.ts";
import { showChange, type ChangeOptions } from "../show-change.ts";

/** What a command changes, and the sentences that say so when it is done. */
export interface CollectionChange {
  plan: Plan;
  sentences: string[];
  /** The rest of a change that was interrupted: bindings may lack where no label changes any more. */
  finishes?: boolean;
  /** Of grants that go along. */
  revocation?: { plan: Plan; hooks: Hooks };
  /** Looks again after the writes, at what somebody else has written meanwhile. */
  lookAgain?: (seen: CollectionsSeen) => Promise<SecondLook>;
  /** Namespaces that are to be in one place, or in none. */
  place?: { names: readonly string[]; path: CollectionPath | undefined };
}

interface Planned {
  plan: Plan;
  hooks: Hooks;
  sentences: string[];
  /** Those of the plan's steps that follow from the change: the bindings of grants. */
  grants: Plan;
  /** Grants that nobody gets anything by. */
  takesOnly(grant: StoredGrant): boolean;
  /** Whether it is about anybody's access: nobody gets or loses anything by an empty collection. */
  concernsAccess: boolean;
  place: CollectionChange["place"];
  lookAgain: CollectionChange["lookAgain"];
}

/**
 * Carries out a change of collections together with what it means for the grants on them: their bindings appear and go in the
 * same plan, new ones before old ones. Resolves to the exit code.
 */
export async function changeCollections(
  cluster: Cluster,
  decide: (seen: CollectionsSeen) => Promise<CollectionChange>,
  { dryRun, output }: ChangeOptions,
  world: World,
): Promise<number> {
  const placed = places();
  let fault: UserError | undefined;
  let rounds = 0;
  let elsewhere: readonly string[] = [];
  const plan = async (): Promise<Planned> => {
    const seen = await readCollections(cluster);
    const change = await decide(seen);
    placed.add(change.plan, seen);
    const grants = await planGrants(cluster, seen, change, world);
    for (const warning of grants.warnings) world.warn(warning);
    return {
      plan: inOrder([...change.plan, ...grants.plan]),
      hooks: { ...grants.hooks, ...change.revocation?.hooks },
      sentences: change.sentences,
      grants: grants.plan,
      takesOnly: grants.takesOnly,
      concernsAccess: concernsNamespaces(change) || change.revocation !== undefined,
      place: change.place,
      lookAgain: change.lookAgain,
    };
  };
  const followUp = async (planned: Planned): Promise<{ plan: Plan; hooks?: Hooks }> => {
    const { takesOnly, concernsAccess, place, lookAgain } = planned;
    const seen = await readCollections(cluster);
    const lost = placed.lost(seen);
    const second: SecondLook = lost.plan.length > 0 ? lost : ((await lookAgain?.(seen)) ?? lost);
    fault ??= second.fault;
    if (writes(second.plan).length > 0) return second;
    if (!concernsAccess) return { plan: [] };
    const left = writes(planPlace(seen, fault === undefined ? place : undefined));
    if (left.length > 0 && (rounds += 1) <= MOST_ROUNDS) return { plan: left };
    elsewhere = placeTexts(left);
    return await planSync(cluster, { acceptAnew: false, only: isOnCollections, takesOnly }, world);
  };
  const writeAll = writePlan(plan, cluster, { world, dryRun, followUp });
  const { planned } = await writeAll.catch(async (error: unknown) => {
    // Half of it may be written; what is said of the rest is why it failed. Nothing is sent after Ctrl-C.
    const mayBeHalf = dryRun === "none" && !cluster.offline && !placed.isEmpty() && !world.signal.aborted;
    if (mayBeHalf) await takeBack(cluster, placed, world).catch(() => {});
    throw error;
  });
  if (fault !== undefined) throw fault;
  if (elsewhere.length > 0) world.warn(`somebody else moved namespaces at the same time: ${elsewhere.join(", ")}`);
  // The reads come and go with the role.
  const texts = netTexts(planned.grants.filter(({ object }) => object.metadata.name?.endsWith(":reads") === false));
  const sentences = [...planned.sentences, ...(texts.length === 0 ? [] : ["", ...texts])];
  await showChange("CollectionChange", { plan: planned.plan, sentences }, { dryRun, output }, world);
  return 0;
}

/** Of a change that failed: nothing stays in a collection that nobody sees. */
async function takeBack(cluster: Cluster, placed: Places, world: World): Promise<void> {
  const plan = async () => placed.lost(await readCollections(cluster));
  await writePlan(plan, cluster, { world, dryRun: "none" });
}

/** Two whose namespaces are the same in part would go on for ever: whoever is last has these. */
const MOST_ROUNDS = 3;

/** `shop is in prod/web`, for each that is not where it was put. */
const placeTexts = (left: Plan): string[] =>
  left
    .flatMap(({ current }) => (current === undefined ? [] : membership(current)))
    .map(({ namespace, path }) => `${namespace} is in ${pathText(path)}`);

/**
 * Of two commands that move the same namespaces at once one is the last for all of them. Who finds only some of them where it has put
 * them puts all of them there again; who finds none there was the first.
 */
function planPlace({ namespaces }: CollectionsSeen, place: CollectionChange["place"]): Plan {
  if (place === undefined || place.names.length < 2) return [];
  const there = namespaces.filter(
    ({ metadata: { name = "", deletionTimestamp } }) => place.names.includes(name) && deletionTimestamp === undefined,
  );
  const again = there.map((namespace) => placeNamespace(namespace, place.path));
  return again.some(({ action }) => action === "unchanged") ? oneByOne(again) : [];
}

async function planGrants(
  cluster: Cluster,
  seen: CollectionsSeen,
  change: CollectionChange,
  world: World,
): Promise<{ plan: Plan; hooks: Hooks; warnings: string[]; takesOnly(grant: StoredGrant): boolean }> {
  const { plan, revocation, finishes = false } = change;
  const leaves = !finishes && onlyLeaves(plan);
  // Who takes a namespace out gives nobody what somebody else took away elsewhere: that is for a sync.
  const takesOnly = (grant: StoredGrant) => leaves && !isOnWhatIsLeft(grant);
  const gone = new Set(revocation?.plan.map(({ object }) => object.metadata.name));
  const nothing = { plan: revocation?.plan ?? [], hooks: {}, warnings: [], takesOnly };
  if (!concernsNamespaces(change)) return nothing;
  // Grants before namespaces: what somebody gets where a namespace came in between is not taken for left over.
  const stored = { grants: await readGrants(cluster), anchorsRead: true };
  const namespaces = (await readNamespaces(cluster)) ?? seen.namespaces;
  const after = withAll(cluster, nativeResources.namespaces, afterChanges(namespaces, plan));
  const { hooks, warnings, ...sync } = await planSync(
    after,
    {
      stored,
      acceptAnew: false,
      only: (grant) => isOnCollections(grant) && !gone.has(grant.binding?.metadata.name),
      takesOnly,
    },
    world,
  );
  return { plan: [...sync.plan, ...nothing.plan], hooks, warnings, takesOnly };
}

/** Also where the namespaces are there already: one that was interrupted has changed their labels, and not yet all bindings. */
const concernsNamespaces = ({ plan, finishes = false }: CollectionChange): boolean =>
  finishes || plan.some(({ type }) => type.resource === nativeResources.namespaces.resource);

/** `prod/web`, or `no collection`. */
export const pathText = (path: CollectionPath | undefined): string => path ?? "no collection";
