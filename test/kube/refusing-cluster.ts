import { apiFailure, type MemoryCluster } from "./memory-cluster.ts";

/** The cluster, of which nobody may read objects of these kinds. */
export function refusing(cluster: MemoryCluster, ...kinds: string[]): MemoryCluster {
  const { get, list } = cluster;
  const refuse = (kind: string) => {
    if (kinds.includes(kind)) throw apiFailure(403, "Forbidden", "no");
  };
  cluster.get = async (type, ...place) => {
    refuse(type.kind);
    return await get(type, ...place);
  };
  cluster.list = async function* (type, options) {
    refuse(type.kind);
    yield* list(type, options);
  };
  return cluster;
}
