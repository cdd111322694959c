import { setTimeout as sleep } from "node:timers/promises";
import { organizationType } from "../../access/organizations/definition.ts";
import { readDirectory } from "../../reading/organizations.ts";
import { isServed } from "../../reading/read.ts";
import { GRANT_LABEL } from "../../access/names.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster, ListOptions } from "../../kube/cluster.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { nativeResources } from "../../kubernetes/resources.ts";

const TOGETHER_MILLISECONDS = 300;
/** A timer cannot wait for longer than 24 days, and a regular round finds what a watch has missed. */
const AT_MOST_MILLISECONDS = 10 * 60 * 1000;

/** A watch of what is not there, or may not be read, would end the whole. */
async function mayWatchOrganizations(cluster: Cluster): Promise<boolean> {
  return (await isServed(cluster, organizationType)) && (await readDirectory(cluster)) !== undefined;
}

/** Yields when grants, namespaces or organizations have changed, when a grant is over, and every ten minutes. Ends with the signal. */
export async function* watchGrants(
  cluster: Cluster,
  end: () => number | undefined,
  world: Pick<World, "now" | "signal">,
): AsyncGenerator<undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([world.signal, stop.signal]);
  const bell = doorbell();
  const labelled: [ResourceType, ListOptions][] = [
    [nativeResources.clusterRoleBindings, { labelSelector: GRANT_LABEL }],
    [nativeResources.roleBindings, { labelSelector: GRANT_LABEL }],
    [nativeResources.roles, { labelSelector: GRANT_LABEL }],
    [nativeResources.namespaces, {}],
  ];
  let failed: unknown;
  const fail = (error: unknown): void => {
    failed = error;
    bell.ring();
  };
  for (const [type, options] of labelled) ringFor(cluster.watch(type, options, signal), bell.ring).catch(fail);
  const watchOrganizations = async (): Promise<void> => {
    if (await mayWatchOrganizations(cluster)) await ringFor(cluster.watch(organizationType, {}, signal), bell.ring);
  };
  watchOrganizations().catch(fail);
  try {
    while (!world.signal.aborted) {
      const left = (end() ?? Infinity) - world.now().getTime();
      await Promise.race([bell.rung(), pause(Math.min(Math.max(left, 0), AT_MOST_MILLISECONDS), signal)]);
      // Changes that come together are one round.
      await pause(TOGETHER_MILLISECONDS, signal);
      bell.reset();
      if (world.signal.aborted) return;
      if (failed !== undefined) throw failed;
      yield undefined;
    }
  } finally {
    stop.abort();
  }
}

async function ringFor(events: AsyncIterable<unknown>, ring: () => void): Promise<void> {
  for await (const event of events) if (event !== undefined) ring();
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

function doorbell() {
  let current = Promise.withResolvers<void>();
  return {
    ring: () => current.resolve(),
    rung: () => current.promise,
    reset: () => void (current = Promise.withResolvers<void>()),
  };
}
