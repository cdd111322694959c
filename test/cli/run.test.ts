import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import t from "tap";
import { countAfterInterrupt, type AfterInterrupt } from "../faults/after-interrupt.ts";

// Stripping types costs more than all else that these processes do; once is enough.
const env = { ...process.env, NODE_COMPILE_CACHE: t.testdir({}) };
const fixture = fileURLToPath(new URL("run-fixture.ts", import.meta.url));

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [fixture, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once("close", (exitCode, by) => resolve([exitCode, by])),
    ),
  ]);
  return { code, signal, stdout, stderr };
}

/** Resolves when the child has written `wanted` to stderr; what it wrote is kept for `ended` by the stream's own buffer. */
async function said(child: ChildProcess, wanted: string): Promise<void> {
  let heard = "";
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(wanted)) resolve();
    });
  });
}

const crashes = [
  { verb: "throw", says: /^bug: TypeError: thrown at once\n {4}at .*run-fixture/ },
  { verb: "reject", says: /^bug: RangeError: rejected\n[^]*caused by: Error: deeper/ },
  { verb: "throw-later", says: /^bug: Error: thrown later/ },
  { verb: "reject-unheard", says: /^bug: Error: nobody listened/ },
  { verb: "throw-nothing", says: /^bug: undefined/ },
  { verb: "crash-at-the-end", says: /^bug: Error: after the answer/ },
  { verb: "never", says: /^bug: Error: the command ended without an answer/ },
];

for (const { verb, says } of crashes)
  t.test(`a crash (${verb}) is a bug, 70, and never the answer no`, async (t) => {
    const { code, stderr } = await ended(start([verb]));
    t.equal(code, 70);
    t.match(stderr, says);
  });

const answers: { args: string[]; code: number; stdout: string; stderr: string }[] = [
  { args: ["answer"], code: 0, stdout: "answered\n", stderr: "" },
  { args: ["answer", "--code=1"], code: 1, stdout: "answered\n", stderr: "" },
  { args: ["answer", "--code=3"], code: 3, stdout: "answered\n", stderr: "" },
  { args: ["leak"], code: 1, stdout: "answered\n", stderr: "" },
  { args: ["usage"], code: 2, stdout: "", stderr: "error: no namespace ^[[31mgiven\nAdd --namespace.\n" },
  { args: ["undetermined"], code: 3, stdout: "", stderr: "error: cannot reach it\n" },
  { args: ["refused"], code: 4, stdout: "", stderr: "Error from server (Forbidden): no\n" },
  {
    args: ["answer", "--cod=1"],
    code: 2,
    stdout: "",
    stderr: "error: unknown flag: --cod\nDid you mean \"--code\"?\nSee 'kubectl mirrord answer --help' for usage.\n",
  },
  {
    args: ["answr"],
    code: 2,
    stdout: "",
    stderr: 'error: unknown command "answr" for "kubectl mirrord"\nDid you mean "answer"?\n',
  },
  { args: ["stack"], code: 0, stdout: "", stderr: "Warning: careful\nWarning: twice^[[2J\n" },
];

for (const { args, ...want } of answers)
  t.test(`${args.join(" ")} ends with ${want.code}`, async (t) => {
    t.match(await ended(start(args)), want);
  });

for (const args of [
  ["throw", "--help"],
  ["throw", "-h"],
  ["help", "throw"],
  ["throw", "help"],
  ["--help", "throw"],
])
  t.test(`${args.join(" ")} runs nothing`, async (t) => {
    const { code, stdout, stderr } = await ended(start(args));
    t.match({ code, stderr }, { code: 0, stderr: "" });
    t.match(stdout, /^throw\.\n[^]*Usage:\n {2}kubectl mirrord throw \[flags\]/);
  });

t.test("all of a large result arrives before the process ends", async (t) => {
  const { code, stdout } = await ended(start(["much"]));
  t.equal(code, 1);
  t.equal(stdout.length, 101 * 20_000);
});

t.test("a reader that goes away is no failure, and does not stop a change half way", async (t) => {
  const child = start(["drip"]);
  const stderr = child.stderr ? text(child.stderr) : "";
  child.stdout?.once("data", () => child.stdout?.destroy());
  const code = await new Promise((resolve) => child.once("exit", resolve));
  t.same({ code, stderr: await stderr }, { code: 0, stderr: "finished\n" });
});

t.test("a result that cannot be written is not a success", { skip: !existsSync("/dev/full") }, async (t) => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [fixture, "answer"], { env, stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  const { code, stderr } = await ended(child);
  t.equal(code, 3);
  t.match(stderr, /^error: cannot write to stdout: ENOSPC/);
});

const interrupts = [
  { signal: "SIGINT", verb: "hang", code: 130, says: "hanging\n" },
  { signal: "SIGTERM", verb: "hang", code: 143, says: "hanging\n" },
  {
    signal: "SIGINT",
    verb: "stop-cleanly",
    code: 130,
    says: "hanging\nerror: interrupted after 1 of 2 changes\nRun it again to finish.\n",
  },
] as const;

for (const { signal, verb, code, says } of interrupts)
  t.test(`${signal} during ${verb} ends with ${code} and half of nothing`, async (t) => {
    const child = start([verb]);
    const end = ended(child);
    await said(child, "hanging");
    child.kill(signal);
    t.same(await end, { code, signal: null, stdout: "", stderr: says });
  });

t.test(
  "Ctrl-C and SIGTERM end a command that waits for a file, which no handler could",
  { skip: process.platform === "win32" },
  async (t) => {
    const plugin = join(import.meta.dirname, "..", "..", "plugins", "kubectl-mirrord.ts");
    const fifo = join(t.testdir({}), "fifo");
    execFileSync("mkfifo", [fifo]);
    for (const words of [
      ["can-i", "-f", fifo, "-n", "dev"],
      ["can-i", "get", "pods", "--as", "jim", "--manifests", fifo],
    ])
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        const child = spawn(process.execPath, [plugin, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
        const end = ended(child);
        // Opened as soon as somebody reads it, and kept open, so that there is no end of the file.
        const writer = await open(fifo, "w");
        child.kill(signal);
        // What takes longer than a second says what it waits for; nothing else is said.
        const stderr = /^(?:[A-Z][^\n]* …\n)?$/;
        t.match(await end, { code: null, signal, stdout: "", stderr }, `${words.join(" ")} ${signal}`);
        await writer.close();
      }
  },
);

t.test(
  "a command that does not hear of Ctrl-C has half a second",
  { skip: process.platform === "win32" },
  async (t) => {
    const child = spawn(process.execPath, [...countAfterInterrupt, fixture, "hang"], {
      env,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const counted = text(child.stdio[3] as Readable);
    await said(child, "hanging");
    child.kill("SIGINT");
    t.equal((JSON.parse(await counted) as AfterInterrupt).waitedMs, 500);
  },
);

t.test("a second Ctrl-C does not wait for the command, nor for the time it has", async (t) => {
  const child = start(["hang-without-timers"]);
  const end = ended(child);
  await said(child, "hanging");
  child.kill("SIGINT");
  await said(child, "aborted");
  child.kill("SIGINT");
  t.match(await end, { code: 130, signal: null });
});
