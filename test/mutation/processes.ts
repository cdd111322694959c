// Starts the workers of a mutation run, and ends those that take too long.
import { fork } from "node:child_process";
import { devNull } from "node:os";
import { join } from "node:path";
import type { Mutants } from "./instrument.ts";
import { checkoutVariable, mutantsVariable } from "./protocol.ts";
import type { Answer, Order } from "./protocol.ts";

const here = import.meta.dirname;

/** Nothing was heard of it in time, or it ended without a word. */
export type Silence = "timeout" | "crash";

/** One order in a process of its own: what a mutant did to the modules is gone afterwards. */
export async function runWorker(
  { checkout, folder }: Omit<Mutants, "mutants">,
  order: Order,
  timeoutMs: number,
): Promise<Answer | Silence> {
  const child = fork(join(here, "worker.ts"), [], {
    execArgv: ["--no-warnings", "--import", join(here, "hooks.ts")],
    cwd: checkout,
    env: {
      ...process.env,
      [checkoutVariable]: checkout,
      [mutantsVariable]: folder,
      KUBECONFIG: devNull,
      TAP_TIMEOUT: "600",
    },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve("timeout");
      child.kill("SIGKILL");
    }, timeoutMs);
    // tap speaks to the parent of a test, too.
    child.on("message", (message: Answer | { setTimeout: number }) => {
      if (!("setTimeout" in message)) resolve(message);
    });
    child.once("exit", () => {
      clearTimeout(timer);
      resolve("crash");
    });
    child.send(order);
  });
}

/** Calls `work` for each item, `jobs` at a time. */
export async function inParallel<Item>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const takeTurns = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, takeTurns));
}
