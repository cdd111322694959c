// `session list` of 5,000 sessions behind a real API server, beside one bare fetch of the same list by node; and the memory
// of a watch over 10,000 updates.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { watchSessions } from "../../lib/commands/session/watch-sessions.ts";
import type { World } from "../../lib/cli/world.ts";
import { entry, sessionCluster } from "../commands/session-cluster.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { installOperator } from "../operator/start.ts";

const SESSIONS = 5000;
const UPDATES = 10_000;

export async function run(): Promise<void> {
  await benchList();
  await benchWatch();
}

async function benchList(): Promise<void> {
  const plane = await startControlPlane({ auditLog: false });
  const operator = await installOperator(plane);
  try {
    for (let count = 0; count < SESSIONS; count++) {
      operator.control.addSession({
        namespace: `ns-${count % 50}`,
        target: "deployment.web",
        user: `user-${count % 400}`,
      });
    }
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
  } finally {
    await operator.stop();
    await plane.stop();
  }
}

async function timed(command: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(command, words, { env, stdio: ["ignore", "pipe", "inherit"] });
  const [, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  return performance.now() - started;
}

/** 500 sessions, of which 20 change between two looks. */
async function benchWatch(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const abort = new AbortController();
  const heap: number[] = [];
  let looks = 0;
  let printed = 0;
  const cluster = sessionCluster({
    sessions: () => {
      looks += 1;
      if (looks % 50 === 0) {
        collect();
        heap.push(process.memoryUsage().heapUsed);
      }
      if (printed >= UPDATES) abort.abort();
      return Array.from({ length: 500 }, (_, index) =>
        entry(index.toString(16), { key: index < 20 ? `look-${looks}` : "same" }),
      );
    },
  });
  const world: World = { ...fakeWorld({ cluster }), signal: abort.signal, print: () => void (printed += 1) };
  const filter = { user: undefined, target: undefined, key: undefined, longerThan: undefined, stale: false };
  await watchSessions(
    { connection: {}, allNamespaces: true, filter, output: "json", noHeaders: false, sortBy: undefined, interval: 0 },
    world,
  );
  const mebibytes = heap.map((bytes) => (bytes / 1024 / 1024).toFixed(1));
  process.stdout.write(
    `watch, ${printed} updates in ${looks} looks at 500 sessions: heap after collection ${mebibytes.join(", ")} MiB\n`,
  );
}
