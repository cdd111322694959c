import type { ExpirySeen } from "../access/expiry.ts";
import type { GrantFacts } from "../access/grant-decision.ts";
import type { Guard } from "../access/guard.ts";
import { intentCollections } from "../access/collection-plan.ts";
import { exemptedAttributes, grantId, type Intent } from "../access/intent.ts";
import type { TargetSeen } from "../access/limits.ts";
import { uidsNow } from "../access/namespace-uids.ts";
import type { GrantOutline } from "../access/outline.ts";
import { grantPlaces, isGuardedSelector, type Lookup } from "../access/places.ts";
import { CANARY } from "../access/privileged-options.ts";
import { attributeUse } from "../access/session-access.ts";
import type { Cluster } from "../kube/cluster.ts";
import { httpStatus } from "../kubernetes/api-error.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { namesakes, workloadType, type WorkloadTarget } from "../mirrord/target.ts";
import { containerNames } from "../mirrord/workload.ts";
import { readClockSkew, readDefeat, readSyncJob } from "./grant-expiry.ts";
import { readCollectionGuard, readEndGuards } from "./guards.ts";
import { readKnownCollections } from "./collections.ts";
import { readGrants } from "./grants.ts";
import { readNamespaces, readOperatorNamespace } from "./namespaces.ts";
import { readPolicyServed } from "./policy-reads.ts";
import { lookUp } from "./look-up.ts";
import { readAllRbac, readRbac, type RbacObjects } from "./rbac-objects.ts";
import { withTemplate } from "./workload.ts";

interface ReadOptions {
  allowSystem: boolean;
  absentNamespaces: boolean;
  /** What may not be listed is noted, in place of an error: for a manifest that somebody else applies. */
  tolerant: boolean;
  /** Milliseconds since 1970. */
  now: () => number;
}

/**
 * Reads all that decides a grant, in two rounds: the namespaces of the first say where to look in the second. Throws UserError
 * for a namespace that is missing or needs a flag, and for a list that is refused.
 */
export async function readGrantFacts(cluster: Cluster, grant: GrantOutline, options: ReadOptions): Promise<GrantFacts> {
  const { intent, id, selectors } = grant;
  const unlisted = new Set<string>();
  const tolerate = options.tolerant ? { unreadable: ({ resource }: ResourceType) => void unlisted.add(resource) } : {};
  const everywhere = intent.set.kind === "all";
  const [named, all, operator, neededRoles, ownRoles, [stored], [permanent], policies, account] = await Promise.all([
    lookUpAll(cluster, nativeResources.namespaces, grant.named),
    selectors.length === 0 ? [] : readNamespaces(cluster),
    everywhere ? "" : readOperatorNamespace(cluster),
    lookUpAll(cluster, nativeResources.clusterRoles, grant.roles.needed),
    lookUpAll(cluster, nativeResources.clusterRoles, grant.roles.own),
    readGrants(cluster, { id, ...tolerate }),
    intent.temporary === true ? readGrants(cluster, { id: grantId({ ...intent, temporary: false }), ...tolerate }) : [],
    readPolicyServed(cluster),
    readAccount(cluster, intent),
  ]);
  const collections =
    intentCollections(intent).length === 0 ? undefined : await readKnownCollections(cluster, all, operator);
  const labelGuard = await readLabelGuard(cluster, selectors);
  const places = grantPlaces(grant, { named, all, operator }, options);
  const { namespaces } = places;
  const [targets, rbac, expiry, wildcards] = await Promise.all([
    readTargets(cluster, grant.targets, namespaces),
    readGrantRbac(cluster, grant, namespaces, labelGuard),
    readExpiry(cluster, grant, namespaces, options),
    readWildcards(cluster, grant, namespaces),
  ]);
  const live = !cluster.offline;
  const uids = live ? uidsNow([...named.values()].filter((each) => typeof each !== "string")) : {};
  const grants = { stored, permanent, policies, unlisted: [...unlisted] };
  const roles = { neededRoles, ownRoles };
  return {
    live,
    places,
    uids,
    ...roles,
    collections,
    labelGuard,
    targets,
    account,
    rbac,
    expiry,
    wildcards,
    ...grants,
  };
}

async function readAccount(cluster: Cluster, { subject }: Intent): Promise<Lookup | undefined> {
  if (subject.kind !== "ServiceAccount") return undefined;
  return await lookUp(cluster, nativeResources.serviceAccounts, subject.name, subject.namespace);
}

/** Of an exemption: where the subject may use every name, so that the policies do not count it. */
async function readWildcards(
  cluster: Cluster,
  { intent, user }: GrantOutline,
  namespaces: readonly string[],
): Promise<string[]> {
  if (exemptedAttributes(intent.role) === undefined) return [];
  const places = intent.set.kind === "all" ? [""] : namespaces;
  const answers = await cluster.review(
    places.map((namespace) => attributeUse(CANARY, namespace)),
    user,
  );
  return places.filter((_namespace, at) => answers[at]?.answer === "yes");
}

async function lookUpAll(cluster: Cluster, type: ResourceType, names: readonly string[]): Promise<Map<string, Lookup>> {
  const found = names.map(async (name): Promise<[string, Lookup]> => [name, await lookUp(cluster, type, name)]);
  return new Map(await Promise.all(found));
}

/** Whether only administrators decide which namespaces the selectors match. */
async function readLabelGuard(cluster: Cluster, selectors: readonly string[]): Promise<Guard> {
  if (selectors.length === 0) return { guards: true, unreadable: [] };
  return isGuardedSelector(selectors) ? await readCollectionGuard(cluster) : { guards: false, unreadable: [] };
}

/** What shows who may change labels, or what makes a limit void; nothing where neither is a question. */
async function readGrantRbac(
  cluster: Cluster,
  { targets }: GrantOutline,
  namespaces: readonly string[],
  labelGuard: Guard,
): Promise<RbacObjects> {
  if (!labelGuard.guards) return await readAllRbac(cluster);
  return targets.length === 0 ? { objects: [], unreadable: [] } : await readRbac(cluster, namespaces);
}

async function readTargets(
  cluster: Cluster,
  targets: readonly WorkloadTarget[],
  namespaces: readonly string[],
): Promise<TargetSeen[]> {
  return await Promise.all(
    namespaces.flatMap((namespace) => targets.map((target) => readTarget(cluster, target, namespace))),
  );
}

async function readTarget(cluster: Cluster, target: WorkloadTarget, namespace: string): Promise<TargetSeen> {
  const type = workloadType(target.kind);
  const found = await lookUp(cluster, type, target.name, namespace);
  if (typeof found === "string") return { namespace, target, workload: found, namesakes: [] };
  const workload = await withTemplate(cluster, found);
  const names = namesakes(target, containerNames(workload));
  const others = await Promise.all(names.map((name) => lookUp(cluster, type, name, namespace)));
  return { namespace, target, workload, namesakes: others.filter((other) => typeof other !== "string") };
}

async function readExpiry(
  cluster: Cluster,
  { intent, members }: GrantOutline,
  namespaces: readonly string[],
  { now, tolerant }: ReadOptions,
): Promise<ExpirySeen> {
  const unseen = { clockSkew: 0, sync: undefined, defeat: undefined };
  if (intent.temporary !== true || cluster.offline) return { ...unseen, now: now() };
  if (intent.set.kind === "all") return { ...unseen, sync: await readSyncJob(cluster), now: now() };
  const [clockSkew, endGuard] = await Promise.all([
    readSkew(cluster, namespaces, { now, tolerant }),
    readEndGuards(cluster, [intent]),
  ]);
  const { guards, unreadable } = endGuard(intent);
  if (guards) return { ...unseen, clockSkew, now: now() };
  const defeat = await readDefeat(cluster, { ...intent, members }, namespaces, () => readRbac(cluster, namespaces));
  return { ...unseen, clockSkew, defeat: { ...defeat, unreadGuards: unreadable }, now: now() };
}

async function readSkew(
  cluster: Cluster,
  [namespace]: readonly string[],
  { now, tolerant }: Pick<ReadOptions, "now" | "tolerant">,
): Promise<number | undefined> {
  if (namespace === undefined) return 0;
  try {
    return await readClockSkew(cluster, namespace, now);
  } catch (error) {
    if (tolerant && httpStatus(error) !== undefined) return undefined;
    throw error;
  }
}
