// can-i beside `kubectl auth can-i`, in the same run against the same API server; and --list over 1,000 targets.
// Also by itself: node test/bench/can-i.ts
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { installPolicyCrds } from "../operator/policy-crds.ts";
import { installOperator } from "../operator/start.ts";

const ROUNDS = 25;
const TARGETS = 1000;
const USER = "jim";
const root = join(import.meta.dirname, "..", "..");

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
    await makeCluster(plane);
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

type Environment = Record<string, string | undefined>;

interface Runner {
  name: string;
  command: string[];
}

const checkout: Runner = {
  name: "from the checkout",
  command: [process.execPath, join(root, "plugins", "kubectl-mirrord.ts"), "can-i"],
};

function runners(): Runner[] {
  const bundled = process.env["KUBECTL_MIRRORD_BUNDLED"] ?? join(root, "build", "kubectl-mirrord-can_i");
  if (!existsSync(bundled)) return [checkout];
  const built = statSync(bundled).mtime.toISOString().slice(0, 16);
  return [checkout, { name: `bundled (built ${built})`, command: [bundled] }];
}

async function compareOne(plane: ControlPlane, folder: string, env: Environment): Promise<void> {
  const ask = (words: readonly string[]) => timed([plane.kubectl, "auth", "can-i", ...words, "-n", "bench"], env);
  const config = ["-f", join(folder, "mirrord.json")];
  const own = runners();
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
}

async function compareList(env: Environment): Promise<void> {
  for (const { name, command } of runners()) {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1)
      times.push(await timed([...command, "--list", "-n", "bench", "-o", "name"], env));
    row(`--list, ${TARGETS + 1} targets × 6 actions, ${name}`, `${(median(times) / 1000).toFixed(2)} s`);
  }
}

/** Milliseconds; throws when the answer is not the expected one. The operator stand-in lives in this process: no spawnSync. */
async function timed([file = "", ...args]: readonly string[], env: Environment, alternative = 0): Promise<number> {
  const before = performance.now();
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status]: unknown[] = await once(child, "close");
  const after = performance.now();
  if (status !== 0 && status !== alternative)
    throw new Error(`${file} ${args.join(" ")} ended with ${String(status)}: ${(await output).join("")}`);
  return after - before;
}

function writeKubeconfig(plane: ControlPlane, file: string): void {
  const config = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as {
    clusters: { name: string }[];
    [field: string]: unknown;
  };
  const cluster = config.clusters[0]?.name ?? "";
  writeFileSync(
    file,
    JSON.stringify({
      ...config,
      users: [{ name: USER, user: { token: plane.token(USER) } }],
      contexts: [{ name: USER, context: { cluster, user: USER } }],
      "current-context": USER,
    }),
  );
}

async function makeCluster(plane: ControlPlane): Promise<void> {
  const { token } = plane.admin;
  const put = async (path: string, body: unknown, method?: string) => {
    const headers = { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
    const answer = await apiRequest(plane, { token, path, body, headers, ...(method === undefined ? {} : { method }) });
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  };
  await put("/api/v1/namespaces", { metadata: { name: "bench" } });
  await put("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", profileCrd);
  const deployments = "/apis/apps/v1/namespaces/bench/deployments";
  const queue = Array.from({ length: TARGETS }, (_, index) => (index === 0 ? "web" : `web-${index}`)).values();
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      for (const name of queue) {
        await put(deployments, deployment(name));
        await put(
          `${deployments}/${name}/status`,
          { status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 } },
          "PATCH",
        );
      }
    }),
  );
  await put("/apis/profiles.mirrord.metalbear.co/v1alpha/mirrordclusterprofiles", {
    apiVersion: "profiles.mirrord.metalbear.co/v1alpha",
    kind: "MirrordClusterProfile",
    metadata: { name: "safe" },
    spec: { featureAdjustments: [] },
  });
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  await put(`${rbac}/clusterroles`, { metadata: { name: "bench" }, rules });
  await put(`${rbac}/clusterrolebindings`, {
    metadata: { name: "bench" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "bench" },
    subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: USER }],
  });
}

const rule = (apiGroup: string, resources: string[], verbs: string[]) => ({ apiGroups: [apiGroup], resources, verbs });
const rules = [
  rule("operator.metalbear.co", ["mirrordoperators"], ["get"]),
  rule("operator.metalbear.co", ["mirrordclusteroperatorusercredentials", "copytargets"], ["create"]),
  rule("operator.metalbear.co", ["targets", "copytargets"], ["get", "list", "proxy"]),
  rule("profiles.mirrord.metalbear.co", ["*"], ["get", "list"]),
  rule("policies.mirrord.metalbear.co", ["*"], ["list"]),
  rule("", ["pods", "services", "namespaces"], ["get", "list"]),
  rule("apps", ["*"], ["get", "list"]),
  rule("batch", ["*"], ["get", "list"]),
  rule("argoproj.io", ["*"], ["get", "list"]),
];

const deployment = (name: string) => ({
  metadata: { name, labels: { app: name } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          {
            name: "main",
            image: "x",
            env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "key", key: "key" } } }],
          },
        ],
      },
    },
  },
});

const profileCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "mirrordclusterprofiles.profiles.mirrord.metalbear.co" },
  spec: {
    group: "profiles.mirrord.metalbear.co",
    scope: "Cluster",
    names: {
      kind: "MirrordClusterProfile",
      plural: "mirrordclusterprofiles",
      singular: "mirrordclusterprofile",
      listKind: "MirrordClusterProfileList",
    },
    versions: [
      {
        name: "v1alpha",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const row = (name: string, value: string): void => print(`  ${name.padEnd(66)} ${value}`);

if (import.meta.main) await run();
