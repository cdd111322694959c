import { afterChanges, planRepairs } from "../access/collection-plan.ts";
import {
  nextEnd,
  planGrants,
  sharedRoles,
  syncPlan,
  withConsent,
  withoutGain,
  type GrantPlan,
  type SyncPlan,
} from "../access/sync.ts";
import { decodeIntent } from "../access/intent.ts";
import { annotations } from "../access/names.ts";
import { organizationType } from "../access/organizations/definition.ts";
import { isShared } from "../access/subject.ts";
import { widens } from "../access/consent.ts";
import type { Directory } from "../access/organizations/directory.ts";
import type { StoredGrant } from "../access/stored.ts";
import { UserError } from "../errors.ts";
import type { Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { readConsentFacts } from "./consent-facts.ts";
import { readGrantContexts, type GrantContexts } from "./grant-context.ts";
import { readServerTime } from "./grant-expiry.ts";
import { readGrantGuard } from "./guards.ts";
import { readForeignRoles, readGrants, readOwnRoles } from "./grants.ts";
import { readNamespaces, readOperatorNamespace } from "./namespaces.ts";
import { readPolicyServed } from "./policy-reads.ts";
import { readDirectory } from "./organizations.ts";
import { readList } from "./read.ts";
import { readingOnce } from "./reading-once.ts";
import { allObjects } from "../kubernetes/object-list.ts";

export interface ReadSyncPlan extends SyncPlan {
  /** Those that were looked at. */
  grants: readonly StoredGrant[];
  warnings: string[];
  /** Those of the warnings that name what may not be read. */
  unread: string[];
  /** By how many milliseconds the server's clock is before this machine's. */
  skew: number;
  /** When the next grant ends, in milliseconds since 1970, by this machine's clock. */
  nextEnd: number | undefined;
}

export interface SyncOptions {
  acceptAnew: boolean;
  only?: (grant: StoredGrant) => boolean;
  /** Grants that are not stored yet. */
  made?: readonly StoredGrant[];
  /** Of which grants only what takes access away. */
  takesOnly?: (grant: StoredGrant) => boolean;
  /** All that are stored, where they were read already; without the Jobs that end them where these may not be listed. */
  stored?: { grants: readonly StoredGrant[]; anchorsRead: boolean };
  /** Who belongs where, in place of what the cluster's organizations say. */
  directory?: Directory;
  /** By this machine's clock, in milliseconds since 1970. */
  local: number;
}

/**
 * What has to change so that the grants, or those of them that `only` names, are what they say. Throws UserError
 * "undetermined" where selectors choose namespaces that may not be listed.
 */
export async function readSyncPlan(
  cluster: Cluster,
  { acceptAnew, only = () => true, made = [], takesOnly = () => false, local, ...known }: SyncOptions,
): Promise<ReadSyncPlan> {
  // The bindings of a large company take a while: all else is read beside them.
  const seen = readingOnce(cluster);
  const [all, roles, namespaces = [], operator] = await Promise.all([
    known.stored?.grants ?? readGrants(seen),
    readOwnRoles(seen),
    readNamespaces(seen),
    readOperatorNamespace(seen),
    readPolicyServed(seen),
    known.stored === undefined && known.directory === undefined ? prefetchOrganizations(seen) : undefined,
  ]);
  const grants = [...all.filter(only), ...made];
  const time = readServerTime(cluster, () => local);
  const { now = local } = time;
  const skew = now - local;
  const someEnd = grants.some(({ intent, expiresAt }) => intent?.temporary === true || expiresAt !== undefined);
  const end = nextEnd(grants, now);
  // Labels first: where a grant holds follows from them.
  const repairs = planRepairs(namespaces, operator);
  const mended = namespaces.length === 0 ? {} : { namespaces: afterChanges(namespaces, repairs) };
  const { directory, stored: { anchorsRead = true } = {} } = known;
  const timeUnknown = time.now === undefined;
  const plannedBy = async (more: { directory?: Directory }) => {
    const contexts = await readGrantContexts(seen, grants, { now, weakness: false, operator, ...mended, ...more });
    if (!cluster.offline) refuseHalf(grants, contexts);
    // Without the Jobs nobody can say what owns the bindings of a grant that ends: owners are not compared, as in files.
    const contextOf = (grant: StoredGrant) =>
      anchorsRead || grant.intent?.temporary !== true ? contexts.of(grant) : { ...contexts.of(grant), live: false };
    return { contexts, planned: planGrants({ grants, contextOf, roles, timeUnknown, acceptAnew }) };
  };
  let { contexts, planned } = await plannedBy(directory === undefined ? {} : { directory });
  if (directory === undefined && !cluster.offline && planned.some(({ dangling }) => dangling !== undefined)) {
    // A team may have been made since the organizations were read, and what was granted to it be seen already.
    const later = await readDirectory(cluster);
    if (later !== undefined) ({ contexts, planned } = await plannedBy({ directory: later }));
  }
  const plans = await withheldPlans(
    cluster,
    planned.map((each) => (takesOnly(each.grant) ? withoutGain(each) : each)),
  );
  const whole = syncPlan(plans, await readForeignRoles(cluster, sharedRoles(plans), roles));
  return {
    ...whole,
    grants,
    plan: [...repairs, ...whole.plan],
    unpruned: [...repairs, ...whole.unpruned],
    warnings: [
      ...(someEnd ? time.warnings : []),
      ...contexts.warnings,
      ...whole.dangling.map(({ id, why }) => `grant ${id} is taken back: ${why}`),
      ...whole.skipped.map(({ id, why }) => `grant ${id} is left alone: ${why}`),
    ],
    unread: contexts.unread,
    skew,
    nextEnd: end === undefined ? undefined : end - skew,
  };
}

/** Half of the namespaces must never pass for all: the rest would lose its access. */
function refuseHalf(grants: readonly StoredGrant[], contexts: GrantContexts): void {
  const isBlind = grants.some(
    (grant) =>
      grant.intent !== undefined &&
      grant.intent.set.kind !== "all" &&
      grant.intent.set.selectors !== undefined &&
      contexts.of(grant).namespaces === undefined,
  );
  if (isBlind)
    throw new UserError("undetermined", "you may not list namespaces, so nobody can say where selectors match");
}

/** The organizations, where a grant is to one of them or to a team: that is known as soon as the ClusterRoleBindings are. */
async function prefetchOrganizations(cluster: Cluster): Promise<void> {
  const bindings = await allObjects(cluster.list(nativeResources.clusterRoleBindings));
  const isToSome = bindings.some(({ metadata }) => {
    const intent = decodeIntent(metadata.annotations?.[annotations.intent]);
    return intent !== undefined && isShared(intent.subject);
  });
  if (isToSome) await readList(cluster, organizationType);
}

/** The plans without what `grant` would refuse. In a folder whoever writes an intent can write the bindings, too. */
async function withheldPlans(cluster: Cluster, plans: readonly GrantPlan[]): Promise<GrantPlan[]> {
  const planned = plans.map(({ grant: { intent }, plan }) => ({ intent, plan }));
  if (!planned.some(({ plan }) => plan.some(widens))) return [...plans];
  const [facts, guard] = await Promise.all([readConsentFacts(cluster, planned), readGrantGuard(cluster)]);
  return withConsent(plans, facts, { ...guard, guards: cluster.offline || guard.guards });
}
