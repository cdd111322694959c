// An installation on a real control plane, with the operator stand-in behind its APIService.
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { withComponent } from "../../lib/install/component.ts";
import { renderInstallation } from "../../lib/install/render.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startKubelet } from "../control-plane/kubelet.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { installOperator, type OperatorStandIn } from "../operator/start.ts";
import { until } from "../until.ts";
import { withoutProgress } from "./comparable.ts";

const root = join(import.meta.dirname, "..", "..");
const API_SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices/v1.operator.metalbear.co";

const SERVICE = "/api/v1/namespaces/mirrord/services/mirrord-operator";
const LEASE = "/apis/coordination.k8s.io/v1/namespaces/mirrord/leases/operator-stand-in";

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface InstallationPlane {
  plane: ControlPlane;
  operator: OperatorStandIn;
  /** `kubectl mirrord …` as a user of the kubeconfig's contexts. */
  mirrord(as: string, ...words: string[]): Promise<CommandResult>;
  /** The same, to be ended while it runs. */
  start(as: string, ...words: string[]): ChildProcess;
  kubectl(input: string | undefined, ...words: string[]): Promise<CommandResult>;
  /** Applies objects as install does, and waits until the definitions among them are served. */
  apply(...objects: KubernetesObject[]): Promise<void>;
  /** The objects of an installation whose Service leads to the stand-in. */
  rendered(values?: JsonObject): KubernetesObject[];
  /** Applies these, and waits until the stand-in answers behind the APIService. */
  install(values?: JsonObject): Promise<void>;
  get(path: string): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

/** @param folder for a kubeconfig of each user */
export async function startInstallationPlane(folder: string): Promise<InstallationPlane> {
  const plane = await startControlPlane();
  const operator = await installOperator(plane);
  const kubelet = await startKubelet(plane);
  const { token } = plane.admin;
  const kubeconfig = (as: string) => {
    const file = join(folder, `${as}.kubeconfig`);
    const config = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...config, "current-context": as }), { mode: 0o600 });
    return file;
  };
  const environment = (as: string) => ({ ...process.env, HOME: folder, KUBECONFIG: kubeconfig(as) });
  const program = join(root, "plugins/kubectl-mirrord.ts");
  const cluster: InstallationPlane = {
    plane,
    operator,
    mirrord: (as, ...words) => run(process.execPath, [program, ...words], undefined, environment(as)),
    start: (as, ...words) => spawn(process.execPath, [program, ...words], { env: environment(as), stdio: "ignore" }),
    kubectl: (input, ...words) => run(plane.kubectl, ["--kubeconfig", plane.kubeconfig, ...words], input, process.env),
    async apply(...objects) {
      const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
      const words = ["apply", "--server-side", "--force-conflicts", "--field-manager=kubectl-mirrord", "-f", "-"];
      const { code, stderr } = await cluster.kubectl(list, ...words);
      if (code !== 0) throw new Error(stderr);
      const definitions = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
      if (definitions.length === 0) return;
      const names = definitions.map(({ metadata }) => `crd/${metadata.name}`);
      await cluster.kubectl(undefined, "wait", "--for=condition=Established", "--timeout=300s", ...names);
    },
    rendered: (values = {}) =>
      renderInstallation({
        license: { key: "secret-key" },
        ...values,
        operator: { port: operator.port, ...(values["operator"] as object | undefined) },
      }).objects.map((object) => withComponent(toStandIn(object), "operator")),
    async install(values) {
      // The stand-in's own have fields that ours must not have besides.
      for (const path of [API_SERVICE, SERVICE]) await apiRequest(plane, { token, method: "DELETE", path });
      await cluster.apply(...cluster.rendered(values));
      // Nothing of the stand-in's own is in the operator's namespace.
      await apiRequest(plane, { token, method: "DELETE", path: LEASE });
      await until("the stand-in answers behind the installed APIService", async () => {
        const { status } = await cluster.get("/apis/operator.metalbear.co/v1/mirrordoperators/operator");
        return status === 200;
      });
      await until("the operator's pod is ready", async () => {
        const { body } = await cluster.get("/apis/apps/v1/namespaces/mirrord/deployments/mirrord-operator");
        return (body as { status?: { readyReplicas?: number } }).status?.readyReplicas === 1;
      });
    },
    get: (path) => apiRequest(plane, { token, path }),
    async stop() {
      await kubelet.stop();
      await operator.stop();
      await plane.stop();
    },
  };
  return cluster;
}

/** No network of a cluster leads to the stand-in. */
function toStandIn(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Service") return object;
  const { ports, selector } = object["spec"] as { ports: { port: number }[]; selector: object };
  return { ...object, spec: { type: "ExternalName", externalName: "localhost", selector, ports } };
}

async function run(
  command: string,
  words: readonly string[],
  input: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const child = spawn(command, words, { env, stdio: ["pipe", "pipe", "pipe"] });
  const exit = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr: withoutProgress(stderr) };
}
