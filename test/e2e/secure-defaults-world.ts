// A control plane of its own with the secure defaults on it, and people of every kind who try them.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiRequest } from "../control-plane/request.ts";
import { until } from "../until.ts";
import type { CommandResult, ExampleCluster } from "./example-cluster.ts";

export interface Person {
  name: string;
  token: string;
}

export interface DefaultsWorld {
  /** As the administrator: `kubectl mirrord …`. */
  mirrord(...words: string[]): Promise<CommandResult>;
  /** The same; throws where it fails. */
  must(...words: string[]): Promise<CommandResult>;
  /** The real kubectl with that person's token; what is to be read from its input. */
  kubectl(as: Person, input: unknown, ...words: string[]): Promise<CommandResult>;
  /** A bare request; nothing but the answer. */
  call(as: Person, method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** A bare request of the administrator; throws for a failure. */
  put(path: string, body: object): Promise<void>;
  admin: Person;
  user(name: string, ...groups: string[]): Person;
  account(namespace: string, name: string): Promise<Person>;
  /** Binds a ClusterRole, everywhere or in a namespace. */
  bind(person: Person, role: string, namespace?: string): Promise<void>;
  namespace(name: string): Promise<void>;
  /** Resolves once a privileged pod of that person is refused (or let through) by the policies. */
  settled(expected: "refused" | "allowed", as: Person, namespace: string, spec?: object): Promise<void>;
  stop(): void;
}

export interface Answer {
  status: number;
  body: { message?: string; reason?: string; code?: number } & KubernetesObject;
}

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const json = (value: unknown) => JSON.stringify(value);

export const pod = (name: string, spec: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "app", image: "i" }], ...spec },
});

export function defaultsWorld(cluster: Pick<ExampleCluster, "plane" | "kubectl">): DefaultsWorld {
  const { plane } = cluster;
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-defaults-"));
  const admin: Person = { name: "admin", token: plane.admin.token };
  const world: DefaultsWorld = {
    admin,
    mirrord: (...words) => cluster.kubectl("admin", "mirrord", ...words),
    async must(...words) {
      const result = await world.mirrord(...words);
      if (result.code !== 0) throw new Error(`${words.join(" ")}: ${result.stdout}${result.stderr}`);
      return result;
    },
    async kubectl(as, input, ...words) {
      // A kubeconfig that names nobody, so that the token alone says who it is.
      const kubeconfig = join(folder, "nobody.kubeconfig");
      writeFileSync(kubeconfig, json({ apiVersion: "v1", kind: "Config" }));
      const connection = [
        "--kubeconfig",
        kubeconfig,
        "--server",
        plane.server,
        "--certificate-authority",
        plane.caFile,
      ];
      const child = spawn(plane.kubectl, [...connection, "--token", as.token, ...words], {
        env: { PATH: process.env["PATH"] ?? "", HOME: folder },
        stdio: ["pipe", "pipe", "pipe"],
      });
      const exit = new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => resolve(code ?? -1));
      });
      child.stdin.on("error", () => undefined);
      child.stdin.end(input === undefined ? "" : json(input));
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
      return { code, stdout, stderr };
    },
    async call(as, method, path, body, contentType) {
      const headers = contentType === undefined ? {} : { headers: { "Content-Type": contentType } };
      const answer = await apiRequest(plane, { token: as.token, method, path, body, ...headers });
      return answer as Answer;
    },
    async put(path, body) {
      const { status, body: answer } = await world.call(admin, "POST", path, body);
      if (status >= 300) throw new Error(`${path}: ${json(answer)}`);
    },
    user: (name, ...groups) => ({ name, token: plane.token(name, ...groups) }),
    async account(namespace, name) {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await world.put(path, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } });
      const made = await world.call(admin, "POST", `${path}/${name}/token`, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {},
      });
      const { token } = made.body["status"] as { token: string };
      return { name: `system:serviceaccount:${namespace}:${name}`, token };
    },
    async bind({ name }, role, namespace) {
      const kind = namespace === undefined ? "ClusterRoleBinding" : "RoleBinding";
      const base = namespace === undefined ? RBAC : `${RBAC}/namespaces/${namespace}`;
      await world.put(`${base}/${kind.toLowerCase()}s`, {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind,
        metadata: { generateName: "test-" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }],
      });
    },
    async namespace(name) {
      await world.put("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      const path = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until(`${name} has its service account`, async () => (await world.call(admin, "GET", path)).status === 200);
    },
    async settled(expected, as, namespace, spec = { hostPID: true }) {
      await until(`${as.name} is ${expected} in ${namespace}`, async () => {
        const { status, body } = await dryRunPod(world, as, namespace, spec);
        return expected === "allowed"
          ? status === 201
          : status === 403 && (body.message ?? "").includes("is not an admin");
      });
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
  return world;
}

export function dryRunPod(world: DefaultsWorld, as: Person, namespace: string, spec: object): Promise<Answer> {
  return world.call(as, "POST", `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod("probe", spec));
}
