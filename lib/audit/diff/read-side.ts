import { GRANT_LABEL } from "../../access/names.ts";
import { withoutExpired } from "../../access/stored.ts";
import { directory } from "../../access/organizations/directory.ts";
import { organizationType } from "../../access/organizations/definition.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { afterPlan } from "../../kubernetes/after-plan.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { withAggregation } from "../../rbac/decide/aggregation.ts";
import { readPolicies } from "../../reading/policies.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { attempt, readList } from "../../reading/read.ts";
import { readSyncPlan } from "../../reading/sync-plan.ts";
import { readTargets } from "../../reading/targets.ts";
import { isRbac } from "./affected.ts";
import type { Side } from "./diff.ts";

/** What could be read of one side of a comparison. */
export interface ReadSide {
  side: Side;
  unreadable: string[];
  /** What `grant sync` would say of its grants, as sentences. */
  warnings: string[];
  /** Why nobody can say what `grant sync` would change: a clause. */
  notSynced: string | undefined;
}

/**
 * One side of a comparison, as far as it may be read.
 * @param now milliseconds since 1970: what has ended by then gives nothing in a folder, where nothing takes it away
 */
export async function readSide(cluster: Cluster, now: number): Promise<ReadSide> {
  const [rbac, policies, { targets, incomplete }, organizations] = await Promise.all([
    readAllRbac(cluster),
    readPolicies(cluster, undefined),
    readTargets(cluster, undefined),
    readList(cluster, organizationType),
  ]);
  const standing = cluster.offline ? withoutExpired(rbac.objects, now) : rbac.objects;
  const isWhole = rbac.unreadable.length === 0 && !organizations.failed;
  const synced = isWhole && standing.some(hasGrant) ? await readSynced(cluster, standing, now) : undefined;
  return {
    side: {
      rbac: withAggregation(standing).objects,
      ...(synced?.rbac === undefined ? {} : { synced: withAggregation(synced.rbac).objects }),
      organizations: organizations.failed ? undefined : directory(organizations.value),
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
    unreadable: [
      ...rbac.unreadable,
      ...policies.unreadable,
      ...incomplete,
      ...(organizations.failed ? [organizationType.resource] : []),
    ],
    warnings: synced?.warnings ?? [],
    notSynced: synced?.failure,
  };
}

const hasGrant = ({ metadata }: KubernetesObject): boolean => metadata.labels?.[GRANT_LABEL] !== undefined;

/** Roles and bindings as `grant sync` would leave them, or why nobody can say. */
async function readSynced(
  cluster: Cluster,
  rbac: readonly KubernetesObject[],
  now: number,
): Promise<{ rbac?: KubernetesObject[]; warnings: string[]; failure?: string }> {
  const read = await attempt(() => readSyncPlan(cluster, { acceptAnew: false, local: now }));
  if (read.failed) return { warnings: [], failure: read.error.message };
  const { plan, warnings } = read.value;
  return {
    rbac: afterPlan(
      rbac,
      plan.filter(({ object }) => isRbac(object)),
    ),
    warnings,
  };
}
