// The audit of a big cluster: how long all findings and the matrix take, and what they weigh, beside a bare fetch and parse of
// the four lists by node. Also by itself: node test/bench/audit.ts
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditFindings } from "../../lib/audit/findings.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
import { auditFacts } from "../audit/facts.ts";
import { atMost } from "./limits.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { random, type Random } from "../rbac/random.ts";

/** Those of a real cluster of many teams. At ten times the size each is ten times as many. */
const SIZES = { roleBindings: 4491, clusterRoleBindings: 676, roles: 1374, clusterRoles: 721, namespaces: 500 };
/** How often each is measured, by how many times the size. */
const ROUNDS: Readonly<Record<number, number>> = { 1: 5, 10: 3 };
const root = join(import.meta.dirname, "../..");

export async function run(): Promise<void> {
  const measured = new Map<number, Measured>();
  for (const [size, rounds] of Object.entries(ROUNDS)) {
    const factor = Number(size);
    const objects = bigCluster(factor);
    const count = (kind: string) => objects.filter((object) => object.kind === kind).length;
    print(
      `${count("RoleBinding")} RoleBindings, ${count("ClusterRoleBinding")} ClusterRoleBindings, ${count("Role")} Roles, ${count("ClusterRole")} ClusterRoles (one of 800 rules), ${SIZES.namespaces * factor} namespaces`,
    );
    const facts = auditFacts(objects, {
      accounts: accountsIn(SIZES.namespaces * factor),
      pods: podsIn(SIZES.namespaces * factor),
    });
    const times = Array.from({ length: rounds }, () => {
      const before = performance.now();
      const { findings } = auditFindings(facts);
      return { milliseconds: performance.now() - before, count: findings.length };
    });
    row(
      "all findings, in the process, median",
      `${median(times.map(({ milliseconds }) => milliseconds)).toFixed(0)} ms (${times[0]?.count} findings)`,
    );
    measured.set(factor, await measureCommands(objects, rounds));
  }
  const [one, ten] = [measured.get(1), measured.get(10)];
  if (one !== undefined && ten !== undefined) compareWithLimits(one, ten);
}

/** Of the executable, where it was built, or else of the checkout: by the words of the command; `""` is the bare fetch. */
type Measured = Map<string, { milliseconds: number; mebibytes: number }>;

/** The limits are for a machine that does nothing else. */
function compareWithLimits(one: Measured, ten: Measured): void {
  const whoCan = "audit who-can";
  const floor = one.get("")?.milliseconds ?? NaN;
  const time = (command: string, measured = one): number => measured.get(command)?.milliseconds ?? NaN;
  const memory = (command: string, measured = one): number => measured.get(command)?.mebibytes ?? NaN;
  atMost(whoCan, 1.3, time(whoCan) / floor, "x the bare fetch");
  atMost(whoCan, 160, memory(whoCan), "MiB");
  atMost("grant matrix -o json", 160, memory("grant matrix -o json"), "MiB");
  atMost("grant matrix", 160, memory("grant matrix"), "MiB");
  atMost("audit findings", 2000, time("audit findings"), "ms");
  atMost("audit -o html", 3000, time("audit -o html"), "ms");
  atMost(`${whoCan}, ten times the size`, 700, memory(whoCan, ten), "MiB");
  for (const command of one.keys())
    if (command !== "") atMost(`${command}, ten times the size`, 10, time(command, ten) / time(command), "x the time");
}

async function measureCommands(objects: readonly KubernetesObject[], rounds: number): Promise<Measured> {
  const found: Measured = new Map();
  const served = await serve(objects);
  const folder = mkdtempSync(join(tmpdir(), "audit-bench-"));
  try {
    const kubeconfig = join(folder, "config");
    writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(served.url)));
    const bare = [process.execPath, "--input-type=module", "-e", bareFetch(served.url)];
    const floor = await measure(bare, kubeconfig, rounds);
    found.set("", floor);
    row("bare fetch and parse of the four lists", `${floor.milliseconds.toFixed(0)} ms, ${floor.mebibytes} MiB`);
    for (const words of [
      ["audit", "matrix", "-o", "json"],
      ["audit", "findings", "-o", "json", "--fail-on", "never"],
      ["audit", "who-can", "get", "secrets", "-A", "-o", "json"],
      ["grant", "matrix", "-o", "json"],
      ["grant", "matrix"],
      ["audit", "-o", "html", "--fail-on", "never"],
    ]) {
      for (const { name, command } of runners()) {
        const { milliseconds, mebibytes } = await measure([...command, ...words], kubeconfig, rounds);
        const shown = commandText(words);
        // The executable comes last, and counts.
        found.set(shown, { milliseconds, mebibytes });
        row(
          `${shown}, ${name}`,
          `${milliseconds.toFixed(0)} ms (${(milliseconds / floor.milliseconds).toFixed(2)} × the bare fetch), ${mebibytes} MiB`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
    served.close();
  }
  return found;
}

/** `audit findings`; with its format where another command has the same words. */
function commandText(words: readonly string[]): string {
  const [plugin, verb] = words;
  if (verb === "-o") return words.slice(0, 3).join(" ");
  return words.slice(0, plugin === "grant" ? 4 : 2).join(" ");
}

const lists = ["clusterrolebindings", "clusterroles", "rolebindings", "roles"];

const bareFetch = (url: string): string =>
  `const all = await Promise.all(${JSON.stringify(lists)}.map(async (name) => await (await fetch(${JSON.stringify(url)} + "/apis/rbac.authorization.k8s.io/v1/" + name)).json()));
   if (all.length !== 4) throw new Error();`;

interface Runner {
  name: string;
  command: readonly string[];
}

function runners(): Runner[] {
  const checkout = {
    name: "from the checkout",
    command: [process.execPath, join(root, "plugins", "kubectl-mirrord.ts")],
  };
  const bundled = process.env["KUBECTL_MIRRORD_BUNDLED"] ?? join(root, "build", "kubectl-mirrord");
  if (!existsSync(bundled)) return [checkout];
  const built = statSync(bundled).mtime.toISOString().slice(0, 16);
  return [checkout, { name: `bundled (built ${built})`, command: [bundled] }];
}

/** The median of a few runs, and the most memory that one of them had, where the system tells it. */
async function measure(
  [command = "", ...args]: readonly string[],
  kubeconfig: string,
  rounds: number,
): Promise<{ milliseconds: number; mebibytes: number }> {
  const runs: { milliseconds: number; mebibytes: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now();
    const child = spawn(command, args, {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], KUBECONFIG: kubeconfig },
      stdio: "ignore",
    });
    let peak = NaN;
    const watch = setInterval(() => (peak = peakMebibytes(child.pid) ?? peak), 5);
    const [code] = await once(child, "exit");
    // 3: part of it could not be read, as a server that has only lists has it.
    if (code !== 0 && code !== 3) throw new Error(`${[command, ...args].join(" ")}: exit code ${code}`);
    runs.push({ milliseconds: performance.now() - before, mebibytes: peak });
    clearInterval(watch);
  }
  return {
    milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
    mebibytes: Math.max(...runs.map(({ mebibytes }) => mebibytes)),
  };
}

/** Of a process on Linux that still runs. */
function peakMebibytes(pid: number | undefined): number | undefined {
  try {
    const kibibytes = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / 1024);
  } catch {
    return undefined;
  }
}

/** Lists of these objects, page by page as an API server gives them; everything else is empty, or not there. */
async function serve(objects: readonly KubernetesObject[]): Promise<{ url: string; close(): void }> {
  const byResource = Map.groupBy(objects.map(stored), ({ kind }) => `${kind.toLowerCase()}s`);
  const server = createServer(({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const resource = pathname.split("/").at(-1) ?? "";
    const isList = /^\/api(s\/[^/]+)?\/v[^/]+\/[a-z]+$/.test(pathname);
    if (!isList) return answer(response, 404, { kind: "Status", status: "Failure", code: 404, reason: "NotFound" });
    const all = byResource.get(resource) ?? [];
    const from = Number(searchParams.get("continue") ?? 0);
    const limit = Number(searchParams.get("limit") ?? all.length) || all.length;
    const next = from + limit < all.length ? String(from + limit) : "";
    answer(response, 200, {
      kind: "List",
      apiVersion: "v1",
      metadata: { continue: next },
      items: all.slice(from, from + limit),
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

/** With what an API server adds to an object that kubectl has applied. */
const stored = (object: KubernetesObject, index: number): KubernetesObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    uid: `00000000-0000-4000-8000-${index.toString().padStart(12, "0")}`,
    resourceVersion: String(1000 + index),
    creationTimestamp: "2026-08-17T18:00:00Z",
    managedFields: [
      {
        manager: "kubectl",
        operation: "Apply",
        apiVersion: object.apiVersion,
        time: "2026-08-17T18:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: Object.fromEntries(
          Object.keys(object).flatMap((field) =>
            ["apiVersion", "kind", "metadata"].includes(field) ? [] : [[`f:${field}`, {}]],
          ),
        ),
      },
    ],
  },
});

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

const kubeconfigFor = (server: string) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "big", cluster: { server } }],
  users: [{ name: "admin", user: { token: "x" } }],
  contexts: [{ name: "big", context: { cluster: "big", user: "admin" } }],
  "current-context": "big",
});

const pools = {
  groups: ["", "apps", "batch", "operator.metalbear.co", "networking.k8s.io", "example.com"],
  resources: [
    "pods",
    "pods/log",
    "pods/exec",
    "secrets",
    "configmaps",
    "services",
    "deployments",
    "jobs",
    "targets",
    "serviceaccounts",
    "widgets",
  ],
  verbs: ["get", "list", "watch", "create", "update", "patch", "delete", "proxy"],
};

/** The same for the same factor. */
export function bigCluster(factor: number): KubernetesObject[] {
  const choices = random(19);
  const times = (count: number, make: (index: number) => KubernetesObject) =>
    Array.from({ length: count * factor }, (_, index) => make(index));
  const clusterRoles = SIZES.clusterRoles * factor - namedRoles.length;
  const namespaces = SIZES.namespaces * factor;
  const roles = SIZES.roles * factor;
  const place = (index: number): string => `ns-${index % namespaces}`;
  const rules = (): PolicyRule[] => Array.from({ length: 1 + choices.below(6) }, () => anyRule(choices));
  const team = (index: number): string => `oidc:team-${index % (300 * factor)}`;
  const subjects = (namespace: string): Subject[] => [
    choices.chance(0.6) ? group(team(choices.below(300 * factor))) : user(`user-${choices.below(2000 * factor)}`),
    ...(choices.chance(0.3) ? [serviceAccount(`sa-${choices.below(4)}`, namespace)] : []),
  ];
  const bigRole = clusterRole(
    "big",
    Array.from({ length: 800 }, () => anyRule(choices)),
  );
  return [
    ...namedRoles,
    bigRole,
    ...times(SIZES.clusterRoles, (index) => clusterRole(`cluster-role-${index}`, rules())).slice(namedRoles.length + 1),
    ...times(SIZES.roles, (index) => role(place(index), `role-${index}`, rules())),
    ...times(SIZES.clusterRoleBindings, (index) => {
      if (index % 3 === 0)
        return clusterRoleBinding(`crb-${index}`, "mirrord-operator-user-basic", [group(team(index / 3))]);
      const any = `cluster-role-${namedRoles.length + 1 + choices.below(clusterRoles - 1)}`;
      return clusterRoleBinding(`crb-${index}`, index % 50 === 1 ? "cluster-admin" : any, subjects(place(index)));
    }),
    ...times(SIZES.roleBindings, (index) => {
      const namespace = place(index);
      if (index % 8 === 0)
        return roleBinding(
          namespace,
          `rb-${index}`,
          clusterRoleRef(index % 16 === 0 ? "mirrord-operator-user" : "one-target"),
          [group(team(index))],
        );
      // Of the roles that are in this namespace.
      const own = (index % namespaces) + namespaces * choices.below(Math.floor(roles / namespaces));
      const any = clusterRoleRef(`cluster-role-${namedRoles.length + 1 + choices.below(clusterRoles - 1)}`);
      const ref = index % 40 === 1 ? clusterRoleRef("big") : choices.chance(0.5) ? roleRef(`role-${own}`) : any;
      return roleBinding(namespace, `rb-${index}`, ref, subjects(namespace));
    }),
  ];
}

const OPERATOR = "operator.metalbear.co";

const namedRoles: readonly KubernetesObject[] = [
  clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
  clusterRole("mirrord-operator-user-basic", [rule(OPERATOR, "mirrordoperators", "get")]),
  clusterRole("mirrord-operator-user", [rule(OPERATOR, "targets", "proxy")]),
  clusterRole("one-target", [rule(OPERATOR, "targets", "proxy", "deployment.app-1")]),
];

const anyRule = (choices: Random): PolicyRule => ({
  apiGroups: choices.some(pools.groups, 1, 2),
  resources: [...choices.some(pools.resources, 1, 3), `kind-${choices.below(3000)}`],
  verbs: choices.some(pools.verbs, 1, 4),
  ...(choices.chance(0.15) ? { resourceNames: [`name-${choices.below(500)}`] } : {}),
});

const accountsIn = (namespaces: number) =>
  Array.from({ length: namespaces * 4 }, (_, index) => ({
    namespace: `ns-${index % namespaces}`,
    name: `sa-${index % 4}`,
  }));

const podsIn = (namespaces: number) =>
  Array.from({ length: namespaces * 10 }, (_, index) => ({
    namespace: `ns-${index % namespaces}`,
    name: `pod-${index}`,
    account: `sa-${index % 4}`,
    targets: [`pod.pod-${index}`, `deployment.app-${index % 7}`],
  }));

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const row = (name: string, value: string): void => print(`  ${name.padEnd(48)} ${value}`);

if (import.meta.main) await run();
