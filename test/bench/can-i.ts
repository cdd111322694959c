// can-i beside `kubectl auth can-i`, in the same run against the same API server; and --list over 1,000 targets.
// Also by itself: node test/bench/can-i.ts
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { installPolicyCrds } from "../operator/policy-crds.ts";
import { installOperator } from "../operator/start.ts";
import { bareClient, sentRequests } from "./bare-client.ts";
import { atMost } from "./limits.ts";
import { makeCluster, median, runners, timed, USER, writeKubeconfig, type Environment } from "./preview-cluster.ts";

const ROUNDS = 25;
const TARGETS = 1000;

/** A session with a copy of its target: what kubectl has to be asked one by one. The operator asks once more for the target. */
const questions = [
  ["get", "mirrordoperators.operator.metalbear.co/operator"],
  ["create", "mirrordclusteroperatorusercredentials.operator.metalbear.co"],
  ["get", "deployments.apps/web"],
  ["list", "copytargets.operator.metalbear.co"],
  ["create", "copytargets.operator.metalbear.co"],
  ["get", "copytargets.operator.metalbear.co"],
  ["proxy", "copytargets.operator.metalbear.co"],
  ["get", "/version"],
] as const;

/** The same session by words, and another one, with a profile, by a configuration. Both show a Secret. */
const copying = ["copy", "deploy/web", "-n", "bench"];

export async function run(): Promise<void> {
  const plane = await startControlPlane({ controllerManager: false, auditLog: false });
  const operator = await installOperator(plane);
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-bench-"));
  try {
    await installPolicyCrds(plane);
    await makeCluster(plane, TARGETS);
    const kubeconfig = join(folder, "kubeconfig");
    writeKubeconfig(plane, kubeconfig);
    writeFileSync(
      join(folder, "mirrord.json"),
      JSON.stringify({ profile: "safe", target: { path: "deployment/web", namespace: "bench" } }),
    );
    const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: kubeconfig };
    await compareOne(plane, folder, env);
    await compareList(env);
  } finally {
    await operator.stop();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareOne(plane: ControlPlane, folder: string, env: Environment): Promise<void> {
  const ask = (words: readonly string[]) => timed([plane.kubectl, "auth", "can-i", ...words, "-n", "bench"], env);
  const config = ["-f", join(folder, "mirrord.json")];
  const own = runners();
  const last = own.at(-1)?.command ?? [];
  const bare = await bareClient(folder, plane, USER, await sentRequests([...last, ...copying], plane.server, env));
  const times = new Map<string, number[]>();
  const add = (name: string, milliseconds: number) => times.set(name, [...(times.get(name) ?? []), milliseconds]);
  for (let round = 0; round < ROUNDS; round += 1) {
    add("kubectl auth can-i, one question", await ask(questions[2]));
    let all = 0;
    for (const words of questions) all += await ask(words);
    add(`kubectl auth can-i, ${questions.length} questions one by one`, all);
    for (const { name, command } of own) {
      add(`can-i copy deploy/web, ${name}`, await timed([...command, ...copying], env));
      add(`can-i copy deploy/web -q, ${name}`, await timed([...command, ...copying, "-q"], env));
      add(`can-i -f mirrord.json, ${name}`, await timed([...command, ...config], env));
    }
    add(bare.name, await timed(bare.command, env));
    add("node -e 0", await timed([process.execPath, "-e", "0"], env));
  }
  const [one = 1, byOne = 1] = [...times.values()].map(median);
  print(
    `medians of ${ROUNDS} rounds, ${questions.length} requests, ratio to one kubectl and to ${questions.length} of them`,
  );
  for (const [name, milliseconds] of times) {
    const time = median(milliseconds);
    row(name, `${time.toFixed(1)} ms   ${(time / one).toFixed(2)} ×   ${(time / byOne).toFixed(2)} ×`);
  }
  const whole = median(times.get(`can-i copy deploy/web, ${own.at(-1)?.name}`) ?? []);
  atMost("can-i copy deploy/web", 1.3, whole / one, "x one kubectl auth can-i");
  // The floor of that: what no can-i in Node.js could be quicker than.
  atMost(
    "the requests of that can-i alone, by a bare program",
    1.3,
    median(times.get(bare.name) ?? []) / one,
    "x one kubectl auth can-i",
  );
}

async function compareList(env: Environment): Promise<void> {
  for (const { name, command } of runners()) {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1)
      times.push(await timed([...command, "--list", "-n", "bench", "-o", "name"], env));
    row(`--list, ${TARGETS + 1} targets × 6 actions, ${name}`, `${(median(times) / 1000).toFixed(2)} s`);
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const row = (name: string, value: string): void => print(`  ${name.padEnd(66)} ${value}`);

if (import.meta.main) await run();
