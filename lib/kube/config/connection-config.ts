import type { UserInfo } from "../../kubernetes/access.ts";
import type { AuthProvider, ExecPlugin } from "./kubeconfig-file.ts";

/** kubectl's global flags that have to do with the connection; left out or empty means not given. */
export interface ConnectionFlags {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  cluster?: string | undefined;
  user?: string | undefined;
  namespace?: string | undefined;
  server?: string | undefined;
  tlsServerName?: string | undefined;
  insecureSkipTlsVerify?: boolean | undefined;
  certificateAuthority?: string | undefined;
  clientCertificate?: string | undefined;
  clientKey?: string | undefined;
  token?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  as?: string | undefined;
  asUid?: string | undefined;
  asGroup?: readonly string[] | undefined;
  /** `key=value`, each. */
  asUserExtra?: readonly string[] | undefined;
  /** Milliseconds; 0 is no limit. */
  requestTimeout?: number | undefined;
  disableCompression?: boolean | undefined;
  kuberc?: string | undefined;
  /** The file that chose `kubeconfig`, which nobody typed, and the environment variables whose values it took up. */
  configuredBy?: { file: string; variables: readonly string[] } | undefined;
  /** Nobody is there to answer what an exec plugin would ask, nor to read what it says. */
  unattended?: boolean | undefined;
}

/** How to reach a server and as whom: everything resolved, files read, but the token file and plugins. */
export interface ConnectionConfig {
  /** "" when no context was chosen. */
  context: string;
  namespace: string;
  /** With scheme, without a slash at the end; a path is kept. */
  server: string;
  /** True when nothing says where the cluster is, and this is kubectl's guess of localhost:8080. */
  guessed: boolean;
  /** The kubeconfig files that were looked for, there or not. */
  lookedIn: readonly string[];
  /** PEM; "" means the roots that the system trusts. */
  certificateAuthority: string;
  insecureSkipTlsVerify: boolean;
  tlsServerName: string;
  /** From the kubeconfig; "" leaves it to HTTPS_PROXY and its like. */
  proxyUrl: string;
  disableCompression: boolean;
  /** 0 is none. */
  requestTimeoutMs: number;
  /** Without a byte for so long a read is given up; left out, it is not. */
  silenceMs?: number;
  impersonate: UserInfo | undefined;
  credentials: UserCredentials;
}

/** At most one way to log in, chosen in client-go's order; a client certificate may come on top. */
export interface UserCredentials {
  token: string;
  /** Read again each minute; what was read last wins over `token`. */
  tokenFile: string;
  username: string;
  password: string;
  /** PEM, both or neither. */
  certificate: { cert: string; key: string } | undefined;
  exec: ExecPlugin | undefined;
  /** What an exec plugin with `provideClusterInfo` is told beyond the connection itself. */
  execConfig: unknown;
  authProvider: AuthProvider | undefined;
}

export const noCredentials: UserCredentials = {
  token: "",
  tokenFile: "",
  username: "",
  password: "",
  certificate: undefined,
  exec: undefined,
  execConfig: undefined,
  authProvider: undefined,
};
