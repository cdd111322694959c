// A program for run.test.ts: each verb ends in another way.
import { command } from "../../lib/cli/grammar/command.ts";
import type { Command } from "../../lib/cli/grammar/command.ts";
import { run } from "../../lib/cli/run.ts";
import type { World } from "../../lib/cli/world.ts";
import { UserError } from "../../lib/errors.ts";

function verb(name: string, act: (world: World, code: number) => Promise<number>): Command {
  return command({
    name,
    summary: `${name}.`,
    usage: "[flags]",
    flags: { code: { type: "string", describe: "", parse: Number } },
    run: ({ code }, world) => act(world, code ?? 0),
  });
}

const never = (): Promise<never> => new Promise<never>(() => {});
const held = (): Promise<never> => new Promise<never>(() => setInterval(() => {}, 1000));

/** A turn of the event loop, so that a failure does not belong to the promise of `run`. */
function later(act: () => void): void {
  setImmediate(act);
}

run(
  command({
    name: "",
    summary: "Ends.",
    usage: "COMMAND",
    verbs: [
      verb("answer", async (world, code) => {
        world.print("answered");
        return code;
      }),
      verb("throw", () => {
        throw new TypeError("thrown at once");
      }),
      verb("reject", async () => {
        throw new RangeError("rejected", { cause: new Error("deeper") });
      }),
      verb("throw-later", async () => {
        later(() => {
          throw new Error("thrown later");
        });
        return await held();
      }),
      verb("reject-unheard", async () => {
        later(() => void Promise.reject(new Error("nobody listened")));
        return await held();
      }),
      verb("throw-nothing", () => {
        // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- a library might
        throw undefined;
      }),
      verb("crash-at-the-end", async (world) => {
        world.print("answered");
        later(() => {
          throw new Error("after the answer");
        });
        return await new Promise<number>((resolve) => later(() => resolve(0)));
      }),
      verb("never", never),
      verb("hang", async (world) => {
        world.note("hanging");
        return await held();
      }),
      verb("hang-without-timers", async (world) => {
        globalThis.setTimeout = (() => undefined) as unknown as typeof setTimeout;
        world.signal.addEventListener("abort", () => world.note("aborted"));
        world.note("hanging");
        return await held();
      }),
      verb("stop-cleanly", async (world) => {
        world.note("hanging");
        await new Promise((resolve) => {
          const alive = setInterval(() => {}, 1000);
          world.signal.addEventListener("abort", () => {
            clearInterval(alive);
            resolve(undefined);
          });
        });
        world.print("half an answer");
        throw new UserError("interrupted", "interrupted after 1 of 2 changes", "Run it again to finish.");
      }),
      verb("leak", async (world) => {
        setInterval(() => {}, 1000);
        world.print("answered");
        return 1;
      }),
      verb("usage", async () => {
        throw new UserError("usage", "no namespace \u001b[31mgiven", "Add --namespace.");
      }),
      verb("undetermined", async () => {
        throw new UserError("undetermined", "cannot reach it");
      }),
      verb("refused", async () => {
        throw new UserError("refused", "Error from server (Forbidden): no");
      }),
      verb("much", async (world) => {
        world.print(Array.from({ length: 20_000 }, () => "x".repeat(100)));
        return 1;
      }),
      verb("drip", async (world) => {
        for (let line = 0; line < 2000; line++) {
          world.print(`line ${line}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
        world.note("finished");
        return 0;
      }),
      verb("stack", async (world) => {
        world.warn("careful");
        world.warn("careful");
        world.warn("twice\u001b[2J");
        return 0;
      }),
    ],
  }),
);
