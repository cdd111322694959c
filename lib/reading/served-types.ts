import type { Cluster } from "../kube/cluster.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { attempt } from "./read.ts";

/** The types of all groups, and the groups that did not answer: theirs are not among the types. */
export async function servedTypes(cluster: Cluster): Promise<{ types: ResourceType[]; silent: string[] }> {
  const groups = await cluster.groups();
  const reads = await Promise.all(groups.map(({ group, version }) => attempt(() => cluster.discover(group, version))));
  return {
    types: reads.flatMap((read) => (read.failed ? [] : (read.value ?? []))),
    silent: groups.flatMap(({ group }, at) => (reads[at]?.failed === true ? [group] : [])),
  };
}
