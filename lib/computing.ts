import process from "node:process";
import { setImmediate } from "node:timers/promises";

/**
 * Does what takes long and waits for nothing. No handler of a signal could run before its end, so SIGINT and SIGTERM do meanwhile
 * what they do by themselves. Throws the signal's reason where that was aborted before.
 */
export async function computing<Result>(signal: AbortSignal, work: () => Result): Promise<Result> {
  // What has come until now is heard first.
  await setImmediate();
  signal.throwIfAborted();
  return withDefaultSignals(work);
}

/** To process 1 of a container a signal does nothing by itself, so it keeps its handlers. */
export function withDefaultSignals<Result>(work: () => Result, pid: number = process.pid): Result {
  if (pid === 1) return work();
  const held = (["SIGINT", "SIGTERM"] as const).map((signal) => [signal, process.rawListeners(signal)] as const);
  for (const [signal] of held) process.removeAllListeners(signal);
  try {
    return work();
  } finally {
    for (const [signal, listeners] of held)
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener);
  }
}
