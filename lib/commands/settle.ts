import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "../cli/world.ts";

const SETTLE_MILLISECONDS = 5000;
/** An answer that stays the same for so long is final, whatever was wanted: the delay was seen to be some 20 milliseconds. */
const STEADY_MILLISECONDS = 1000;
const FIRST_PAUSE_MILLISECONDS = 20;

/**
 * Looks again until a look is as expected: the API server's authorizer follows writes with a small delay. After five seconds,
 * or one without a change, what was seen last is the truth.
 * @param describe equal for looks that are the same
 */
export async function settle<Seen>(
  look: () => Promise<Seen>,
  { isExpected, describe }: { isExpected: (seen: Seen) => boolean; describe: (seen: Seen) => string },
  world: Pick<World, "signal">,
): Promise<Seen> {
  const until = performance.now() + SETTLE_MILLISECONDS;
  let said = "";
  let since = 0;
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, 250)) {
    const seen = await look();
    const now = performance.now();
    const text = describe(seen);
    if (text !== said) since = now;
    said = text;
    if (isExpected(seen) || now >= until || now - since >= STEADY_MILLISECONDS) return seen;
    await sleep(pause, undefined, { signal: world.signal });
  }
}
