import type { ConnectionFlags } from "./connection-config.ts";
import { readFile, workingFolder } from "./files.ts";
import { loadKubeconfig } from "./kubeconfig.ts";
import type { KubeconfigFile } from "./kubeconfig-file.ts";

/** The names that `--context`, `--cluster` and `--user` choose from, sorted. Throws UserError "usage" when a file is broken. */
export function kubeconfigNames(
  entries: keyof Pick<KubeconfigFile, "contexts" | "clusters" | "users">,
  flags: Pick<ConnectionFlags, "kubeconfig">,
  env: NodeJS.ProcessEnv,
): string[] {
  const file = loadKubeconfig(flags, {
    env,
    platform: process.platform,
    cwd: workingFolder(),
    readFile: (path) => readFile(path).toString("utf8"),
  });
  return [...file[entries].keys()].toSorted();
}
