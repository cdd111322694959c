// policy test --all on a folder of 2,000 targets and 200 policies: the whole command, and the evaluation alone.
// Also by itself: node test/bench/policy.ts
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseProbe } from "../../lib/commands/policy/probe.ts";
import { readPolicySet } from "../../lib/commands/policy/policy-set.ts";
import { readPolicyTargets } from "../../lib/commands/policy/targets.ts";
import { outcomesByTarget } from "../../lib/commands/policy/test-all.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { operatorKinds } from "../../lib/commands/operator-kinds.ts";
import { manifestsCluster } from "../../lib/kube/manifests/manifests-cluster.ts";
import { toYaml } from "../../lib/yaml.ts";

const TARGETS = 2000;
const POLICIES = 200;
const NAMESPACES = 20;
const RUNS = 5;
const actions = [
  "mirror",
  "steal",
  "steal-with-filter",
  "copy",
  "copy-scale-down",
  "outgoing db:5432",
  "read /etc/secrets/x",
  "env AWS_KEY",
];

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-bench-"));
  try {
    const objects = [
      ...Array.from({ length: TARGETS }, (_, index) => deployment(index)),
      ...Array.from({ length: POLICIES }, (_, index) => policy(index)),
    ];
    const asJson = join(folder, "json.json");
    const asYaml = join(folder, "yaml.yaml");
    writeFileSync(asJson, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    writeFileSync(asYaml, objects.map((object) => toYaml(object)).join("---\n"));
    print(
      `${TARGETS} deployments in ${NAMESPACES} namespaces, ${POLICIES} policies (a quarter of the whole cluster), ${actions.length} actions`,
    );
    for (const path of [asJson, asYaml]) await evaluation(path);
    for (const path of [asJson, asYaml]) command(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function evaluation(path: string): Promise<void> {
  const start = performance.now();
  const cluster = manifestsCluster({ paths: [path], warn: () => {}, custom: operatorKinds });
  const { policies } = await readPolicySet(cluster, [], { namespace: undefined, fallback: "default" });
  const listed = await readPolicyTargets(cluster, undefined);
  const read = performance.now() - start;
  const probes = actions.map((action) => parseProbe(action));
  const times = Array.from({ length: RUNS }, () => {
    const from = performance.now();
    const rows = outcomesByTarget({ policies, unreadable: [] }, listed, {
      namespace: undefined,
      probes,
      profile: undefined,
      operatorVersion: undefined,
    });
    if (rows.length !== TARGETS + NAMESPACES) throw new Error(`${rows.length} rows`);
    return performance.now() - from;
  });
  print(
    `${path.slice(-4)}: reading ${read.toFixed(0)} ms, evaluation first ${(times[0] ?? 0).toFixed(0)} ms, median ${median(times).toFixed(0)} ms`,
  );
}

// A busy machine makes the clock say more than the program took.
const reportsCpu = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => { const { user, system } = process.cpuUsage(); process.stderr.write("cpu " + Math.round((user + system) / 1000)); });',
)}`;

function command(path: string): void {
  const uses = ["--outgoing", "db:5432", "--read", "/etc/secrets/x", "--env", "AWS_KEY"];
  const whole = timed("test", "--all", "-A", "--manifests", path, ...uses);
  const start = timed("test", "--help");
  const of = (what: "clock" | "processor") =>
    `${whole[what].toFixed(0)} ms, of which start-up ${start[what].toFixed(0)} ms`;
  print(
    `${path.slice(-4)}: the whole command, unbuilt, median of ${RUNS}: ${of("clock")}; processor ${of("processor")}`,
  );
}

/** Medians, in milliseconds. */
function timed(...words: string[]): { clock: number; processor: number } {
  const plugin = join(import.meta.dirname, "../../plugins/kubectl-mirrord-policy.ts");
  const runs = Array.from({ length: RUNS }, () => {
    const from = performance.now();
    const ended = spawnSync(process.execPath, ["--import", reportsCpu, plugin, ...words], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (ended.status !== 0) throw new Error(ended.stderr);
    return { clock: performance.now() - from, processor: Number(/cpu (\d+)/.exec(ended.stderr)?.[1]) };
  });
  return { clock: median(runs.map(({ clock }) => clock)), processor: median(runs.map(({ processor }) => processor)) };
}

function deployment(index: number): KubernetesObject {
  const labels = { app: `app-${index % 400}`, tier: ["front", "back", "payments"][index % 3] ?? "" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `app-${index}`, namespace: `ns-${index % NAMESPACES}`, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } },
    },
  };
}

function policy(index: number): KubernetesObject {
  const isCluster = index % 4 === 0;
  return {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: isCluster ? "MirrordClusterPolicy" : "MirrordPolicy",
    metadata: { name: `policy-${index}`, ...(isCluster ? {} : { namespace: `ns-${index % NAMESPACES}` }) },
    spec: {
      ...(index % 3 === 0
        ? { targetPath: `deploy/*${index % 7}*` }
        : { selector: { matchLabels: { app: `app-${index}` } } }),
      block: [["steal"], ["mirror"], ["steal-without-filter"], []][index % 4],
      appliesToCopyTargets: index % 2 === 0,
      network: {
        incoming: index % 5 === 0 ? { httpFilter: { headerFilter: "^x-user: .+$" } } : {},
        outgoing: index % 6 === 0 ? { block: [{ hostname: "^db", ports: [{ protocol: "TCP", port: 5432 }] }] } : {},
      },
      env: { exclude: ["AWS_*", "*_PASSWORD"] },
      fs: { local: ["^/etc/secrets/.*"] },
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (process.argv[1] === import.meta.filename) await run();
