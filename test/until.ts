import { availableParallelism, loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

const patienceMs = 120_000;
const pollMs = 20;

/**
 * Asks again until the answer is neither false nor undefined, and resolves to it. Rejects after two minutes, or as many
 * times longer as the machine has more to do than it has processors for, saying what was waited for.
 */
export async function until<Answer>(
  what: string,
  ask: () => Answer | Promise<Answer>,
): Promise<Exclude<Answer, false | undefined>> {
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer as Exclude<Answer, false | undefined>;
    if (performance.now() - start > patienceMs * busyness()) throw new Error(`waited in vain until ${what}`);
    await pause(pollMs);
  }
}

/** How many processes want each processor, at least one. Windows does not say. */
function busyness(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}
