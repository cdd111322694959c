// The example cluster, alive: a control plane of its own with the objects of examples/ and the operator stand-in.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startKubelet, waitUntilAvailable, type Kubelet } from "../control-plane/kubelet.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { connect, type Connection } from "../operator/connect.ts";
import { installOperator, type OperatorStandIn } from "../operator/start.ts";
import { withoutProgress } from "./comparable.ts";

export const root = join(import.meta.dirname, "..", "..");

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ExampleCluster {
  plane: ControlPlane;
  operator: OperatorStandIn;
  kubelet: Kubelet;
  /** `kubectl …` with the plugins on PATH, as a user of the kubeconfig's contexts. */
  kubectl(as: string, ...words: string[]): Promise<CommandResult>;
  /** A command line as somebody would paste it; `kubectl` is the one of the control plane. */
  shell(as: string, line: string): Promise<CommandResult>;
  /** What a client gets at the very end of its requests. */
  connect(as: { user: string; groups?: string[] }, namespace: string, target: string): Promise<Connection>;
  stop(): Promise<void>;
}

export async function startExampleCluster(): Promise<ExampleCluster> {
  const plane = await startControlPlane();
  const operator = await installOperator(plane);
  const kubelet = await startKubelet(plane);
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-e2e-"));
  const path = [join(root, "bin"), join(plane.kubectl, ".."), process.env["PATH"] ?? ""].join(":");
  const shell = (as: string, line: string) =>
    run("sh", ["-c", line], {
      ...process.env,
      PATH: path,
      KUBECONFIG: writeKubeconfig(plane, as, folder),
      HOME: folder,
    });
  const cluster: ExampleCluster = {
    plane,
    operator,
    kubelet,
    shell,
    kubectl: (as, ...words) => shell(as, ["kubectl", ...words].map(quote).join(" ")),
    connect: ({ user, groups = [] }, namespace, target) =>
      connect({ server: plane.server, ca: plane.ca, token: plane.token(user, ...groups), namespace, target }),
    async stop() {
      await kubelet.stop();
      await operator.stop();
      await plane.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (const file of ["operator.yaml", "dev.yaml", "qa.yaml", "people.yaml"]) {
    const applied = await cluster.kubectl("admin", "apply", "-f", join(root, "examples", file));
    if (applied.code !== 0) throw new Error(`kubectl apply ${file}: ${applied.stderr}`);
  }
  await waitUntilAvailable(plane, plane.admin.token, "dev", "web");
  await waitUntilAvailable(plane, plane.admin.token, "qa", "web");
  return cluster;
}

/** A kubeconfig whose current context is that of one user. */
function writeKubeconfig(plane: ControlPlane, user: string, folder: string): string {
  const file = join(folder, `${user}.kubeconfig`);
  const config = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...config, "current-context": user }), { mode: 0o600 });
  return file;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

async function run(command: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const child = spawn(command, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  const exit = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr: withoutProgress(stderr) };
}
