import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { createFolder, rememberPart, sweepLeftovers } from "./leftovers.ts";
import { isRunning } from "./processes.ts";

/** Runs the body with a temporary folder of its own, which is what gets swept. */
async function inTemporaryFolder(temporary: string, body: () => Promise<void>): Promise<void> {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  try {
    await body();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}

/** A process that does nothing, with the given argument, until the test ends. */
async function idleProcess(
  t: { teardown(cleanUp: () => unknown): void },
  argument: string,
): Promise<{ pid: number; ended: Promise<unknown> }> {
  const program = "process.stdout.write('ready'); process.stdin.resume()";
  const child = spawn(process.execPath, ["-e", program, argument], { stdio: ["pipe", "pipe", "inherit"] });
  t.teardown(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  return { pid: child.pid ?? 0, ended };
}

t.test("the folder of a supervisor that is gone is removed", async (t) => {
  const temporary = t.testdir({ "kubectl-mirrord-control-plane-999999999-abc": { "audit.log": "" } });
  await inTemporaryFolder(temporary, async () => sweepLeftovers());
  t.notOk(existsSync(join(temporary, "kubectl-mirrord-control-plane-999999999-abc")));
});

t.test("the folder of a supervisor that runs stays", async (t) => {
  const temporary = t.testdir();
  const { pid } = await idleProcess(t, "abc");
  const folder = join(temporary, `kubectl-mirrord-control-plane-${pid}-abc`);
  mkdirSync(folder);
  await inTemporaryFolder(temporary, async () => sweepLeftovers());
  t.ok(existsSync(folder));
});

t.test("a process id that passed to a stranger does not keep the folder", async (t) => {
  const temporary = t.testdir();
  const { pid } = await idleProcess(t, "something else");
  const folder = join(temporary, `kubectl-mirrord-control-plane-${pid}-abc`);
  mkdirSync(folder);
  await inTemporaryFolder(temporary, async () => sweepLeftovers());
  t.notOk(existsSync(folder));
  t.ok(isRunning(pid), "the stranger lives");
});

t.test("parts of a supervisor that is gone are ended; a stranger with a part's process id is not", async (t) => {
  const temporary = t.testdir();
  const folder = join(temporary, "kubectl-mirrord-control-plane-999999999-abc");
  mkdirSync(folder);
  const part = await idleProcess(t, join(folder, "etcd"));
  const stranger = await idleProcess(t, "something else");
  rememberPart(folder, "etcd", part.pid);
  rememberPart(folder, "kube-apiserver", stranger.pid);
  writeFileSync(join(folder, "kube-controller-manager.pid"), "not a number");
  await inTemporaryFolder(temporary, async () => sweepLeftovers());
  t.strictSame(await part.ended, [null, "SIGKILL"]);
  t.ok(isRunning(stranger.pid));
  t.notOk(existsSync(folder));
});

t.test("other folders are left alone", async (t) => {
  const names = [
    "kubectl-mirrord-control-plane",
    "kubectl-mirrord-control-plane-1",
    "x-kubectl-mirrord-control-plane-1-a",
  ];
  const temporary = t.testdir(Object.fromEntries(names.map((name) => [name, {}])));
  await inTemporaryFolder(temporary, async () => sweepLeftovers());
  for (const name of names) t.ok(existsSync(join(temporary, name)), name);
});

t.test("a new folder names this process and is private", async (t) => {
  const temporary = t.testdir();
  await inTemporaryFolder(temporary, async () => {
    const folder = createFolder("abc");
    t.equal(folder, join(temporary, `kubectl-mirrord-control-plane-${process.pid}-abc`));
    t.throws(() => createFolder("abc"), { code: "EEXIST" });
  });
});
