// A pod's own service account (client-go rest/config.go InClusterConfig, tools/clientcmd/client_config.go).

import { goFileError, readIfPresent, type Machine } from "./files.ts";
import { usageError } from "../../errors.ts";
import { noCredentials, type ConnectionConfig, type ConnectionFlags } from "./connection-config.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_FILE = `${FOLDER}/token`;

export function isInCluster(machine: Machine): boolean {
  const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = machine.env;
  if (!KUBERNETES_SERVICE_HOST || !KUBERNETES_SERVICE_PORT) return false;
  return readMounted(machine, TOKEN_FILE) !== undefined;
}

export function inClusterConfig(
  flags: ConnectionFlags,
  machine: Machine,
): Pick<ConnectionConfig, "server" | "guessed" | "certificateAuthority" | "credentials"> {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = machine.env;
  const address = host.includes(":") ? `[${host}]` : host;
  return {
    server: `https://${address}:${port}`,
    guessed: false,
    certificateAuthority: authority(flags, machine),
    credentials: flags.token
      ? { ...noCredentials, token: flags.token }
      : { ...noCredentials, token: (readMounted(machine, TOKEN_FILE) ?? "").trim(), tokenFile: TOKEN_FILE },
  };
}

function authority(flags: ConnectionFlags, machine: Machine): string {
  if (!flags.certificateAuthority) return readMounted(machine, `${FOLDER}/ca.crt`) ?? "";
  try {
    return machine.readFile(flags.certificateAuthority);
  } catch (error) {
    throw usageError(goFileError(flags.certificateAuthority, error));
  }
}

export function inClusterNamespace(machine: Machine): string {
  return machine.env["POD_NAMESPACE"] || readMounted(machine, `${FOLDER}/namespace`)?.trim() || "default";
}

function readMounted(machine: Machine, path: string): string | undefined {
  try {
    return readIfPresent(machine, path);
  } catch {
    return undefined;
  }
}
