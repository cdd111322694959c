import { usageError } from "../../errors.ts";
import { groupName, userName } from "../../kubernetes/subject-text.ts";
import { parseDuration } from "../../text/duration.ts";
import { CONNECTION, templateFormats, booleanFlag, inGroup, listFlag, stringFlag, type ListFlag } from "./flags.ts";

/** Which cluster, spelled as kubectl spells it. */
export const clusterFlags = inGroup(CONNECTION, {
  kubeconfig: stringFlag("FILE", "Path to the kubeconfig file to use.", { completes: "file" }),
  context: stringFlag("NAME", "The kubeconfig context to use.", { completes: "context" }),
  cluster: stringFlag("NAME", "The kubeconfig cluster to use.", { completes: "cluster" }),
  user: stringFlag("NAME", "The kubeconfig user to use.", { completes: "user" }),
  server: stringFlag("URL", "The address and port of the API server.", { short: "s" }),
  token: stringFlag("TOKEN", "Bearer token for authentication to the API server."),
  username: stringFlag("NAME", "Username for basic authentication to the API server.", { hidden: true }),
  password: stringFlag("TEXT", "Password for basic authentication to the API server.", { hidden: true }),
  certificateAuthority: stringFlag("FILE", "Path to a certificate file for the certificate authority.", {
    completes: "file",
  }),
  clientCertificate: stringFlag("FILE", "Path to a client certificate file for TLS.", { completes: "file" }),
  clientKey: stringFlag("FILE", "Path to a client key file for TLS.", { completes: "file" }),
  insecureSkipTlsVerify: booleanFlag("Do not check the server's certificate. This makes the connection insecure."),
  tlsServerName: stringFlag("NAME", "Server name for the check of the server's certificate."),
  requestTimeout: stringFlag(
    "DURATION",
    "How long to wait for one request (1s, 2m, 3h); 0 means no limit. Without it, a read ends after 30s without a byte.",
    {
      parse: parseRequestTimeout,
    },
  ),
  disableCompression: booleanFlag("Ask the server for answers that are not compressed."),
  kuberc: stringFlag("FILE", "Path to the kuberc file that says which credential plugins may run.", {
    completes: "file",
  }),
  manifests: listFlag("PATH", "Use this folder or file of manifests as the cluster, '-' for stdin; may be repeated.", {
    completes: "file",
  }),
  exclude: listFlag("GLOB", "Leave out files and folders of these names among manifests; may be repeated."),
  v: stringFlag("LEVEL", "How much to log, as in kubectl: 6 shows each request.", { short: "v", parse: parseLogLevel }),
});

/** As whom. */
const impersonationFlags = inGroup(CONNECTION, {
  as: stringFlag("USER", "User to impersonate; sa:NAMESPACE/NAME is a service account.", {
    parse: (text: string) => userName("--as", text),
  }),
  asGroup: listFlag("GROUP", "Group to impersonate; may be repeated.", {
    parse: (text: string) => groupName("--as-group", text),
  }),
  asUid: stringFlag("UID", "UID to impersonate."),
  asUserExtra: listFlag("KEY=VALUE", "Extra information of the impersonated user; may be repeated."),
});

/** Everything that says which cluster and as whom; the argument of `world.connect`. */
export const connectionFlags = { ...clusterFlags, ...impersonationFlags };

/** The same for what only a live cluster has. @param refusal what is said to somebody who gives a folder of manifests */
export function liveClusterFlags(refusal: string) {
  const parse = (): never => {
    throw usageError(refusal, "Leave --manifests out.");
  };
  const { manifests, exclude } = connectionFlags;
  return {
    ...connectionFlags,
    manifests: { ...manifests, hidden: true, parse },
    exclude: { ...exclude, hidden: true },
  };
}

/** `namespace: namespaceFlag` for commands about one namespace. */
export const namespaceFlag = stringFlag("NAMESPACE", "The namespace; without it, the one of the kubeconfig context.", {
  short: "n",
  also: ["ns"],
  once: true,
  completes: "namespace",
  emptyIsAbsent: true,
  parse: parseNamespace,
});

function parseNamespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  const names = text.split(",");
  throw usageError(
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

export const allNamespacesFlag = booleanFlag("In all namespaces.", { short: "A" });

export const yesFlag = booleanFlag("Do not ask for confirmation.", { short: "y" });

/** Of a command that changes something and never asks: scripts pass `-y` to all that do. */
export const unaskedYesFlag = { ...yesFlag, describe: "Does nothing: this command never asks." } as const;

/** With it the command prints nothing, whatever it has to say: lib/cli/execute.ts sees to that. */
export const quietFlag = booleanFlag("Print nothing; the exit code is the answer.", { short: "q" });

/** Of a command that is a question only with another flag: alone it is refused. */
export const quietWith = (flag: string) => ({
  ...quietFlag,
  describe: `With ${flag}: print nothing; the exit code is the answer.`,
});

export const noHeadersFlag = booleanFlag("Do not print the table's header.");

/** Where `--interval` is left out. */
export const WATCH_INTERVAL_MILLISECONDS = 2000;

export const intervalFlag = stringFlag("DURATION", "How often to look when watching (2s).", { parse: parseInterval });

const SHORTEST_INTERVAL_MILLISECONDS = 100;

/** Milliseconds. */
function parseInterval(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds >= SHORTEST_INTERVAL_MILLISECONDS) return milliseconds;
  throw usageError(`--interval ${text} is too short`, "Each look asks for everything anew: 100ms or more.");
}

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
  const templates = formats.includes("json") ? templateFormats : [];
  const allowed = [...formats, ...templates].toSorted().join(",");
  return stringFlag("FORMAT", "Output format.", {
    short: "o",
    values: formats,
    default: formats[0],
    templates: templates.length > 0,
    refusal: (value: string) =>
      `unable to match a printer suitable for the output format "${value}", allowed formats are: ${allowed}`,
  });
}

/** Milliseconds; 0 is no limit. Source: ParseTimeout in client-go tools/clientcmd/config.go. */
function parseRequestTimeout(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  try {
    return parseDuration(text);
  } catch (cause) {
    throw usageError(
      "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
      undefined,
      { cause },
    );
  }
}

function parseLogLevel(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "-v, --v" flag: not a number`);
}
