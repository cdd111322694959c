import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import t from "tap";
import { until } from "../until.ts";
import { root, startExampleCluster } from "./example-cluster.ts";

const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { control } = cluster.operator;
const add = (user: string) => control.addSession({ namespace: "dev", target: "deployment.web", user });

t.test("a watch goes on when the operator goes away for a while, and ends with Ctrl-C", async (t) => {
  const first = add("jim");
  const child = spawn(join(root, "bin", "kubectl-mirrord-session"), ["watch", "-A", "--interval", "100ms"], {
    env: { ...process.env, KUBECONFIG: cluster.plane.kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { type, session } = JSON.parse(line) as { type: string; session: { id: string } };
    lines.push(`${type} ${session.id}`);
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  await until("the session is shown", () => lines.length === 1);
  t.same(lines, [`ADDED ${first}`]);

  control.fail({ how: 503, match: { pathIncludes: "/v1/" } });
  await until("it says that it looks again", () => stderr.includes("Looking again in"));
  const second = add("anna");
  control.recover();
  await until("the second session is shown", () => lines.length === 2);
  t.same(lines, [`ADDED ${first}`, `ADDED ${second}`], "the first one never ended");

  const ended = await cluster.kubectl("admin", "mirrord", "session", "kill", first, "--yes");
  t.equal(ended.code, 0);
  await until("the end of the first is shown", () => lines.length === 3);
  t.equal(lines[2], `DELETED ${first}`);

  const exit = once(child, "exit");
  child.kill("SIGINT");
  t.same(await exit, [130, null]);
});

t.test("a watch whose reader is gone ends with the next line, as in `watch | head -1`", async (t) => {
  const child = spawn(join(root, "bin", "kubectl-mirrord-session"), ["watch", "-A", "--interval", "100ms"], {
    env: { ...process.env, KUBECONFIG: cluster.plane.kubeconfig },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  add("jim");
  await once(child.stdout, "data");
  child.stdout.destroy();
  add("anna");
  t.same(await exit, [0, null]);
});

t.test("5,000 sessions are listed without losing one", async (t) => {
  const before = cluster.operator.sessions().length;
  for (let count = before; count < 5000; count++) add(`user-${count}`);
  const { code, stdout, stderr } = await cluster.kubectl("admin", "mirrord", "session", "list", "-A", "-o", "name");
  t.equal(code, 0, stderr);
  const names = stdout.trimEnd().split("\n");
  t.equal(new Set(names).size, 5000, "every session is listed once");
});
