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
  return [...load(flags, env)[entries].keys()].toSorted();
}

export interface KubeconfigContexts {
  /** Empty where none is chosen. */
  current: string;
  /** By name, in the order of the files: whom each connects as, and to what. */
  contexts: ReadonlyMap<string, { cluster: string; user: string }>;
}

/** Throws UserError "usage" when a file is broken. */
export function kubeconfigContexts(
  flags: Pick<ConnectionFlags, "kubeconfig">,
  env: NodeJS.ProcessEnv,
): KubeconfigContexts {
  const { currentContext, contexts } = load(flags, env);
  return { current: currentContext, contexts };
}

const load = (flags: Pick<ConnectionFlags, "kubeconfig">, env: NodeJS.ProcessEnv): KubeconfigFile =>
  loadKubeconfig(flags, {
    env,
    platform: process.platform,
    cwd: workingFolder(),
    readFile: (path) => readFile(path).toString("utf8"),
  });
