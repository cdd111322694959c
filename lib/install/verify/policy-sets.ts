import type { Cluster } from "../../kube/cluster.ts";
import type { FailedRead } from "../../reading/read.ts";
import type { PolicySet } from "./policy-set.ts";
import { readModelSet } from "./access-model-set.ts";
import { readDefaultsSet } from "./secure-defaults-set.ts";

/** One for each part of an installation that has admission policies; undefined: that part is not installed. */
const readers: readonly ((cluster: Cluster) => Promise<PolicySet | FailedRead | undefined>)[] = [
  readDefaultsSet,
  readModelSet,
];

/** The sets of policies that are installed, as they are to be; with why one of them could not be read. */
export async function readPolicySets(cluster: Cluster): Promise<(PolicySet | FailedRead)[]> {
  const sets = await Promise.all(readers.map((read) => read(cluster)));
  return sets.filter((set) => set !== undefined);
}
