// The wait for what is stored to be something that later steps may build upon.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import type { Change, Cluster } from "../cluster.ts";

export interface SettleOptions {
  signal: AbortSignal;
  /** Whether what is stored may be built upon: `wait` asks again, a text is why not, and ends the plan. */
  settled?: (change: Change, stored: KubernetesObject) => "ready" | "wait" | { fault: string };
  /** How long to wait for that; default 30 seconds. */
  settleMilliseconds?: number;
  /** What to look at when that time is over. */
  settleHint?: string;
}

const SETTLE_MILLISECONDS = 30_000;

/** Resolves to the object as it is when it is ready. Throws UserError "refused" where it will not be, is gone, or the time is over. */
export async function settle(
  change: Change,
  written: KubernetesObject,
  cluster: Cluster,
  { signal, settled, settleMilliseconds = SETTLE_MILLISECONDS, settleHint }: SettleOptions,
): Promise<KubernetesObject> {
  const { type } = change;
  const { name = "", namespace, uid } = written.metadata;
  const what = describeObject({ type, object: written });
  const until = performance.now() + settleMilliseconds;
  let seen: KubernetesObject | undefined = written;
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    if (seen === undefined || seen.metadata.uid !== uid)
      throw new UserError("refused", `${what} is gone or another one`);
    const state = settled?.(change, seen) ?? "ready";
    if (state === "ready") return seen;
    if (typeof state === "object") throw new UserError("refused", `${what} ${state.fault}`);
    if (performance.now() > until) {
      throw new UserError(
        "refused",
        `${what} was not completed within ${settleMilliseconds / 1000} seconds`,
        settleHint,
      );
    }
    await sleep(pause, undefined, { signal });
    seen = await cluster.get(type, name, namespace);
  }
}
