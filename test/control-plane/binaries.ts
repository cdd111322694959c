// Where the control plane's programs come from: KUBEBUILDER_ASSETS, else a cached build, else a build now.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, goBuild, isBuilt } from "./build.ts";

/** A program and the arguments that come before any flags. */
export type Program = readonly [path: string, ...leading: string[]];

export interface Binaries {
  etcd: Program;
  apiServer: Program;
  controllerManager: Program;
  kubectl: string;
}

const assetNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"] as const;

/**
 * Builds what is missing, which takes minutes the first time. Rejects with a message for people when it cannot.
 * @param report progress, a line at a time, without line ends
 */
export async function resolveBinaries(report: (line: string) => void): Promise<Binaries> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  if (assets !== undefined && assets !== "") {
    const missing = assetNames.filter((name) => !existsSync(join(assets, name)));
    if (missing.length === 0) return stockBinaries(assets);
    report(`KUBEBUILDER_ASSETS has no ${missing.join(", no ")}: using our own build instead`);
  }
  const folder = await cacheFolder();
  if (!isBuilt(folder)) await goBuild(folder, report);
  const program = join(folder, "control-plane");
  return {
    etcd: [program, "etcd"],
    apiServer: [program, "kube-apiserver"],
    controllerManager: [program, "kube-controller-manager"],
    kubectl: join(folder, "kubectl"),
  };
}

function stockBinaries(assets: string): Binaries {
  return {
    etcd: [join(assets, "etcd")],
    apiServer: [join(assets, "kube-apiserver")],
    controllerManager: [join(assets, "kube-controller-manager")],
    kubectl: join(assets, "kubectl"),
  };
}
