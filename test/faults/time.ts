// The time of a test in this process: what a server says to wait is over at once, and time limits are over when the test says.
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { SILENCE_MS } from "../../lib/kube/http/silence.ts";
import { TIMEOUT_MILLISECONDS } from "../../lib/cli/completion/in-time.ts";
import { RETRY_AFTER_MS } from "./proxy.ts";

/** Longer than any run; in the words of --request-timeout. */
export const LONG_TIMEOUT = "90m";
const LONG_TIMEOUT_MS = 90 * 60_000;

/** Over when the test says, and not before, however slow the machine is. */
const isLimit = (milliseconds?: number): boolean =>
  milliseconds === LONG_TIMEOUT_MS || milliseconds === SILENCE_MS || milliseconds === TIMEOUT_MILLISECONDS;

/** What waits for so long waits for the next regular look. */
const ROUND_MS = 9 * 60_000;

export interface InjectedTime {
  /** How often somebody has waited because a server had said so, since the last `start`. */
  waited(): number;
  /** The limits that count from now on. */
  start(): void;
  /** All time limits are over: --request-timeout, the silence of a server, that of completion; and regular rounds are due. */
  pass(): void;
  /** Regular rounds are due. */
  round(): void;
}

export function injectTime(): InjectedTime {
  const { setTimeout: pause } = timers;
  const { setTimeout: setTimer, clearTimeout: clearTimer } = globalThis;
  const { timeout } = AbortSignal;
  const silences = new Map<unknown, () => void>();
  let limits: AbortController[] = [];
  let rounds: (() => void)[] = [];
  let waited = 0;

  const paused: typeof pause = (milliseconds, value, options) => {
    if (milliseconds !== undefined && milliseconds >= ROUND_MS) {
      const due = new AbortController();
      rounds.push(() => due.abort());
      const signal = AbortSignal.any([due.signal, ...(options?.signal === undefined ? [] : [options.signal])]);
      // What is left of it keeps no process alive that is done.
      return pause(milliseconds, value, { ...options, signal, ref: false });
    }
    if (milliseconds !== RETRY_AFTER_MS) return pause(milliseconds, value, options);
    waited += 1;
    return pause(0, value, options);
  };
  Object.assign(timers, { setTimeout: paused });
  syncBuiltinESMExports();

  const set = (act: (...given: unknown[]) => void, milliseconds?: number, ...given: unknown[]) => {
    const timer = setTimer(act, isLimit(milliseconds) ? LONG_TIMEOUT_MS : milliseconds, ...given);
    if (isLimit(milliseconds)) silences.set(timer.unref(), () => act(...given));
    return timer;
  };
  const clear = (timer?: NodeJS.Timeout) => {
    silences.delete(timer);
    clearTimer(timer);
  };
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  Object.assign(AbortSignal, {
    timeout: (milliseconds: number) => {
      if (!isLimit(milliseconds)) return timeout.call(AbortSignal, milliseconds);
      const limit = new AbortController();
      limits.push(limit);
      return limit.signal;
    },
  });

  const round = (): void => {
    const due = rounds;
    rounds = [];
    for (const begin of due) begin();
  };

  return {
    waited: () => waited,
    round,
    start() {
      [limits, waited] = [[], 0];
      silences.clear();
    },
    pass() {
      for (const limit of limits) limit.abort(new DOMException("The operation timed out.", "TimeoutError"));
      const over = [...silences];
      for (const [timer] of over) clear(timer as NodeJS.Timeout);
      for (const [, act] of over) act();
      round();
    },
  };
}
