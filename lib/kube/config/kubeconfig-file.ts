// One kubeconfig file: its text, as client-go decodes it (tools/clientcmd/api/v1/types.go), with the errors it gives.

import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { parseDocuments } from "../../yaml.ts";
import { goFields, goKind, type Fields } from "./go-fields.ts";
import { isJsonObject } from "../../json.ts";

/** Empty text, false and an absent list mean "not set", as in client-go. */
export interface ClusterEntry {
  server: string;
  tlsServerName: string;
  insecureSkipTlsVerify: boolean;
  certificateAuthority: string;
  certificateAuthorityData: string;
  proxyUrl: string;
  disableCompression: boolean;
  /** What the cluster's extension `client.authentication.k8s.io/exec` holds. */
  execConfig: unknown;
}

export interface UserEntry {
  clientCertificate: string;
  clientCertificateData: string;
  clientKey: string;
  clientKeyData: string;
  token: string;
  tokenFile: string;
  actAs: string;
  actAsUid: string;
  actAsGroups: string[];
  actAsUserExtra: Record<string, string[]>;
  username: string;
  password: string;
  authProvider: AuthProvider | undefined;
  exec: ExecPlugin | undefined;
}

export interface AuthProvider {
  name: string;
  config: Record<string, string>;
}

export interface ExecPlugin {
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  apiVersion: string;
  installHint: string;
  provideClusterInfo: boolean;
  interactiveMode: string;
}

export interface ContextEntry {
  cluster: string;
  user: string;
  namespace: string;
}

export interface KubeconfigFile {
  currentContext: string;
  clusters: Map<string, ClusterEntry>;
  users: Map<string, UserEntry>;
  contexts: Map<string, ContextEntry>;
}

/** The exec extension of a cluster entry, reserved by client-go. */
const EXEC_EXTENSION = "client.authentication.k8s.io/exec";

/**
 * @param path absolute; relative paths in the file are resolved against its folder.
 * @throws Error with client-go's reason, without the file's name
 */
export function parseKubeconfigFile(text: string, path: string): KubeconfigFile {
  const [document] = parse(text);
  const config = goFields(document ?? {}, "Config", "");
  refuseOtherKinds(config);

  const base = dirname(path);
  return {
    currentContext: config.text("current-context"),
    clusters: byName(config.list("clusters"), "cluster", "Cluster", (entry) => clusterEntry(entry, base)),
    users: byName(config.list("users"), "user", "AuthInfo", (entry) => userEntry(entry, base)),
    contexts: byName(config.list("contexts"), "context", "Context", contextEntry),
  };
}

function parse(text: string): unknown[] {
  const documents = parseDocuments(text, { source: "yaml" });
  const [first] = documents;
  if (first !== undefined && !isJsonObject(first)) {
    throw new Error(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(first)} into Go value of type struct`,
    );
  }
  return documents;
}

function refuseOtherKinds(config: Fields): void {
  const version = config.text("apiVersion") || "v1";
  const kind = config.text("kind") || "Config";
  if (version !== "v1" || kind !== "Config")
    throw new Error(`no kind "${kind}" is registered for version "${version}"`);
}

function clusterEntry(entry: Fields, base: string): ClusterEntry {
  return {
    server: entry.text("server"),
    tlsServerName: entry.text("tls-server-name"),
    insecureSkipTlsVerify: entry.flag("insecure-skip-tls-verify"),
    certificateAuthority: against(base, entry.text("certificate-authority")),
    certificateAuthorityData: entry.bytes("certificate-authority-data"),
    proxyUrl: entry.text("proxy-url"),
    disableCompression: entry.flag("disable-compression"),
    execConfig: entry
      .list("extensions")
      .find((extension) => extension.text("name") === EXEC_EXTENSION)
      ?.raw("extension"),
  };
}

function userEntry(entry: Fields, base: string): UserEntry {
  return {
    clientCertificate: against(base, entry.text("client-certificate")),
    clientCertificateData: entry.bytes("client-certificate-data"),
    clientKey: against(base, entry.text("client-key")),
    clientKeyData: entry.bytes("client-key-data"),
    token: entry.text("token"),
    tokenFile: against(base, entry.text("tokenFile")),
    actAs: entry.text("as"),
    actAsUid: entry.text("as-uid"),
    actAsGroups: entry.texts("as-groups"),
    actAsUserExtra: entry.textLists("as-user-extra"),
    username: entry.text("username"),
    password: entry.text("password"),
    authProvider: authProvider(entry.object("auth-provider", "AuthProviderConfig")),
    exec: execPlugin(entry.object("exec", "ExecConfig"), base),
  };
}

function authProvider(entry: Fields | undefined): AuthProvider | undefined {
  return entry && { name: entry.text("name"), config: entry.textMap("config") };
}

function execPlugin(entry: Fields | undefined, base: string): ExecPlugin | undefined {
  if (entry === undefined) return undefined;
  const command = entry.text("command");
  const apiVersion = entry.text("apiVersion");
  return {
    // A bare word is looked up on PATH.
    command: command.includes(sep) ? against(base, command) : command,
    args: entry.texts("args"),
    env: entry.list("env").map((variable) => ({ name: variable.text("name"), value: variable.text("value") })),
    apiVersion,
    installHint: entry.text("installHint"),
    provideClusterInfo: entry.flag("provideClusterInfo"),
    interactiveMode: entry.text("interactiveMode") || defaultInteractiveMode(apiVersion),
  };
}

/** Only the versions before v1 have a default (tools/clientcmd/api/v1/defaults.go). */
function defaultInteractiveMode(apiVersion: string): string {
  const optional = ["client.authentication.k8s.io/v1beta1", "client.authentication.k8s.io/v1alpha1"];
  return optional.includes(apiVersion) ? "IfAvailable" : "";
}

function contextEntry(entry: Fields): ContextEntry {
  return { cluster: entry.text("cluster"), user: entry.text("user"), namespace: entry.text("namespace") };
}

function against(base: string, path: string): string {
  return path === "" || isAbsolute(path) ? path : resolve(join(base, path));
}

function byName<Entry>(items: Fields[], key: string, type: string, read: (entry: Fields) => Entry): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const item of items) {
    const name = item.text("name");
    if (entries.has(name)) throw new Error(`duplicate name "${name}" in list of ${key}s`);
    entries.set(name, read(item.object(key, type) ?? goFields({}, type, "")));
  }
  return entries;
}
