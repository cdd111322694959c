import { resolve } from "node:path";
import { usageError } from "../../errors.ts";
import type { ConnectionFlags } from "./connection-config.ts";
import { absolute, type Machine } from "./files.ts";
import type { UserEntry } from "./kubeconfig-file.ts";

/**
 * Refuses what a kubeconfig would do on this machine, or get of it, when nobody but a configuration file names it: such a file comes
 * with a repository, and looking at it must not run its programs. Throws UserError "usage". `own`: the kubeconfigs of the user.
 */
export function refuseConfigured(
  flags: ConnectionFlags,
  user: { name: string; entry: UserEntry },
  own: readonly string[],
  machine: Machine,
): void {
  const { configuredBy, kubeconfig } = flags;
  if (configuredBy === undefined || !kubeconfig) return;
  const whole = (path: string) => resolve(absolute(machine, path));
  if (own.some((path) => whole(path) === whole(kubeconfig))) return;
  const why = gains(flags, user.entry) ?? environmentGain(configuredBy.variables);
  if (why === undefined) return;
  throw usageError(
    `${configuredBy.file} names the kubeconfig ${kubeconfig}, whose user ${JSON.stringify(user.name)} ${why}: that is not done for a kubeconfig that only a configuration file names`,
    `If that is what you mean, name it yourself: --kubeconfig ${kubeconfig}`,
  );
}

function gains({ token, password, clientCertificate }: ConnectionFlags, user: UserEntry): string | undefined {
  if (user.exec !== undefined) return `runs a program (${user.exec.command})`;
  if (user.authProvider !== undefined) return `logs in by the auth provider ${user.authProvider.name}`;
  if (user.tokenFile !== "") return `reads the file ${user.tokenFile} and sends it`;
  // What it holds tells the name and the groups of whoever it is for.
  if (user.clientCertificate !== "") return `reads the certificate ${user.clientCertificate} and presents it`;
  if (clientCertificate) return "would be presented the certificate of --client-certificate";
  if (token) return "would be sent what --token holds";
  return password ? "would be sent what --password holds" : undefined;
}

function environmentGain(variables: readonly string[]): string | undefined {
  return variables.length === 0 ? undefined : `would be sent what the environment holds in ${variables.join(", ")}`;
}
