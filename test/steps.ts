import { Worker } from "node:worker_threads";

/**
 * How many steps a function takes: how often its blocks run, and those of all that it calls below lib and in the engine
 * of regular expressions. The same on every machine, however busy, so that growth can be asserted; native code is none.
 * @param module an absolute file URL; it is loaded in a thread of its own, and so are the arguments
 */
export async function steps(module: string, name: string, ...args: readonly unknown[]): Promise<number> {
  const worker = new Worker(new URL("./steps-worker.ts", import.meta.url), {
    workerData: { module, name, args },
    execArgv: [],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.on("message", resolve);
  worker.on("error", reject);
  worker.on("exit", () => reject(new Error(`${name} ended without an answer`)));
  return promise;
}
