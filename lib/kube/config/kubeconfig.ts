// From flags, environment and files to one connection, decided as kubectl decides it (client-go tools/clientcmd,
// cli-runtime genericclioptions/config_flags.go). Nothing here touches the network.

import { SILENCE_MS } from "../http/silence.ts";
import { goUrlFault } from "./go-url.ts";
import { delimiter as pathDelimiter, join } from "node:path";
import { UserError, usageError } from "../../errors.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import { withoutEnd } from "../../text/without-end.ts";
import {
  noCredentials,
  type ConnectionConfig,
  type ConnectionFlags,
  type UserCredentials,
} from "./connection-config.ts";
import { absolute, goFileError, homeFolder, readIfPresent, systemErrorCode, type Machine } from "./files.ts";
import { inClusterConfig, inClusterNamespace, isInCluster } from "./in-cluster.ts";
import { refuseConfigured } from "./configured-kubeconfig.ts";
import { chooseCluster, chooseContext, chooseUser } from "./kubeconfig-choice.ts";
import { parseKubeconfigFile, type ClusterEntry, type KubeconfigFile, type UserEntry } from "./kubeconfig-file.ts";
import { validate } from "./kubeconfig-validation.ts";
import { withoutPassword } from "./without-password.ts";

/** @throws UserError "usage" in kubectl's words */
export function resolveConnection(flags: ConnectionFlags, machine: Machine): ConnectionConfig {
  const file = loadKubeconfig(flags, machine);
  const context = chooseContext(file, flags);
  const user = chooseUser(file, flags, context.entry);
  refuseConfigured(flags, user, kubeconfigPaths({}, machine), machine);
  const cluster = chooseCluster(file, flags, context.entry, defaultServer(machine));
  validate(file, context, user, cluster, machine);

  const config: ConnectionConfig = {
    context: context.name,
    namespace: chooseNamespace(flags, context.entry.namespace, machine),
    ...serverSide(cluster.entry, machine),
    lookedIn: kubeconfigPaths(flags, machine),
    requestTimeoutMs: Math.max(0, flags.requestTimeout ?? 0),
    ...(flags.requestTimeout === undefined ? { silenceMs: SILENCE_MS } : {}),
    impersonate: impersonation(user.entry),
    credentials: noCredentials,
  };
  if (isUntouchedDefault(config, machine) && isInCluster(machine)) {
    return { ...config, ...inClusterConfig(flags, machine) };
  }
  // client-go sends credentials over TLS only.
  if (config.server.startsWith("https://")) config.credentials = userSide(user.entry, cluster.entry, machine);
  return config;
}

/** The files that count, as one. Throws UserError "usage" in kubectl's words. */
export function loadKubeconfig(flags: Pick<ConnectionFlags, "kubeconfig">, machine: Machine): KubeconfigFile {
  const merged: KubeconfigFile = { currentContext: "", clusters: new Map(), users: new Map(), contexts: new Map() };
  const errors: string[] = [];
  for (const path of kubeconfigPaths(flags, machine)) {
    try {
      const text = readIfPresent(machine, absolute(machine, path));
      if (text === undefined && flags.kubeconfig) throw usageError(`stat ${path}: no such file or directory`);
      if (text !== undefined) mergeInto(merged, parseKubeconfigFile(text, absolute(machine, path)));
    } catch (error) {
      if (error instanceof UserError && flags.kubeconfig && !error.message.startsWith("yaml:")) throw error;
      const reason = systemErrorCode(error) === "" && error instanceof Error ? error.message : goFileError(path, error);
      errors.push(`error loading config file "${path}": ${reason}`);
    }
  }
  if (errors.length > 0) throw usageError(errors);
  return merged;
}

function kubeconfigPaths(flags: Pick<ConnectionFlags, "kubeconfig">, machine: Machine): string[] {
  if (flags.kubeconfig) return [flags.kubeconfig];
  const { KUBECONFIG } = machine.env;
  if (!KUBECONFIG) return [join(homeFolder(machine), ".kube", "config")];
  const delimiter = machine.platform === "win32" ? ";" : pathDelimiter;
  return [...new Set(KUBECONFIG.split(delimiter))].filter((path) => path !== "");
}

/** The first file to set something wins, entry by entry. */
function mergeInto(merged: KubeconfigFile, next: KubeconfigFile): void {
  merged.currentContext ||= next.currentContext;
  addMissing(merged.clusters, next.clusters);
  addMissing(merged.users, next.users);
  addMissing(merged.contexts, next.contexts);
}

function addMissing<Entry>(into: Map<string, Entry>, from: Map<string, Entry>): void {
  for (const [name, entry] of from) if (!into.has(name)) into.set(name, entry);
}

function defaultServer(machine: Machine): string {
  return machine.env["KUBERNETES_MASTER"] || "http://localhost:8080";
}

function chooseNamespace(flags: ConnectionFlags, fromContext: string, machine: Machine): string {
  if (flags.namespace) return flags.namespace;
  if (fromContext !== "") return fromContext;
  return isInCluster(machine) ? inClusterNamespace(machine) : "default";
}

type ServerSide = Pick<
  ConnectionConfig,
  | "server"
  | "guessed"
  | "certificateAuthority"
  | "insecureSkipTlsVerify"
  | "tlsServerName"
  | "proxyUrl"
  | "disableCompression"
>;

function serverSide(cluster: ClusterEntry, machine: Machine): ServerSide {
  const server = serverUrl(cluster.server);
  const isTls = server.startsWith("https://");
  return {
    server,
    guessed: cluster.server === defaultServer(machine),
    certificateAuthority: isTls ? pem(cluster.certificateAuthorityData, cluster.certificateAuthority, machine) : "",
    insecureSkipTlsVerify: isTls && cluster.insecureSkipTlsVerify,
    tlsServerName: isTls ? cluster.tlsServerName : "",
    proxyUrl: cluster.proxyUrl,
    disableCompression: cluster.disableCompression,
  };
}

/** Without a scheme it is plain http (client-go rest/url_utils.go decides before it knows of a CA). */
function serverUrl(server: string): string {
  const fault = goUrlFault(server);
  if (fault !== undefined) throw usageError(`Unable to connect to the server: ${fault}`);
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/[^/]/.exec(server) ?? [];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) {
    throw usageError(`Unable to connect to the server: unsupported protocol scheme "${scheme}"`);
  }
  const url = URL.parse(scheme === undefined ? `http://${server}` : server);
  if (url === null || (scheme === undefined && url.pathname !== "/")) {
    throw usageError(`host must be a URL or a host:port pair: "${withoutPassword(server)}"`);
  }
  return `${url.protocol}//${url.host}${withoutEnd(url.pathname, "/")}`;
}

/** Data wins over the file. */
function pem(data: string, path: string, machine: Machine): string {
  if (data !== "" || path === "") return data;
  try {
    return machine.readFile(absolute(machine, path));
  } catch (error) {
    throw usageError(goFileError(path, error));
  }
}

function impersonation(user: UserEntry): UserInfo | undefined {
  if (user.actAs === "") return undefined;
  return {
    name: user.actAs,
    groups: user.actAsGroups,
    ...(user.actAsUid === "" ? {} : { uid: user.actAsUid }),
    ...(Object.keys(user.actAsUserExtra).length === 0 ? {} : { extra: user.actAsUserExtra }),
  };
}

/** Only then does client-go look whether it runs in a pod. */
function isUntouchedDefault(config: ConnectionConfig, machine: Machine): boolean {
  return (
    config.server === serverUrl(defaultServer(machine)) &&
    config.proxyUrl === "" &&
    !config.disableCompression &&
    config.requestTimeoutMs === 0 &&
    config.impersonate === undefined
  );
}

function userSide(user: UserEntry, cluster: ClusterEntry, machine: Machine): UserCredentials {
  const hasCertificate = user.clientCertificate !== "" || user.clientCertificateData !== "";
  if (user.token === "" && user.tokenFile !== "") pem("", user.tokenFile, machine);
  return {
    token: user.token,
    tokenFile: user.tokenFile,
    username: user.username,
    password: user.password,
    certificate: hasCertificate
      ? {
          cert: pem(user.clientCertificateData, user.clientCertificate, machine),
          key: pem(user.clientKeyData, user.clientKey, machine),
        }
      : undefined,
    exec: user.exec,
    execConfig: cluster.execConfig,
    authProvider: user.authProvider,
  };
}
