// Starts the workers of a mutation run, and ends those that take too long.
import { fork, type ChildProcess } from "node:child_process";
import { devNull } from "node:os";
import { join } from "node:path";
import type { Mutants } from "./instrument.ts";
import { checkoutVariable, mutantsVariable } from "./protocol.ts";
import type { Answer, Order, Trial, Verdict } from "./protocol.ts";

const here = import.meta.dirname;

/** Nothing was heard of it in time, or it ended without a word. */
export type Silence = "timeout" | "crash";

type Instrumented = Omit<Mutants, "mutants">;

function startWorker({ checkout, folder }: Instrumented): ChildProcess {
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
  // It ended before it was sent something: nextMessage says so.
  return child.on("error", () => {});
}

/** What a worker says next; "timeout" ends it. */
async function nextMessage<Message extends object>(child: ChildProcess, timeoutMs: number): Promise<Message | Silence> {
  return new Promise((resolve) => {
    const ended = () => settle("crash");
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      settle("timeout");
    }, timeoutMs);
    // tap speaks to the parent of a test, too.
    const heard = (message: Message | { setTimeout: number }) => {
      if (!("setTimeout" in message)) settle(message);
    };
    const settle = (message: Message | Silence) => {
      clearTimeout(timer);
      child.off("exit", ended).off("message", heard);
      resolve(message);
    };
    child.on("exit", ended).on("message", heard);
    if (child.exitCode !== null || child.signalCode !== null) settle("crash");
  });
}

/** One order in a process of its own: what a mutant did to the modules is gone afterwards. */
export async function runWorker(mutants: Instrumented, order: Order, timeoutMs: number): Promise<Answer | Silence> {
  const child = startWorker(mutants);
  child.send(order);
  return nextMessage<Answer>(child, timeoutMs);
}

/** A process that lives on from trial to trial, so that modules are loaded once; another takes its place where it ends. */
export interface Bench {
  tryMutant(trial: Trial, timeoutMs: number): Promise<Verdict | { outcome: Silence }>;
  close(): void;
}

export function openBench(mutants: Instrumented): Bench {
  let child: ChildProcess | undefined;
  return {
    async tryMutant(trial, timeoutMs) {
      child ??= startWorker(mutants);
      child.send(trial);
      const answer = await nextMessage<Answer>(child, timeoutMs);
      if (typeof answer !== "string" && "verdict" in answer) return answer.verdict;
      child.kill("SIGKILL");
      child = undefined;
      return { outcome: answer === "timeout" ? "timeout" : "crash" };
    },
    close: () => child?.kill("SIGKILL"),
  };
}

/** Calls `work` for each item, `jobs` at a time; it is told in which of these lanes it is. */
export async function inParallel<Item>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item, lane: number) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const takeTurns = async (lane: number) => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item, lane);
  };
  await Promise.all(Array.from({ length: jobs }, (_, lane) => takeTurns(lane)));
}
