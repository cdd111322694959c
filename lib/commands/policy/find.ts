import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { attempt } from "../../reading/read.ts";
import type { NamedPolicy } from "./reference.ts";

/** The policies that were named, in order. Throws UserError "usage" in kubectl's words for one that is not there. */
export async function findPolicies(named: readonly NamedPolicy[], cluster: Cluster): Promise<MirrordPolicy[]> {
  const found = await findStored(named, cluster);
  return await Promise.all(named.map(async (one, index) => found[index] ?? (await missing(one, cluster))));
}

/** The same, with undefined for one that is not there. */
export async function findStored(
  named: readonly NamedPolicy[],
  cluster: Cluster,
): Promise<(MirrordPolicy | undefined)[]> {
  return await Promise.all(named.map(({ type, name, namespace }) => cluster.get(type, name, namespace)));
}

async function missing({ type, name, namespace }: NamedPolicy, cluster: Cluster): Promise<never> {
  const message = `Error from server (NotFound): ${type.resource}.${type.group} ${JSON.stringify(name)} not found`;
  const sameName = type.namespaced
    ? await attempt(() => cluster.get(mirrordResources.clusterPolicies, name))
    : undefined;
  const other = sameName?.failed === false ? sameName.value : undefined;
  const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
  throw usageError(
    `${message}${place}`,
    other === undefined
      ? "To see what there is: kubectl mirrord policy list -A"
      : `There is a MirrordClusterPolicy of that name: add --cluster-policy.`,
  );
}
