import type { World } from "../../cli/world.ts";
import type { Hooks } from "../../kube/apply/apply.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readSyncPlan, type ReadSyncPlan, type SyncOptions } from "../../reading/sync-plan.ts";
import { anchorHooks } from "./anchor-hooks.ts";

export interface PlannedSync extends ReadSyncPlan {
  hooks: Hooks;
}

/** What `readSyncPlan` says has to change, and how it is carried out. Throws as that does. */
export async function planSync(
  cluster: Cluster,
  options: Omit<SyncOptions, "local">,
  world: Pick<World, "now">,
): Promise<PlannedSync> {
  const planned = await readSyncPlan(cluster, { ...options, local: world.now().getTime() });
  const hooks = cluster.offline ? {} : { ...anchorHooks(planned.skew, world), finishesDeletions: true };
  return { ...planned, hooks };
}
