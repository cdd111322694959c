import type { Lookup } from "../access/places.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { readObject } from "./read.ts";

/** One object: itself, that it is not there, or that the caller may not read it. */
export async function lookUp(cluster: Cluster, type: ResourceType, name: string, namespace?: string): Promise<Lookup> {
  const found = await readObject(cluster, type, name, namespace);
  return found.failed ? "forbidden" : (found.value ?? "absent");
}
