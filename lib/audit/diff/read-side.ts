import type { Cluster } from "../../kube/cluster.ts";
import { withAggregation } from "../../rbac/decide/aggregation.ts";
import { withoutExpired } from "../../access/stored.ts";
import { readPolicies } from "../../reading/policies.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { readTargets } from "../../reading/targets.ts";
import type { Side } from "./diff.ts";

/**
 * One side of a comparison, as far as it may be read.
 * @param now milliseconds since 1970: what has ended by then gives nothing in a folder, where nothing takes it away
 */
export async function readSide(cluster: Cluster, now: number): Promise<{ side: Side; unreadable: string[] }> {
  const [rbac, policies, { targets, incomplete }] = await Promise.all([
    readAllRbac(cluster),
    readPolicies(cluster, undefined),
    readTargets(cluster, undefined),
  ]);
  return {
    side: {
      rbac: withAggregation(cluster.offline ? withoutExpired(rbac.objects, now) : rbac.objects).objects,
      policies: policies.policies,
      // Pods come and go: who may use one by its name may use it by the kind or by its workload.
      targets: targets
        .filter(({ kind }) => kind !== "pod" && kind !== "replicaset")
        .map(({ kind, object: { metadata } }) => ({
          kind,
          name: metadata.name ?? "",
          namespace: metadata.namespace ?? cluster.namespace,
        })),
    },
    unreadable: [...rbac.unreadable, ...policies.unreadable, ...incomplete],
  };
}
