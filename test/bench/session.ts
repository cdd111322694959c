// Of 5,000 sessions behind a real API server: `session list` beside one bare fetch of the same list by node, and the memory of
// a watch over 10,000 updates.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { startWatching } from "../e2e/watching.ts";
import { installOperator, type OperatorStandIn } from "../operator/start.ts";

const SESSIONS = 5000;
const UPDATES = 10_000;

export async function run(): Promise<void> {
  const plane = await startControlPlane({ auditLog: false });
  const operator = await installOperator(plane);
  try {
    const ids = Array.from({ length: SESSIONS }, (_, count) =>
      operator.control.addSession({
        namespace: `ns-${count % 50}`,
        target: "deployment.web",
        user: `user-${count % 400}`,
      }),
    );
    await benchList(plane);
    await benchWatch(plane, operator, ids);
  } finally {
    await operator.stop();
    await plane.stop();
  }
}

async function benchList(plane: ControlPlane): Promise<void> {
  const env = { ...process.env, KUBECONFIG: plane.kubeconfig };
  const bin = join(import.meta.dirname, "..", "..", "bin", "kubectl-mirrord-session");
  const path = "/apis/operator.metalbear.co/v1/sessions";
  const fetchOnce = `fetch(${JSON.stringify(plane.server + path)}, { headers: { authorization: ${JSON.stringify(`Bearer ${plane.admin.token}`)} } })
    .then((answer) => answer.json()).then(({ items }) => console.log(items.length))`;
  const bare = () => timed(process.execPath, ["-e", fetchOnce], { ...env, NODE_EXTRA_CA_CERTS: plane.caFile });
  const list = (output: string) => timed(bin, ["list", "-A", "-o", output], env);
  for (const [name, act] of [
    ["one bare fetch of the list by node", bare],
    ["session list -A", () => list("table")],
    ["session list -A -o json", () => list("json")],
  ] as const) {
    await act();
    const times: number[] = [];
    for (let round = 0; round < 5; round++) times.push(await act());
    const [, , median = 0] = times.toSorted((one, other) => one - other);
    process.stdout.write(`${SESSIONS} sessions, ${name}: ${Math.round(median)} ms (median of 5)\n`);
  }
}

async function timed(command: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(command, words, { env, stdio: ["ignore", "pipe", "inherit"] });
  const [, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  return performance.now() - started;
}

/** Of all sessions, so many change between two looks. */
const CHANGES = 100;

/** The watch is a process of its own, behind the real API server. */
async function benchWatch({ kubeconfig }: ControlPlane, { control }: OperatorStandIn, ids: readonly string[]) {
  const watching = startWatching(kubeconfig, ["-A", "-o", "json", "--interval", "100ms"]);
  await watching.until(ids.length);
  watching.lines.length = 0;
  const memory: string[] = [];
  const started = performance.now();
  for (let told = 0; told < UPDATES; told += CHANGES) {
    if (told % 2000 === 0) memory.push(mebibytes(await watching.memory()));
    for (let at = told; at < told + CHANGES; at++) control.lockPorts(ids[at % ids.length] ?? "", [told + 1]);
    await watching.until(told + CHANGES);
  }
  const seconds = (performance.now() - started) / 1000;
  memory.push(mebibytes(await watching.memory()));
  const lines = new Set(watching.lines).size;
  await watching.stop();
  process.stdout.write(
    `watch of ${ids.length} sessions, ${watching.lines.length} updates of ${lines} sessions in ${seconds.toFixed(1)} s, ${CHANGES} a look: ` +
      `heap/RSS after collection, at the start and after each 2,000: ${memory.join(", ")} MiB\n`,
  );
}

function mebibytes({ heapUsed, rss }: { heapUsed: number; rss: number }): string {
  return [heapUsed, rss].map((bytes) => (bytes / 1024 / 1024).toFixed(1)).join("/");
}
