// Which cluster, user and context, and what the flags change in them (client-go tools/clientcmd/client_config.go).

import { usageError, type UserError } from "../../errors.ts";
import type { ConnectionFlags } from "./connection-config.ts";
import type { ClusterEntry, ContextEntry, KubeconfigFile, UserEntry } from "./kubeconfig-file.ts";

/** An entry after the flags; a name that no file has yields an empty entry, unless a flag gave the name. */
export interface Chosen<Entry> {
  name: string;
  entry: Entry;
}

const emptyCluster: ClusterEntry = {
  server: "",
  tlsServerName: "",
  insecureSkipTlsVerify: false,
  certificateAuthority: "",
  certificateAuthorityData: "",
  proxyUrl: "",
  disableCompression: false,
  execConfig: undefined,
};

const emptyUser: UserEntry = {
  clientCertificate: "",
  clientCertificateData: "",
  clientKey: "",
  clientKeyData: "",
  token: "",
  tokenFile: "",
  actAs: "",
  actAsUid: "",
  actAsGroups: [],
  actAsUserExtra: {},
  username: "",
  password: "",
  authProvider: undefined,
  exec: undefined,
};

export function chooseContext(file: KubeconfigFile, flags: ConnectionFlags): Chosen<ContextEntry> {
  const name = flags.context || file.currentContext;
  const entry = file.contexts.get(name);
  if (entry === undefined && flags.context) {
    throw noContext(name);
  }
  return {
    name,
    entry: {
      cluster: flags.cluster || (entry?.cluster ?? ""),
      user: flags.user || (entry?.user ?? ""),
      namespace: flags.namespace || (entry?.namespace ?? ""),
    },
  };
}

export const noContext = (name: string): UserError =>
  usageError(`context "${name}" does not exist`, "To see the contexts there are: kubectl config get-contexts");

export function chooseUser(file: KubeconfigFile, flags: ConnectionFlags, context: ContextEntry): Chosen<UserEntry> {
  const found = file.users.get(context.user);
  if (found === undefined && flags.user) throw usageError(`auth info "${context.user}" does not exist`);

  const entry = { ...emptyUser, ...found };
  entry.token = flags.token || entry.token;
  entry.username = flags.username || entry.username;
  entry.password = flags.password || entry.password;
  entry.actAs = flags.as || entry.actAs;
  entry.actAsUid = flags.asUid || entry.actAsUid;
  if (flags.asGroup !== undefined && flags.asGroup.length > 0) entry.actAsGroups = [...flags.asGroup];
  entry.actAsUserExtra = { ...entry.actAsUserExtra, ...parseUserExtra(flags.asUserExtra ?? []) };
  if (flags.clientKey) {
    entry.clientKey = flags.clientKey;
    entry.clientKeyData = "";
  }
  if (flags.clientCertificate) {
    entry.clientCertificate = flags.clientCertificate;
    entry.clientCertificateData = "";
  }
  return { name: context.user, entry };
}

/** What has no `=` is ignored, as kubectl does. */
function parseUserExtra(pairs: readonly string[]): Record<string, string[]> {
  const extra = new Map<string, string[]>();
  for (const pair of pairs) {
    const [, key, value] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    if (key !== undefined && value !== undefined) extra.set(key, [...(extra.get(key) ?? []), value]);
  }
  return Object.fromEntries(extra);
}

export function chooseCluster(
  file: KubeconfigFile,
  flags: ConnectionFlags,
  context: ContextEntry,
  defaultServer: string,
): Chosen<ClusterEntry> {
  const found = file.clusters.get(context.cluster);
  if (found === undefined && flags.cluster) throw usageError(`cluster "${context.cluster}" does not exist`);

  const entry = { ...emptyCluster, ...found };
  entry.server = flags.server || entry.server || defaultServer;
  entry.disableCompression ||= flags.disableCompression ?? false;
  // A CA in the file beside --insecure-skip-tls-verify, or the reverse, would be an error: the flag replaces both.
  if (flags.insecureSkipTlsVerify || flags.certificateAuthority) {
    entry.insecureSkipTlsVerify = flags.insecureSkipTlsVerify ?? false;
    entry.certificateAuthority = flags.certificateAuthority ?? "";
    entry.certificateAuthorityData = "";
  }
  // Another server has another name, unless the command line gives that too.
  if (flags.tlsServerName || flags.server) entry.tlsServerName = flags.tlsServerName ?? "";
  return { name: context.cluster, entry };
}
