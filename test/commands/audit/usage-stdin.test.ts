import { spawn } from "node:child_process";
import { once } from "node:events";
import { devNull } from "node:os";
import { join } from "node:path";
import t from "tap";

const plugin = join(import.meta.dirname, "../../../plugins/kubectl-mirrord.ts");

t.test("a log from a pipe is waited for, and read to its end", async (t) => {
  const child = spawn(process.execPath, [plugin, "audit", "usage", "--log", "-"], {
    env: { ...process.env, KUBECONFIG: devNull },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  child.stdout.resume();
  const closed = once(child, "close");
  const line = `${JSON.stringify({ timestamp: "2026-01-02T03:04:05Z", message: "x".repeat(1000) })}\n`;
  // What it says comes before its first look at the pipe.
  await once(child.stderr, "data");
  for (let written = 0; written < 2000; written += 1) {
    if (!child.stdin.write(line)) await once(child.stdin, "drain");
  }
  child.stdin.end();
  t.same(await closed, [0, null], stderr);
  t.match(stderr, /2\.0 MiB/);
});
