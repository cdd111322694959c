import { planGrants, sharedRoles, syncPlan, type SyncPlan } from "../../access/sync.ts";
import { afterChanges, planRepairs } from "../../access/collection-plan.ts";
import type { StoredGrant } from "../../access/stored.ts";
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { Hooks } from "../../kube/apply/apply.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { withAll } from "../../kube/overlay.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { readNamespaces, readOperatorNamespace } from "../../reading/namespaces.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { readServerTime } from "../../reading/grant-expiry.ts";
import { readForeignRoles, readGrants, readOwnRoles } from "../../reading/grants.ts";
import { anchorHooks } from "./anchor-hooks.ts";
import { nextEnd } from "./watch-grants.ts";
import { withheldPlans } from "./withhold.ts";

export interface PlannedSync extends SyncPlan {
  hooks: Hooks;
  warnings: string[];
  /** When the next grant ends, in milliseconds since 1970, by this machine's clock. */
  nextEnd: number | undefined;
}

/**
 * What has to change so that the grants, or those of them that `only` names, are what they say. Throws UserError
 * "undetermined" where selectors choose namespaces that may not be listed.
 */
export async function planSync(
  cluster: Cluster,
  {
    acceptAnew,
    only = () => true,
    made = [],
  }: {
    acceptAnew: boolean;
    only?: (grant: StoredGrant) => boolean;
    /** Grants that are not stored yet. */
    made?: readonly StoredGrant[];
  },
  world: World,
): Promise<PlannedSync> {
  const [all, roles] = await Promise.all([readGrants(cluster), readOwnRoles(cluster)]);
  const grants = [...all.filter(only), ...made];
  const local = world.now().getTime();
  const time = readServerTime(cluster, () => local);
  const { now = local } = time;
  const skew = now - local;
  const someEnd = grants.some(({ intent, expiresAt }) => intent?.temporary === true || expiresAt !== undefined);
  const end = nextEnd(grants, now);
  // Labels first: where a grant holds follows from them.
  const [namespaces = [], operator] = await Promise.all([readNamespaces(cluster), readOperatorNamespace(cluster)]);
  const repairs = planRepairs(namespaces, operator);
  const mended =
    namespaces.length === 0 ? cluster : withAll(cluster, nativeResources.namespaces, afterChanges(namespaces, repairs));
  const contexts = await readGrantContexts(mended, grants, { now, weakness: false, operator });
  const blind = grants.some(
    (grant) =>
      grant.intent !== undefined &&
      grant.intent.set.kind !== "all" &&
      grant.intent.set.selectors !== undefined &&
      contexts.of(grant).namespaces === undefined &&
      !cluster.offline,
  );
  // Half of the namespaces must never pass for all: the rest would lose its access.
  if (blind)
    throw new UserError("undetermined", "you may not list namespaces, so nobody can say where selectors match");
  const timeUnknown = time.now === undefined;
  const planned = planGrants({ grants, contextOf: contexts.of, roles, timeUnknown, acceptAnew });
  const plans = await withheldPlans(cluster, planned);
  const whole = syncPlan(plans, await readForeignRoles(cluster, sharedRoles(plans), roles));
  return {
    ...whole,
    plan: [...repairs, ...whole.plan],
    unpruned: [...repairs, ...whole.unpruned],
    hooks: cluster.offline ? {} : { ...anchorHooks(skew, world), finishesDeletions: true },
    warnings: [
      ...(someEnd ? time.warnings : []),
      ...contexts.warnings,
      ...whole.dangling.map(({ id, why }) => `grant ${id} is taken back: ${why}`),
      ...whole.skipped.map(({ id, why }) => `grant ${id} is left alone: ${why}`),
    ],
    nextEnd: end === undefined ? undefined : end - skew,
  };
}
