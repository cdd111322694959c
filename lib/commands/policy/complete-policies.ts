import type { Completer } from "../../cli/completion/complete.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { readList } from "../../reading/read.ts";

/** The names of the namespace's policies; with `--cluster-policy` those of the cluster. */
export const completePolicies: Completer = async (typed, world, { given, options }) => {
  const cluster = await world.connect(typed);
  const isCluster = options.has("clusterPolicy");
  const type = isCluster ? mirrordResources.clusterPolicies : mirrordResources.policies;
  const read = await readList(cluster, type, isCluster ? {} : { namespace: typed.namespace ?? cluster.namespace });
  const names = read.failed ? [] : read.value.map(({ metadata }) => metadata.name ?? "");
  return names.filter((name) => !given.includes(name)).toSorted();
};
