// A credential from a program, as client-go asks for it (plugin/pkg/client/auth/exec/exec.go, apis/clientauthentication).

import { spawn, type SpawnOptionsWithStdioTuple, type StdioNull, type StdioPipe } from "node:child_process";
import { once } from "node:events";
import { UserError, usageError } from "../../errors.ts";
import { parseDocuments } from "../../yaml.ts";
import { permittedCommand, type PluginPolicy } from "./credential-policy.ts";
import type { ConnectionConfig } from "../config/connection-config.ts";
import { systemErrorCode } from "../config/files.ts";
import { isJsonObject, objectIn, textIn, type JsonObject } from "../../json.ts";
import type { ExecPlugin } from "../config/kubeconfig-file.ts";
import type { ClientCertificate } from "../http/tls-options.ts";

export interface ExecCredential {
  /** "" when the plugin gave a certificate only. */
  token: string;
  certificate: ClientCertificate | undefined;
  /** Undefined: for as long as the process lives. */
  expires: Date | undefined;
}

export interface ExecContext {
  env: Readonly<Record<string, string | undefined>>;
  policy: PluginPolicy;
  /** Whether a person can answer the plugin on stdin. */
  stdinIsTerminal: boolean;
  /** Nobody is there to answer, nor to read: the plugin gets no terminal at all, which it could else open by itself. */
  unattended: boolean;
  signal: AbortSignal;
}

const apiVersions = new Set(["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]);

const MISSING_PLUGIN_HELP = [
  "It looks like you are trying to use a client-go credential plugin that is not installed.",
  "",
  "To learn more about this feature, consult the documentation available at:",
  "      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins",
];

/** @throws UserError "usage" for a version that neither kubectl nor we speak */
export function refuseUnknownVersion(plugin: ExecPlugin): void {
  if (!apiVersions.has(plugin.apiVersion)) {
    throw usageError(`exec plugin: invalid apiVersion "${plugin.apiVersion}"`);
  }
}

/**
 * Runs the plugin once. Its stderr is the user's, where there is one: a device code has to be seen.
 * @throws UserError "undetermined"; never with anything of the plugin's output in it
 */
export async function runPlugin(
  plugin: ExecPlugin,
  config: ConnectionConfig,
  context: ExecContext,
): Promise<ExecCredential> {
  const interactive = isInteractive(plugin, context.stdinIsTerminal && !context.unattended);
  const command = permittedCommand(plugin.command, context.policy, context.env);
  if (command === undefined) throw missing(plugin);
  const stdout = await run(command, plugin, {
    env: environment(plugin, config, interactive, context.env),
    stdio: [interactive ? "inherit" : "ignore", "pipe", context.unattended ? "ignore" : "inherit"],
    // A session of its own has no terminal to open. On Windows it would have a window of its own.
    detached: context.unattended && process.platform !== "win32",
    signal: context.signal,
  });
  return credentialIn(stdout, plugin);
}

function failure(reason: string, hint?: readonly string[]): UserError {
  return new UserError("undetermined", `Unable to connect to the server: getting credentials: ${reason}`, hint);
}

function isInteractive(plugin: ExecPlugin, stdinIsTerminal: boolean): boolean {
  if (plugin.interactiveMode === "Always" && !stdinIsTerminal) {
    throw failure("exec plugin cannot support interactive mode: standard input is not a terminal");
  }
  return plugin.interactiveMode !== "Never" && stdinIsTerminal;
}

function environment(
  plugin: ExecPlugin,
  config: ConnectionConfig,
  interactive: boolean,
  env: ExecContext["env"],
): Record<string, string | undefined> {
  const info = {
    kind: "ExecCredential",
    apiVersion: plugin.apiVersion,
    spec: { ...(plugin.provideClusterInfo ? { cluster: clusterInfo(config) } : {}), interactive },
  };
  return {
    ...env,
    ...Object.fromEntries(plugin.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
    // Our packaged executable would make a plugin packaged alike run as us; unset is not enough.
    PKG_EXECPATH: "",
  };
}

function clusterInfo(config: ConnectionConfig): JsonObject {
  return {
    server: config.server,
    ...(config.tlsServerName === "" ? {} : { "tls-server-name": config.tlsServerName }),
    ...(config.insecureSkipTlsVerify ? { "insecure-skip-tls-verify": true } : {}),
    ...(config.certificateAuthority === ""
      ? {}
      : { "certificate-authority-data": Buffer.from(config.certificateAuthority).toString("base64") }),
    ...(config.proxyUrl === "" ? {} : { "proxy-url": config.proxyUrl }),
    ...(config.disableCompression ? { "disable-compression": true } : {}),
    config: config.credentials.execConfig ?? null,
  };
}

async function run(
  command: string,
  plugin: ExecPlugin,
  options: SpawnOptionsWithStdioTuple<StdioNull, StdioPipe, StdioNull> & { signal: AbortSignal },
): Promise<string> {
  const words = [command, ...plugin.args, ...plugin.env.flatMap(({ name, value }) => [name, value])];
  // Node.js would quote it.
  if (words.some((word) => word.includes("\0"))) throw failure("exec: an argument or a variable has a NUL character");
  const child = spawn(command, plugin.args, options);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  try {
    await once(child, "close");
  } catch (error) {
    options.signal.throwIfAborted();
    if (systemErrorCode(error) === "ENOENT") throw missing(plugin);
    throw failure(`exec: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { exitCode } = child;
  if (exitCode !== 0) throw failure(`exec: executable ${plugin.command} failed with exit code ${exitCode ?? -1}`);
  return Buffer.concat(chunks).toString("utf8");
}

function missing(plugin: ExecPlugin): UserError {
  const own = plugin.installHint === "" ? [] : ["", ...withoutControls(plugin.installHint).split("\n")];
  return failure(`exec: executable ${plugin.command} not found`, [...MISSING_PLUGIN_HELP, ...own]);
}

/** The kubeconfig may come from anywhere; line ends and tabs may stay. */
function withoutControls(text: string): string {
  return text.replaceAll(
    /[^\P{C}\t-\r]/gu,
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

function credentialIn(stdout: string, plugin: ExecPlugin): ExecCredential {
  const answer = objectIn(decode(stdout));
  const apiVersion = textIn(answer["apiVersion"]);
  // A kind that is left out is that of the object decoded into (apimachinery's serializers).
  const kind = answer["kind"] ?? "";
  if (kind !== "ExecCredential" && kind !== "") throw failure("decoding stdout: it is no ExecCredential");
  if (apiVersion !== plugin.apiVersion) {
    throw failure(
      `exec plugin is configured to use API version ${plugin.apiVersion}, plugin returned version ${apiVersion}`,
    );
  }
  if (!isJsonObject(answer["status"])) throw failure("exec plugin didn't return a status field");

  const token = textIn(answer["status"]["token"]);
  const cert = textIn(answer["status"]["clientCertificateData"]);
  const key = textIn(answer["status"]["clientKeyData"]);
  if (token === "" && cert === "" && key === "") throw failure("exec plugin didn't return a token or cert/key pair");
  if ((cert === "") !== (key === "")) throw failure("exec plugin returned only certificate or key, not both");
  return {
    token,
    certificate: cert === "" ? undefined : { cert, key },
    expires: expiry(answer["status"]["expirationTimestamp"]),
  };
}

function decode(stdout: string): unknown {
  let documents: unknown[];
  try {
    documents = parseDocuments(stdout, { source: "stdout" });
  } catch {
    throw failure("decoding stdout: neither JSON nor YAML");
  }
  if (documents.length > 1) throw failure("decoding stdout: more than one object");
  return documents[0];
}

/** As metav1.Time reads it; Date alone would take other forms, too, in the machine's own time zone. */
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$/;

function expiry(timestamp: unknown): Date | undefined {
  if (timestamp === undefined || timestamp === null) return undefined;
  const text = textIn(timestamp);
  const date = new Date(text.replace(",", "."));
  if (!RFC3339.test(text) || Number.isNaN(date.getTime()))
    throw failure("decoding stdout: expirationTimestamp is no RFC 3339 time");
  return date;
}
