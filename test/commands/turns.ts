// Several who work on one cluster in memory at once: whose request is answered next is by chance, and the same for the same seed.
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { random } from "../rbac/random.ts";

/** The cluster, whose requests each wait before they are answered. */
export function waiting(cluster: MemoryCluster, before: (isWrite: boolean) => Promise<void>): Cluster {
  async function* list(...query: Parameters<Cluster["list"]>): ReturnType<Cluster["list"]> {
    await before(false);
    return yield* cluster.list(...query);
  }
  return {
    ...cluster,
    list,
    get: async (...names) => {
      await before(false);
      return await cluster.get(...names);
    },
    apply: async (type, object, options) => {
      await before(options?.dryRun !== true);
      return await cluster.apply(type, object, options);
    },
    create: async (type, object, options) => {
      await before(options?.dryRun !== true);
      return await cluster.create(type, object, options);
    },
    patch: async (...change) => {
      await before(change[4]?.dryRun !== true);
      return await cluster.patch!(...change);
    },
    delete: async (...deletion) => {
      await before(deletion[3]?.dryRun !== true);
      return await cluster.delete(...deletion);
    },
  };
}

/** Each works at the same time as the others, with a cluster of its own that waits until it is its turn. */
export async function inTurns(
  cluster: MemoryCluster,
  workers: readonly ((own: Cluster) => Promise<void>)[],
  seed: number,
): Promise<void> {
  const choices = random(seed);
  const queue: (() => void)[] = [];
  const working = new Set(workers);
  const own = waiting(cluster, () => new Promise((resolve) => queue.push(resolve)));
  const work = workers.map(async (worker) => {
    try {
      await worker(own);
    } finally {
      working.delete(worker);
    }
  });
  while (working.size > 0) {
    // Each goes on until it waits for an answer, or for a while.
    for (let turns = 0; turns < 4; turns += 1) await turn();
    const next = choices.pickAny(queue);
    if (next === undefined) await sleep(1);
    else queue.splice(queue.indexOf(next), 1)[0]?.();
  }
  await Promise.all(work);
}

/** Without what belongs to something that is gone: in memory nothing collects it. */
export function standing(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  const kept = objects.filter(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.every(({ uid }) => uids.has(uid)),
  );
  return kept.length === objects.length ? kept : standing(kept);
}
