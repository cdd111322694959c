// The thread of steps.ts: V8 counts how often each block runs.
import { Session } from "node:inspector/promises";
import type { Profiler } from "node:inspector/promises";
import { parentPort, workerData } from "node:worker_threads";

interface Task {
  module: string;
  name: string;
  args: unknown[];
}

const counted = ["../lib/", "../node_modules/re2js/"].map((path) => new URL(path, import.meta.url).href);

async function count({ module, name, args }: Task): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const loaded = (await import(module)) as Record<string, (...args: unknown[]) => unknown>;
  await session.post("Profiler.takePreciseCoverage");
  await loaded[name]?.(...args);
  const { result } = await session.post("Profiler.takePreciseCoverage");
  return result
    .filter(({ url }) => counted.some((folder) => url.startsWith(folder)))
    .reduce((total, script) => total + blocks(script), 0);
}

function blocks({ functions }: Profiler.ScriptCoverage): number {
  return functions.flatMap(({ ranges }) => ranges).reduce((total, range) => total + range.count, 0);
}

parentPort?.postMessage(await count(workerData as Task), []);
