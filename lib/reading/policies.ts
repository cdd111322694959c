import type { Cluster } from "../kube/cluster.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import type { MirrordPolicy } from "../mirrord/policy.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import { readList } from "./read.ts";

/** The policies that can apply in a namespace, as far as the caller may read them. */
export interface ReadPolicies {
  policies: MirrordPolicy[];
  /** The kinds that may not be listed, as plural resource names. */
  unreadable: string[];
}

/** Reads both kinds at once. A cluster without the policy CRDs has no policies. */
export async function readPolicies(cluster: Cluster, namespace: string | undefined): Promise<ReadPolicies> {
  const scope = namespace === undefined ? {} : { namespace };
  const lists: { type: ResourceType; options: { namespace?: string } }[] = [
    { type: mirrordResources.policies, options: scope },
    { type: mirrordResources.clusterPolicies, options: {} },
  ];
  const reads = await Promise.all(lists.map(({ type, options }) => readList(cluster, type, options)));
  const policies = reads.flatMap((read) => (read.failed ? [] : read.value));
  const unreadable = lists.filter((_, index) => reads[index]?.failed).map(({ type }) => type.resource);
  return { policies, unreadable };
}

/** The profiles as allowlists name them, as far as the caller may list them. */
export interface ReadProfiles {
  /** `NAME` of a cluster profile, else `NAMESPACE/NAME`. Undefined: not known; a folder may well leave them out. */
  profiles: ReadonlySet<string> | undefined;
  /** The kinds that may not be listed, as plural resource names. */
  unreadable: string[];
}

export async function readProfiles(cluster: Cluster): Promise<ReadProfiles> {
  const types = [mirrordResources.clusterProfiles, mirrordResources.profiles];
  const reads = await Promise.all(types.map((type) => readList(cluster, type)));
  const unreadable = types.filter((_, index) => reads[index]?.failed).map(({ resource }) => resource);
  const names = reads
    .flatMap((read) => (read.failed ? [] : read.value))
    .map(({ metadata: { namespace, name = "" } }) => (namespace === undefined ? name : `${namespace}/${name}`));
  const isKnown = unreadable.length === 0 && (names.length > 0 || !cluster.offline);
  return { profiles: isKnown ? new Set(names) : undefined, unreadable };
}
