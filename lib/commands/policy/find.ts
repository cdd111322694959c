import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { parseReference, type NamedPolicy } from "./reference.ts";

/** The policies that were named, in order. Throws UserError "usage" in kubectl's words for one that is not there. */
export async function findPolicies(
  names: readonly string[],
  cluster: Cluster,
  place: { isCluster: boolean; namespace: string },
): Promise<MirrordPolicy[]> {
  const wanted = names.map((name) => parseReference(name, place));
  return await Promise.all(
    wanted.map(async (one) => (await cluster.get(one.type, one.name, one.namespace)) ?? missing(one, cluster)),
  );
}

async function missing({ type, name, namespace }: NamedPolicy, cluster: Cluster): Promise<never> {
  const message = `Error from server (NotFound): ${type.resource}.${type.group} ${JSON.stringify(name)} not found`;
  const other = type.namespaced
    ? await cluster.get(mirrordResources.clusterPolicies, name).catch(() => undefined)
    : undefined;
  const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
  throw new UserError(
    "usage",
    `${message}${place}`,
    other === undefined
      ? "To see what there is: kubectl mirrord policy list -A"
      : `There is a MirrordClusterPolicy of that name: add --cluster-policy.`,
  );
}
