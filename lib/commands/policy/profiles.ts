import type { Cluster } from "../../kube/cluster.ts";
import type { LintContext } from "../../mirrord/policy/lint/finding.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { readList } from "../../reading/read.ts";

interface KnownProfiles {
  /** Empty when they are not known. */
  known: Pick<LintContext, "profiles">;
  /** What may not be listed. */
  missed: string[];
}

/** As allowlists name them; not known when they may not be listed. A folder may well leave them out. */
export async function readProfiles(cluster: Cluster): Promise<KnownProfiles> {
  const [ofCluster, others] = await Promise.all([
    readList(cluster, mirrordResources.clusterProfiles),
    readList(cluster, mirrordResources.profiles),
  ]);
  if (ofCluster.failed || others.failed) {
    const { clusterProfiles, profiles } = mirrordResources;
    const missed = [
      ...(ofCluster.failed ? [clusterProfiles.resource] : []),
      ...(others.failed ? [profiles.resource] : []),
    ];
    return { known: {}, missed };
  }
  const names = [
    ...ofCluster.value.map(({ metadata }) => metadata.name ?? ""),
    ...others.value.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name ?? ""}`),
  ];
  return { known: names.length === 0 && cluster.offline ? {} : { profiles: new Set(names) }, missed: [] };
}
