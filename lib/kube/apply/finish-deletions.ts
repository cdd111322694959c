// After a DELETE an object may still be there, with all that it gives: a finalizer keeps it until somebody takes it off.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import { isForbidden } from "../../kubernetes/api-error.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import type { Change, Cluster } from "../cluster.ts";

/** What is still there of a deletion, as it was read last, and why. */
export interface Remaining {
  change: Change;
  object: KubernetesObject | undefined;
  error?: unknown;
}

export const FINISH_MILLISECONDS = 5_000;

/**
 * Waits until deleted objects are gone. Then it takes the finalizers off those that are still being deleted; such an object takes
 * no new ones. Live objects keep theirs. Resolves to the deletions that could not be finished, and an error that names them.
 */
export async function finishDeletions(
  deletions: readonly Change[],
  cluster: Cluster,
  { signal, waitMilliseconds = FINISH_MILLISECONDS }: { signal: AbortSignal; waitMilliseconds?: number },
): Promise<{ unfinished: Change[]; error: UserError } | undefined> {
  const held = await untilGone(deletions, cluster, { signal, waitMilliseconds });
  if (held.length === 0) return undefined;
  const refusals = new Map<Change, unknown>();
  await Promise.all(
    held.map(async ({ change, object }) => {
      if (object?.metadata.deletionTimestamp === undefined) return;
      try {
        await release(change, object, cluster);
      } catch (error) {
        refusals.set(change, error);
      }
    }),
  );
  const freed = held.flatMap(({ change }) => (refusals.has(change) ? [] : change));
  await untilGone(freed, cluster, { signal, waitMilliseconds });
  // Read again at the very end: while an object is being deleted its subjects can still be edited.
  const remaining = await look(held, cluster);
  if (remaining.length === 0) return undefined;
  const lines = remaining.flatMap((each) =>
    remainingLines({ ...each, error: each.error ?? refusals.get(each.change) }),
  );
  const hint =
    "It gives what it gave until its finalizers are taken off: kubectl patch with --type=merge and metadata.finalizers null.";
  return { unfinished: remaining.map(({ change }) => change), error: new UserError("refused", lines, hint) };
}

async function release(change: Change, { metadata }: KubernetesObject, cluster: Cluster): Promise<void> {
  const { name = "", namespace, uid } = metadata;
  await cluster.patch?.(change.type, name, namespace, { metadata: { uid, finalizers: null } });
}

/** Waits until deleted objects are gone. Resolves to what is still there when the time is over, or when no more is to be learned. */
export async function untilGone(
  deletions: readonly Change[],
  cluster: Cluster,
  { signal, waitMilliseconds }: { signal: AbortSignal; waitMilliseconds: number },
): Promise<Remaining[]> {
  const until = performance.now() + waitMilliseconds;
  let remaining = await look(
    deletions.map((change) => ({ change })),
    cluster,
  );
  const isOpen = () => remaining.some(({ error }) => !isForbidden(error));
  for (let pause = 20; isOpen() && performance.now() < until; pause = Math.min(pause * 2, 500)) {
    await sleep(pause, undefined, { signal });
    remaining = await look(remaining, cluster);
  }
  return remaining;
}

/** Those that are still there. One that may not be read counts as there: a deletion that nobody can see is not proved. */
async function look(deletions: readonly { change: Change }[], cluster: Cluster): Promise<Remaining[]> {
  const seen = deletions.map(async ({ change }): Promise<Remaining[]> => {
    const { name = "", namespace, uid } = change.object.metadata;
    try {
      const object = await cluster.get(change.type, name, namespace);
      const isGone = object === undefined || (uid !== undefined && object.metadata.uid !== uid);
      return isGone ? [] : [{ change, object }];
    } catch (error) {
      return [{ change, object: undefined, error }];
    }
  });
  return (await Promise.all(seen)).flat();
}

function remainingLines({ change, object, error }: Remaining): string[] {
  const what = describeObject(change);
  const said = error instanceof UserError ? error.lines : [];
  if (object === undefined) return [`whether ${what} is gone is not known`, ...said];
  const finalizers = listIn(object.metadata["finalizers"]).map((each) => JSON.stringify(each));
  const keeps = finalizers.length === 0 ? "" : `: finalizer ${finalizers.join(", ")} keeps it`;
  const subjects = listIn(object["subjects"]).map(
    (each) => `${textIn(objectIn(each)["kind"])} ${textIn(objectIn(each)["name"])}`,
  );
  const binds = subjects.length === 0 ? "" : `, and it binds ${subjects.join(", ")}`;
  return [`${what} is still there${keeps}${binds}`, ...said];
}
