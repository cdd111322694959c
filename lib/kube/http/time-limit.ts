import { UserError } from "../../errors.ts";

/** 24 days: what Node.js can count to. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Aborts after so many milliseconds, unless it is lifted before; keeps no process alive. Undefined for 0, which is for ever. */
export function timeLimit(timeoutMs: number): { signal: AbortSignal; lift(): void } | undefined {
  if (timeoutMs === 0) return undefined;
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), Math.min(timeoutMs, LONGEST_TIMER_MS)).unref();
  return { signal: over.signal, lift: () => clearTimeout(timer) };
}

/** In kubectl's words. */
export function timedOut(timeoutMs: number, cause: unknown): UserError {
  return new UserError(
    "undetermined",
    "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
    `There was no answer within --request-timeout (${timeoutMs} ms)`,
    { cause },
  );
}
