// The manifest that krew installs by. Source: krew's pkg/index/types.go.
import { toYaml } from "../lib/yaml.ts";
import type { Target } from "./targets.ts";

export const PLUGIN = "mirrord";

export interface Archive {
  target: Target;
  /** Its file's name. */
  name: string;
  /** Of its bytes, in lower case. */
  sha256: string;
}

const caveats = `For TAB, kubectl asks a program that krew does not link. To link it, once:
  kubectl mirrord completion install --dir DIR    # DIR is a folder on PATH
Which rights a command needs: kubectl mirrord permissions COMMAND
A cluster without the mirrord operator: kubectl mirrord install
`;

const description = `Access control for mirrord for Teams, as ordinary Kubernetes RBAC.

  kubectl mirrord grant jim --ns dev               let jim use mirrord in a namespace
  kubectl mirrord can-i steal deploy/web -n dev    see whether a session will work, and why
  kubectl mirrord grant revoke jim                 take it back, and prove that it is gone
  kubectl mirrord policy, session, audit, install  limits, live sessions, who can do what

Every call is made as you, to the API server of your kubeconfig. There is no server, no
stored credential and no telemetry.
`;

/** The text of `mirrord.yaml`. `download` is the address of the folder that the archives will be in; `homepage` that of the project. */
export function krewManifest(
  version: string,
  archives: readonly Archive[],
  { download, homepage }: { download: string; homepage?: string | undefined },
): string {
  return toYaml({
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: PLUGIN },
    spec: {
      version: `v${version}`,
      ...(homepage === undefined ? {} : { homepage }),
      shortDescription: "Grant, preview and audit access to mirrord",
      description,
      caveats,
      platforms: archives.map(({ target, name, sha256 }) => ({
        selector: { matchLabels: target.selector },
        uri: `${download.replace(/\/$/, "")}/${name}`,
        sha256,
        bin: executableName(target),
        files: [executableName(target), "LICENSE", "LICENSES.txt"].map((from) => ({ from, to: "." })),
      })),
    },
  });
}

export function executableName({ os }: Pick<Target, "os">): string {
  return os === "win" ? "kubectl-mirrord.exe" : "kubectl-mirrord";
}
