import { setTimeout as delay } from "node:timers/promises";

// Only ends what will never come true; the machine may be busy.
const deadlineMs = 120_000;

/** Waits until the condition holds, asking often; rejects after two minutes. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not so after ${deadlineMs / 1000} s: ${String(condition)}`);
    await delay(20);
  }
}
