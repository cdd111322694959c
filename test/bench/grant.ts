// How long grants take on a real API server: npm run bench -- grant
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Intent } from "../../lib/access/intent.ts";
import { grantName, grantObjects } from "../../lib/access/objects.ts";
import type { KubernetesObject } from "../../lib/kube/cluster.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane } from "../control-plane/start.ts";

const GRANTS = 500;
const NAMESPACES = 2000;
const SELECTED = 500;

const root = join(import.meta.dirname, "../..");
export async function run(): Promise<void> {
  const plane = await startControlPlane({ auditLog: true });
  const { token } = plane.admin;
  const env = {
    ...process.env,
    KUBECONFIG: plane.kubeconfig,
    PATH: [join(root, "bin"), join(plane.kubectl, ".."), process.env["PATH"] ?? ""].join(":"),
  };

  function timed(...words: string[]): { seconds: number; stderr: string; stdout: string } {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(words[0] ?? "", words.slice(1), { env, encoding: "utf8" });
    const seconds = (performance.now() - started) / 1000;
    if (status !== 0) throw new Error(`${words.join(" ")}: ${status}\n${stdout}${stderr}`);
    return { seconds, stdout, stderr };
  }

  async function post(path: string, body: KubernetesObject): Promise<KubernetesObject> {
    const answer = await apiRequest(plane, { token, path, body });
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body as KubernetesObject;
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
  function writesSince(offset: number): number {
    const log = readFileSync(plane.auditLog, "utf8").slice(offset);
    return log
      .split("\n")
      .filter((line) => line.includes("kubectl-mirrord/") && /"verb":"(create|update|patch|delete)"/.test(line))
      .filter((line) => !/subjectaccessreviews|selfsubject|dryRun/.test(line)).length;
  }

  const rbac = "/apis/rbac.authorization.k8s.io/v1";

  try {
    timed("kubectl", "apply", "-f", join(root, "examples/operator.yaml"));
    const names = Array.from({ length: NAMESPACES }, (_, index) => `ns-${index}`);
    await inParallel([...names.entries()], ([index, name]) =>
      post("/api/v1/namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name, labels: { n: String(index), ...(index < SELECTED ? { chosen: "yes" } : {}) } },
      }),
    );

    timed("kubectl", "mirrord", "grant", "warm", "--ns", "ns-0");
    const single = timed("kubectl", "mirrord", "grant", "single", "--ns", "ns-0");
    const plain = timed("kubectl", "create", "rolebinding", "plain", "-n", "ns-0", "--clusterrole=view", "--user=x");
    const node = timed(process.execPath, "-e", "0");
    const selected = timed("kubectl", "mirrord", "grant", "many", "-l", "chosen=yes", "--accept-label-risk");

    await inParallel(
      Array.from({ length: GRANTS - 3 }, (_, index) => index),
      async (index) => {
        const mine = Array.from({ length: 4 }, (_, part) => names[(index * 4 + part) % NAMESPACES] ?? "");
        const intent: Intent = {
          subject: { kind: "User", name: `user-${index}` },
          role: "user",
          set: { kind: "namespaces", namespaces: mine },
          targets: [],
          reads: true,
        };
        let uid = "";
        for (const { type, object, part } of grantObjects(intent, {
          grantedBy: "admin",
          grantedAt: "2026-01-01T00:00:00Z",
        })) {
          if (part === "role") continue;
          const owner = {
            apiVersion: rbac.slice("/apis/".length),
            kind: "ClusterRoleBinding",
            name: grantName(intent),
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
    const offset = readFileSync(plane.auditLog, "utf8").length;
    const sync = timed("kubectl", "mirrord", "grant", "sync", "-y");
    const writes = writesSince(offset);
    const list = timed("kubectl", "mirrord", "grant", "list", "-o", "name");

    const line = (what: string, value: string, limit: string) =>
      process.stdout.write(`${what.padEnd(58)}${value.padStart(10)}   ${limit}\n`);
    line("kubectl create rolebinding", `${plain.seconds.toFixed(2)} s`, "");
    line("node -e 0", `${node.seconds.toFixed(2)} s`, "");
    line(
      "grant in one namespace",
      `${single.seconds.toFixed(2)} s`,
      `≤ ${(3 * plain.seconds + node.seconds).toFixed(2)} s`,
    );
    line(`grant in ${SELECTED} namespaces by selector`, `${selected.seconds.toFixed(2)} s`, "≤ 10 s");
    line(
      `sync with nothing to do, ${GRANTS} grants, ${NAMESPACES} namespaces`,
      `${sync.seconds.toFixed(2)} s`,
      "≤ 3 s",
    );
    line("  writes", String(writes), "0");
    line("list of all grants", `${list.seconds.toFixed(2)} s`, "");
    process.stdout.write(sync.stderr);
  } finally {
    await plane.stop();
  }
}

if (import.meta.main) await run();
