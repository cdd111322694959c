import type { Cluster } from "../../kube/cluster.ts";
import type { PolicySet } from "./policy-set.ts";
import { readModelSet } from "./access-model-set.ts";
import { readDefaultsSet } from "./secure-defaults-set.ts";

/** One for each part of an installation that has admission policies; undefined: that part is not installed, or not to be read. */
const readers: readonly ((cluster: Cluster) => Promise<PolicySet | undefined>)[] = [readDefaultsSet, readModelSet];

/** The sets of policies that are installed, as they are to be. */
export async function readPolicySets(cluster: Cluster): Promise<PolicySet[]> {
  const sets = await Promise.all(readers.map((read) => read(cluster)));
  return sets.filter((set) => set !== undefined);
}
