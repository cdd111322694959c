// How long grants take on a real API server: npm run bench -- grant
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Intent } from "../../lib/access/intent.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";

const GRANTS = 500;
const NAMESPACES = 2000;
const SELECTED = 500;

const ROUNDS = 15;
const root = join(import.meta.dirname, "../..");

interface Runner {
  name: string;
  command: string[];
}

const checkout: Runner = {
  name: "from the checkout",
  command: [process.execPath, join(root, "plugins", "kubectl-mirrord.ts"), "grant"],
};

/** The product is the executable of `npm run build`; KUBECTL_MIRRORD_BUNDLED names another than that of this checkout. */
function bundled(): Runner | undefined {
  const file = process.env["KUBECTL_MIRRORD_BUNDLED"] ?? join(root, "build", "kubectl-mirrord-grant");
  if (!existsSync(file)) return undefined;
  return { name: `bundled (built ${statSync(file).mtime.toISOString().slice(0, 16)})`, command: [file] };
}

export async function run(): Promise<void> {
  const plane = await startControlPlane({ auditLog: true });
  try {
    const bench = benchOn(plane);
    bench.timed([plane.kubectl, "apply", "-f", join(root, "examples/operator.yaml")]);
    await makeNamespaces(bench);
    compareOne(bench);
    await measureMany(bench);
  } finally {
    await plane.stop();
  }
}

interface Timed {
  milliseconds: number;
  stderr: string;
}

interface Bench {
  plane: ControlPlane;
  /** Throws when the command fails. */
  timed(command: readonly string[], ...words: string[]): Timed;
  post(path: string, body: KubernetesObject): Promise<KubernetesObject>;
}

function benchOn(plane: ControlPlane): Bench {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], KUBECONFIG: plane.kubeconfig };
  return {
    plane,
    timed([file = "", ...rest], ...words) {
      const started = performance.now();
      const { status, stdout, stderr } = spawnSync(file, [...rest, ...words], { env, encoding: "utf8" });
      const milliseconds = performance.now() - started;
      if (status !== 0) throw new Error(`${[file, ...rest, ...words].join(" ")}: ${status}\n${stdout}${stderr}`);
      return { milliseconds, stderr };
    },
    async post(path, body) {
      const answer = await apiRequest(plane, { token: plane.admin.token, path, body });
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body as KubernetesObject;
    },
  };
}

const names = Array.from({ length: NAMESPACES }, (_, index) => `ns-${index}`);

async function makeNamespaces({ post }: Bench): Promise<void> {
  await inParallel([...names.entries()], ([index, name]) =>
    post("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { n: String(index), ...(index < SELECTED ? { chosen: "yes" } : {}) } },
    }),
  );
}

/** One grant beside the one command that it takes the place of, in turns. Each grant is taken back, so that all are alike. */
function compareOne({ timed, plane }: Bench): void {
  const runners = [checkout, bundled()].filter((runner) => runner !== undefined);
  const times = new Map<string, number[]>();
  const add = (name: string, { milliseconds }: Timed) => times.set(name, [...(times.get(name) ?? []), milliseconds]);
  timed(checkout.command, "warm", "--ns", "ns-0");
  for (let round = 0; round < ROUNDS; round += 1) {
    const plain = ["create", "rolebinding", `plain-${round}`, "-n", "ns-0", "--clusterrole=view", "--user=x"];
    add("kubectl create rolebinding", timed([plane.kubectl, ...plain]));
    add("node -e 0", timed([process.execPath, "-e", "0"]));
    for (const { name, command } of runners) {
      add(`grant in one namespace, ${name}`, timed(command, "jim", "--ns", "ns-0"));
      add(`the same again (unchanged), ${name}`, timed(command, "jim", "--ns", "ns-0"));
      add(`revoke, ${name}`, timed(command, "revoke", "jim"));
      add(`grant --for 1h, ${name}`, timed(command, "jim", "--ns", "ns-0", "--for", "1h"));
      timed(command, "revoke", "jim");
    }
  }
  const [plain = 0, node = 0] = [...times.values()].map(median);
  process.stdout.write(`medians of ${ROUNDS} rounds\n`);
  for (const [name, all] of times) {
    const limit = name.startsWith("grant in") ? `≤ ${(3 * plain + node).toFixed(0)} ms` : "";
    line(name, `${median(all).toFixed(0)} ms`, limit);
  }
}

async function measureMany(bench: Bench): Promise<void> {
  const { timed, plane } = bench;
  const { name, command } = bundled() ?? checkout;
  const seconds = ({ milliseconds }: Timed) => `${(milliseconds / 1000).toFixed(2)} s`;
  process.stdout.write(`${name}\n`);
  const selected = timed(command, "many", "-l", "chosen=yes", "--accept-label-risk");
  line(`grant in ${SELECTED} namespaces by selector`, seconds(selected), "≤ 10 s");
  await makeGrants(bench);
  // They came without the uids of their namespaces, which the first sync records.
  timed(command, "sync", "-y");
  const offset = readFileSync(plane.auditLog, "utf8").length;
  const sync = timed(command, "sync", "-y");
  line(`sync with nothing to do, ${GRANTS} grants, ${NAMESPACES} namespaces`, seconds(sync), "≤ 3 s");
  line("  writes", String(writesSince(plane, offset)), "0");
  line("list of all grants", seconds(timed(command, "list", "-o", "name")), "");
  process.stdout.write(sync.stderr);
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** All but the two that are there, each in four namespaces, written without the code under test. */
async function makeGrants({ post }: Bench): Promise<void> {
  await inParallel(
    Array.from({ length: GRANTS - 2 }, (_, index) => index),
    async (index) => {
      const mine = Array.from({ length: 4 }, (_, part) => names[(index * 4 + part) % NAMESPACES] ?? "");
      const intent: Intent = {
        subject: { kind: "User", name: `user-${index}` },
        role: "user",
        set: { kind: "namespaces", namespaces: mine },
        targets: [],
        reads: true,
      };
      const provenance = { grantedBy: "admin", grantedAt: "2026-01-01T00:00:00Z" };
      let uid = "";
      for (const { type, object, part } of grantObjects(outlineGrant(intent), provenance)) {
        if (part === "role") continue;
        const owner = {
          apiVersion: rbac.slice("/apis/".length),
          kind: "ClusterRoleBinding",
          name: outlineGrant(intent).name,
          uid,
        };
        const space = object.metadata.namespace;
        const made = await post(`${rbac}${space === undefined ? "" : `/namespaces/${space}`}/${type.resource}`, {
          ...object,
          metadata: { ...object.metadata, ...(part === "child" ? { ownerReferences: [owner] } : {}) },
        });
        if (part === "main") uid = made.metadata.uid ?? "";
      }
    },
  );
}

async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      for (const item of queue) await act(item);
    }),
  );
}

/** Writes to grant objects and bindings since the given place of the audit log. */
function writesSince({ auditLog }: ControlPlane, offset: number): number {
  const log = readFileSync(auditLog, "utf8").slice(offset);
  return log
    .split("\n")
    .filter((entry) => entry.includes("kubectl-mirrord/") && /"verb":"(create|update|patch|delete)"/.test(entry))
    .filter((entry) => !/subjectaccessreviews|selfsubject|dryRun/.test(entry)).length;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const line = (what: string, value: string, limit: string): void =>
  void process.stdout.write(`  ${what.padEnd(66)}${value.padStart(10)}   ${limit}\n`);

if (import.meta.main) await run();
