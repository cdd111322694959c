import type { Cluster } from "../kube/cluster.ts";
import { POLICIES_GROUP } from "../mirrord/resources.ts";
import { unlessForbidden } from "./read.ts";

/**
 * Whether a grant has to let its subject list the cluster-wide policies, so that `can-i` can answer a developer's own
 * question: where there are policies, and never on a guess. A folder is read by whoever has it; a sync adds this in the
 * cluster.
 */
export async function readPolicyServed(cluster: Cluster): Promise<boolean> {
  if (cluster.offline) return false;
  const served = await unlessForbidden(() => cluster.discover(POLICIES_GROUP, "v1alpha"));
  return !served.failed && served.value !== undefined;
}
