import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import t from "tap";
import { computing, withDefaultSignals } from "../lib/computing.ts";

const module = pathToFileURL(join(import.meta.dirname, "../lib/computing.ts")).href;

/** A program that hears signals, says "busy" and computes for ever. */
const endless = `
  import { writeSync } from "node:fs";
  import { computing } from ${JSON.stringify(module)};
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(99));
  await computing(new AbortController().signal, () => {
    writeSync(1, "busy");
    for (;;);
  });
`;

for (const signal of ["SIGINT", "SIGTERM"] as const)
  t.test(`${signal} ends what computes`, { skip: process.platform === "win32" }, async (t) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", endless], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.teardown(() => child.kill("SIGKILL"));
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    child.kill(signal);
    t.same(await ended, [null, signal]);
  });

const heard = (): void => {};
const listening = (): boolean[] =>
  (["SIGINT", "SIGTERM"] as const).map((signal) => process.rawListeners(signal).includes(heard));

t.test("handlers are back afterwards, whatever comes of it", async (t) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, heard);
    t.teardown(() => process.off(signal, heard));
  }
  const { signal } = new AbortController();
  t.same(await computing(signal, listening), [false, false]);
  t.same(listening(), [true, true]);
  await t.rejects(
    computing(signal, () => {
      throw new Error("wrong");
    }),
    { message: "wrong" },
  );
  t.same(listening(), [true, true]);
  t.same(withDefaultSignals(listening, 1), [true, true], "the kernel would keep them from process 1 of a container");
});

t.test("a handler for one time stays one", async (t) => {
  let times = 0;
  process.once("SIGINT", () => (times += 1));
  withDefaultSignals(() => {});
  process.emit("SIGINT");
  t.equal(times, 1);
  t.notOk(process.rawListeners("SIGINT").some((listener) => "listener" in listener));
});

t.test("a signal that came before is heard before: nothing is computed any more", async (t) => {
  const abort = new AbortController();
  setImmediate(() => abort.abort(new Error("interrupted")));
  await t.rejects(
    computing(abort.signal, () => t.fail("computed")),
    { message: "interrupted" },
  );
});
