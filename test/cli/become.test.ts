import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import t from "tap";

const lib = JSON.stringify(join(import.meta.dirname, "..", "..", "lib", "cli", "become.ts"));

/** A node that becomes a shell, or, as on Windows, runs one as its child. */
function become(platform: "linux" | "win32", script: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const program = `
    const { become } = await import(${lib});
    process.on("SIGINT", () => process.exit(99));
    const env = { PATH: process.env.PATH, ...${JSON.stringify(env)}, MISSING: undefined };
    process.exit(await become("/bin/sh", ["-c", ${JSON.stringify(script)}, "name", "a b", ""], env, ${JSON.stringify(platform)}));`;
  return spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
}

async function ended(child: ChildProcess) {
  const [stdout, [code, signal]] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    once(child, "close"),
  ]);
  return { stdout, code: code as number | null, signal: signal as string | null };
}

const posix = { skip: process.platform === "win32" && "needs a POSIX shell" };

for (const how of ["linux", "win32"] as const) {
  t.test(`${how}: arguments, environment and exit code`, posix, async (t) => {
    const child = become(how, 'printf "%s|" "$@" "$ODD" "${MISSING-unset}"; exit 7', { ODD: "x\ny" });
    t.match(await ended(child), { code: 7, stdout: "a b||x\ny|unset|" });
  });

  t.test(`${how}: signals are the program's`, posix, async (t) => {
    const child = become(how, "trap 'echo caught; exit 5' INT; echo ready; for i in $(seq 400); do sleep 0.05; done");
    const lines: string[] = [];
    if (child.stdout === null) throw new Error("no stdout");
    const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    await once(reader, "line");
    const exit = once(child, "exit");
    child.kill("SIGINT");
    t.same(await exit, [5, null]);
  });
}

t.test("linux: the process is the program", posix, async (t) => {
  const child = become("linux", "echo $$");
  t.equal((await ended(child)).stdout.trim(), String(child.pid));
});

t.test("win32: a death by signal is the exit code that a shell would give", posix, async (t) => {
  t.match(await ended(become("win32", "kill -KILL $$")), { code: 137 });
});
