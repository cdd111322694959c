// What the benchmarks of can-i have in common: a cluster with targets and a user who may do everything, and programs to time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { profileCrd } from "../operator/profile-crd.ts";

/** Who may do everything in namespace bench. */
export const USER = "jim";
const root = join(import.meta.dirname, "..", "..");

export type Environment = Record<string, string | undefined>;

export interface Runner {
  name: string;
  command: string[];
}

const checkout: Runner = {
  name: "from the checkout",
  command: [process.execPath, join(root, "plugins", "kubectl-mirrord.ts"), "can-i"],
};

export function runners(): Runner[] {
  const bundled = process.env["KUBECTL_MIRRORD_BUNDLED"] ?? join(root, "build", "kubectl-mirrord-can_i");
  if (!existsSync(bundled)) return [checkout];
  const built = statSync(bundled).mtime.toISOString().slice(0, 16);
  return [checkout, { name: `bundled (built ${built})`, command: [bundled] }];
}

/** Milliseconds; throws when the answer is not the expected one. The operator stand-in lives in this process: no spawnSync. */
export async function timed(
  [file = "", ...args]: readonly string[],
  env: Environment,
  alternative = 0,
): Promise<number> {
  const before = performance.now();
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status]: unknown[] = await once(child, "close");
  const after = performance.now();
  if (status !== 0 && status !== alternative)
    throw new Error(`${file} ${args.join(" ")} ended with ${String(status)}: ${(await output).join("")}`);
  return after - before;
}

/** Of one user, at the API server or at another address that leads there. */
export function writeKubeconfig(plane: ControlPlane, file: string, { user = USER, server = plane.server } = {}): void {
  const config = {
    clusters: [{ name: "bench", cluster: { server, "certificate-authority": plane.caFile } }],
    users: [{ name: user, user: { token: plane.token(user) } }],
    contexts: [{ name: user, context: { cluster: "bench", user } }],
    "current-context": user,
  };
  writeFileSync(file, JSON.stringify(config));
}

/** The first of so many Deployments is `web`. */
export async function makeCluster(plane: ControlPlane, count: number): Promise<void> {
  const { token } = plane.admin;
  const put = async (path: string, body: unknown, method?: string) => {
    const headers = { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
    const answer = await apiRequest(plane, { token, path, body, headers, ...(method === undefined ? {} : { method }) });
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  };
  await put("/api/v1/namespaces", { metadata: { name: "bench" } });
  await put("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", profileCrd);
  const deployments = "/apis/apps/v1/namespaces/bench/deployments";
  const queue = Array.from({ length: count }, (_, index) => (index === 0 ? "web" : `web-${index}`)).values();
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

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
