// The chosen parts, and only those, must make sense (client-go tools/clientcmd/validation.go).

import { goUrlFault } from "./go-url.ts";
import { withoutPassword } from "./without-password.ts";
import { usageError } from "../../errors.ts";
import { absolute, goFileError, systemErrorCode, type Machine } from "./files.ts";
import type { Chosen } from "./kubeconfig-choice.ts";
import type { ClusterEntry, ContextEntry, ExecPlugin, KubeconfigFile, UserEntry } from "./kubeconfig-file.ts";

/** @throws UserError "usage" with every fault found, in client-go's words */
export function validate(
  file: KubeconfigFile,
  context: Chosen<ContextEntry>,
  user: Chosen<UserEntry>,
  cluster: Chosen<ClusterEntry>,
  machine: Machine,
): void {
  const faults: string[] = [];
  const contextIsMissing = context.name !== "" && !file.contexts.has(context.name);
  if (contextIsMissing) faults.push(`context was not found for specified context: ${context.name}`);
  faults.push(...userFaults(user.name, user.entry, machine), ...clusterFaults(cluster.name, cluster.entry, machine));
  if (faults.length === 0) return;

  const hint = contextIsMissing ? "To see the contexts there are: kubectl config get-contexts" : undefined;
  if (faults.length > 1) throw usageError(["Error in configuration: ", ...faults.map((fault) => `* ${fault}`)], hint);
  throw usageError(contextIsMissing ? `Error in configuration: ${faults.join()}` : faults.join(), hint);
}

function clusterFaults(name: string, cluster: ClusterEntry, machine: Machine): string[] {
  const faults: string[] = [];
  const proxyFault = proxyUrlFault(cluster.proxyUrl);
  if (proxyFault !== "")
    faults.push(`invalid 'proxy-url' "${withoutPassword(cluster.proxyUrl)}" for cluster "${name}": ${proxyFault}`);
  if (cluster.certificateAuthority !== "" && cluster.certificateAuthorityData !== "") {
    faults.push(
      `certificate-authority-data and certificate-authority are both specified for ${name}. certificate-authority-data will override.`,
    );
  }
  faults.push(...unreadable("certificate-authority", cluster.certificateAuthority, name, machine));
  return faults;
}

function proxyUrlFault(proxyUrl: string): string {
  if (proxyUrl === "") return "";
  const url = URL.parse(proxyUrl);
  if (url === null || goUrlFault(proxyUrl) !== undefined) return `could not parse: ${withoutPassword(proxyUrl)}`;
  if (["http:", "https:", "socks5:"].includes(url.protocol)) return "";
  return `unsupported scheme "${url.protocol.slice(0, -1)}", must be http, https, or socks5`;
}

function unreadable(what: string, path: string, owner: string, machine: Machine): string[] {
  if (path === "") return [];
  try {
    machine.readFile(absolute(machine, path));
    return [];
  } catch (error) {
    // A folder can be opened; reading it fails later.
    if (systemErrorCode(error) === "EISDIR") return [];
    return [`unable to read ${what} ${path} for ${owner} due to ${goFileError(path, error)}`];
  }
}

function userFaults(name: string, user: UserEntry, machine: Machine): string[] {
  const faults = certificateFaults(name, user, machine);
  if (user.exec !== undefined) faults.push(...execFaults(name, user.exec, user));

  const methods = [user.token === "" ? "" : "token", user.username === "" && user.password === "" ? "" : "basicAuth"];
  const used = methods.filter((method) => method !== "");
  if (used.length > 1) {
    faults.push(
      `more than one authentication method found for ${name}; found [${used.join(" ")}], only one is allowed`,
    );
  }
  const asksForMore =
    user.actAsUid !== "" || user.actAsGroups.length > 0 || Object.keys(user.actAsUserExtra).length > 0;
  if (asksForMore && user.actAs === "") {
    faults.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
  }
  return faults;
}

function certificateFaults(name: string, user: UserEntry, machine: Machine): string[] {
  if (user.clientCertificate === "" && user.clientCertificateData === "") return [];
  const faults: string[] = [];
  if (user.clientCertificate !== "" && user.clientCertificateData !== "") {
    faults.push(`client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`);
  }
  if (user.clientKey !== "" && user.clientKeyData !== "") {
    faults.push(`client-key-data and client-key are both specified for ${name}; client-key-data will override`);
  }
  if (user.clientKey === "" && user.clientKeyData === "") {
    faults.push(
      `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
    );
  }
  faults.push(...unreadable("client-cert", user.clientCertificate, name, machine));
  faults.push(...unreadable("client-key", user.clientKey, name, machine));
  return faults;
}

function execFaults(name: string, exec: ExecPlugin, user: UserEntry): string[] {
  const suffix = `must be specified for ${name} to use exec authentication plugin`;
  const faults: string[] = [];
  if (user.authProvider !== undefined) {
    faults.push(`authProvider cannot be provided in combination with an exec plugin for ${name}`);
  }
  if (exec.command === "") faults.push(`command ${suffix}`);
  if (exec.apiVersion === "") faults.push(`apiVersion ${suffix}`);
  for (const variable of exec.env) if (variable.name === "") faults.push(`env variable name ${suffix}`);
  if (exec.interactiveMode === "") faults.push(`interactiveMode ${suffix}`);
  else if (!["Never", "IfAvailable", "Always"].includes(exec.interactiveMode)) {
    faults.push(`invalid interactiveMode for ${name}: "${exec.interactiveMode}"`);
  }
  return faults;
}
