import { UserError } from "../../errors.ts";
import { parseDuration } from "../../text/duration.ts";
import type { Flags, ListFlag, StringFlag } from "./flags.ts";

const CONNECTION = "Connection flags";

/** Which cluster, spelled as kubectl spells it. */
export const clusterFlags = {
  kubeconfig: {
    type: "string",
    placeholder: "FILE",
    describe: "Path to the kubeconfig file to use.",
    completes: "file",
    group: CONNECTION,
  },
  context: {
    type: "string",
    placeholder: "NAME",
    describe: "The kubeconfig context to use.",
    completes: "context",
    group: CONNECTION,
  },
  cluster: {
    type: "string",
    placeholder: "NAME",
    describe: "The kubeconfig cluster to use.",
    completes: "cluster",
    group: CONNECTION,
  },
  user: {
    type: "string",
    placeholder: "NAME",
    describe: "The kubeconfig user to use.",
    completes: "user",
    group: CONNECTION,
  },
  server: {
    type: "string",
    short: "s",
    placeholder: "URL",
    describe: "The address and port of the API server.",
    group: CONNECTION,
  },
  token: {
    type: "string",
    placeholder: "TOKEN",
    describe: "Bearer token for authentication to the API server.",
    group: CONNECTION,
  },
  username: {
    type: "string",
    placeholder: "NAME",
    describe: "Username for basic authentication to the API server.",
    group: CONNECTION,
    hidden: true,
  },
  password: {
    type: "string",
    placeholder: "TEXT",
    describe: "Password for basic authentication to the API server.",
    group: CONNECTION,
    hidden: true,
  },
  certificateAuthority: {
    type: "string",
    placeholder: "FILE",
    describe: "Path to a certificate file for the certificate authority.",
    completes: "file",
    group: CONNECTION,
  },
  clientCertificate: {
    type: "string",
    placeholder: "FILE",
    describe: "Path to a client certificate file for TLS.",
    completes: "file",
    group: CONNECTION,
  },
  clientKey: {
    type: "string",
    placeholder: "FILE",
    describe: "Path to a client key file for TLS.",
    completes: "file",
    group: CONNECTION,
  },
  insecureSkipTlsVerify: {
    type: "boolean",
    describe: "Do not check the server's certificate. This makes the connection insecure.",
    group: CONNECTION,
  },
  tlsServerName: {
    type: "string",
    placeholder: "NAME",
    describe: "Server name for the check of the server's certificate.",
    group: CONNECTION,
  },
  requestTimeout: {
    type: "string",
    placeholder: "DURATION",
    describe: "How long to wait for one request (1s, 2m, 3h); 0 means no limit.",
    group: CONNECTION,
    parse: parseRequestTimeout,
  },
  disableCompression: {
    type: "boolean",
    describe: "Ask the server for answers that are not compressed.",
    group: CONNECTION,
  },
  kuberc: {
    type: "string",
    placeholder: "FILE",
    describe: "Path to the kuberc file that says which credential plugins may run.",
    completes: "file",
    group: CONNECTION,
  },
  manifests: {
    type: "list",
    placeholder: "PATH",
    describe: "Use this folder or file of manifests as the cluster, '-' for stdin; may be repeated.",
    completes: "file",
    group: CONNECTION,
  },
  v: {
    type: "string",
    short: "v",
    placeholder: "LEVEL",
    describe: "How much to log, as in kubectl: 6 shows each request.",
    group: CONNECTION,
    parse: parseLogLevel,
  },
} as const satisfies Flags;

/** As whom. */
export const impersonationFlags = {
  as: {
    type: "string",
    placeholder: "USER",
    describe: "Username to impersonate.",
    group: CONNECTION,
  },
  asGroup: {
    type: "list",
    placeholder: "GROUP",
    describe: "Group to impersonate; may be repeated.",
    group: CONNECTION,
  },
  asUid: {
    type: "string",
    placeholder: "UID",
    describe: "UID to impersonate.",
    group: CONNECTION,
  },
  asUserExtra: {
    type: "list",
    placeholder: "KEY=VALUE",
    describe: "Extra information of the impersonated user; may be repeated.",
    group: CONNECTION,
  },
} as const satisfies Flags;

/** Everything that says which cluster and as whom; the argument of `world.connect`. */
export const connectionFlags = { ...clusterFlags, ...impersonationFlags } as const satisfies Flags;

/** `namespace: namespaceFlag` for commands about one namespace. */
export const namespaceFlag = {
  type: "string",
  short: "n",
  also: ["ns"],
  placeholder: "NAMESPACE",
  describe: "The namespace; without it, the one of the kubeconfig context.",
  completes: "namespace",
  emptyIsAbsent: true,
  parse: parseNamespace,
} as const satisfies StringFlag;

function parseNamespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  const names = text.split(",");
  throw new UserError(
    "usage",
    `${JSON.stringify(text)} cannot be the name of a namespace`,
    names.length > 1
      ? "One namespace can be named here."
      : "Names are lower-case letters, digits and '-', at most 63 characters.",
  );
}

/** `namespace: namespacesFlag` for commands about several. */
export const namespacesFlag = {
  ...namespaceFlag,
  type: "list",
  describe: "A namespace; may be repeated.",
  parse: (text: string) => text,
} as const satisfies ListFlag;

export const allNamespacesFlag = {
  type: "boolean",
  short: "A",
  describe: "In all namespaces.",
} as const;

export const yesFlag = {
  type: "boolean",
  short: "y",
  describe: "Do not ask for confirmation.",
} as const;

export const noHeadersFlag = {
  type: "boolean",
  describe: "Do not print the table's header.",
} as const;

export const dryRunFlag = {
  type: "optional-value",
  values: ["none", "client", "server"],
  bare: "client",
  default: "none",
  placeholder: "MODE",
  describe:
    "none; client: show what would be written without sending it; server: have the server check it without storing it.",
  refusal: (value: string) => `Invalid dry-run value (${value}). Must be "none", "server", or "client".`,
} as const;

/** `output: outputFlag(["table", "json", "yaml"])`; the first format is the default. */
export function outputFlag<const Formats extends readonly [string, ...string[]]>(formats: Formats) {
  const allowed = formats.toSorted().join(",");
  return {
    type: "string",
    short: "o",
    values: formats,
    default: formats[0] as Formats[0],
    placeholder: "FORMAT",
    describe: "Output format.",
    refusal: (value: string) =>
      `unable to match a printer suitable for the output format "${value}", allowed formats are: ${allowed}`,
  } as const;
}

/** Milliseconds; 0 is no limit. Source: ParseTimeout in client-go tools/clientcmd/config.go. */
function parseRequestTimeout(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new UserError(
      "usage",
      "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
      undefined,
      { cause },
    );
  }
}

function parseLogLevel(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new UserError("usage", `invalid argument "${text}" for "-v, --v" flag: not a number`);
}
