// A real control plane without an operator, and with the stand-in ready to be the one that somebody installs.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startClusterNetwork } from "../control-plane/cluster-network.ts";
import { startKubelet, type Kubelet } from "../control-plane/kubelet.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { standInForInstalled, type InstalledOptions } from "../operator/installed.ts";
import type { OperatorStandIn } from "../operator/start.ts";
import { root, type CommandResult } from "./example-cluster.ts";

export interface EmptyCluster {
  plane: ControlPlane;
  operator: OperatorStandIn;
  kubelet: Kubelet;
  /** `kubectl mirrord …` as a user of the kubeconfig's contexts. */
  mirrord(as: string, ...words: string[]): Promise<CommandResult>;
  kubectl(as: string, words: readonly string[], input?: string): Promise<CommandResult>;
  stop(): Promise<void>;
}

export async function startEmptyCluster(options: InstalledOptions = {}): Promise<EmptyCluster> {
  const network = await startClusterNetwork();
  const plane = await startControlPlane({ apiServerFlags: network.apiServerFlags });
  const kubelet = await startKubelet(plane);
  const operator = await standInForInstalled(plane, network, options);
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-e2e-"));
  const env = (as: string) => ({ ...process.env, HOME: folder, KUBECONFIG: kubeconfig(plane, as, folder) });
  return {
    plane,
    operator,
    kubelet,
    mirrord: (as, ...words) => run(process.execPath, [join(root, "plugins/kubectl-mirrord.ts"), ...words], env(as)),
    kubectl: (as, words, input) => run(plane.kubectl, words, env(as), input),
    async stop() {
      await operator.stop();
      await kubelet.stop();
      await plane.stop();
      await network.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function kubeconfig(plane: ControlPlane, user: string, folder: string): string {
  const file = join(folder, `${user}.kubeconfig`);
  const config = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...config, "current-context": user }), { mode: 0o600 });
  return file;
}

async function run(
  command: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  input = "",
): Promise<CommandResult> {
  const child = spawn(command, words, { env, stdio: ["pipe", "pipe", "pipe"] });
  const exit = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}
