import { setTimeout as pause } from "node:timers/promises";

const patienceMs = 120_000;
const pollMs = 50;

/** Asks again until it holds. Throws after two minutes, saying what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await pause(pollMs);
  }
}
