// What a request shows to prove who sends it: the Authorization header and, for the connection, a certificate.

import { isatty } from "node:tty";
import { UserError, usageError } from "../../errors.ts";
import type { ConnectionConfig } from "../config/connection-config.ts";
import { goFileError, type Machine } from "../config/files.ts";
import { EXPIRY_MARGIN_MS } from "../http/http.ts";
import type { AuthProvider, ExecPlugin } from "../config/kubeconfig-file.ts";
import type { ExecCredential } from "./exec-credential.ts";
import type { ClientCertificate } from "../http/tls-options.ts";

/** What to show now. */
export interface Credential {
  /** The Authorization header; undefined for none. */
  authorization: string | undefined;
  certificate: ClientCertificate | undefined;
}

export interface Credentials {
  current(): Promise<Credential>;
  /** Told of a 401 to `rejected`: true when there is another credential now, so that asking again makes sense. */
  renew(rejected: Credential): Promise<boolean>;
}

export interface CredentialContext {
  machine: Machine;
  kuberc: string | undefined;
  /** Nobody is there to answer a plugin. */
  unattended?: boolean | undefined;
  signal: AbortSignal;
  warn(text: string): void;
}

/** The first that the user entry has, in client-go's order. @throws UserError "usage" for a plugin that cannot work */
export async function createCredentials(config: ConnectionConfig, context: CredentialContext): Promise<Credentials> {
  const { token, tokenFile, username, password, certificate, exec, authProvider } = config.credentials;
  if (authProvider !== undefined) refuseRemovedProviders(authProvider);
  if (exec !== undefined) (await import("./exec-credential.ts")).refuseUnknownVersion(exec);

  if (tokenFile !== "") return fromFile(tokenFile, token, certificate, context.machine);
  if (token !== "") return always({ authorization: `Bearer ${token}`, certificate });
  if (username !== "" || password !== "") return always({ authorization: basic(username, password), certificate });
  if (certificate !== undefined) return always({ authorization: undefined, certificate });
  if (exec !== undefined) return fromPlugin(exec, config, context);
  if (authProvider !== undefined) return await fromOidc(authProvider, config, context);
  return always({ authorization: undefined, certificate: undefined });
}

function always(credential: Credential): Credentials {
  return { current: async () => credential, renew: async () => false };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Half of the time that the kubelet leaves between renewing a mounted token and its end, with 10 s to spare. */
const TOKEN_FILE_AGE_MS = 50_000;

function fromFile(
  path: string,
  fallback: string,
  certificate: ClientCertificate | undefined,
  machine: Machine,
): Credentials {
  let last: { token: string; readAt: number } | undefined;

  function read(): string {
    try {
      const token = machine.readFile(path).trim();
      if (token === "") throw new UserError("undetermined", `read empty token from file "${path}"`);
      last = { token, readAt: performance.now() };
      return token;
    } catch (cause) {
      const known = last?.token ?? fallback;
      if (known !== "") return known;
      if (cause instanceof UserError) throw cause;
      throw new UserError(
        "undetermined",
        `failed to read token file "${path}": ${goFileError(path, cause)}`,
        undefined,
        { cause },
      );
    }
  }

  async function current(): Promise<Credential> {
    const isFresh = last !== undefined && performance.now() - last.readAt < TOKEN_FILE_AGE_MS;
    const token = isFresh && last !== undefined ? last.token : read();
    return { authorization: `Bearer ${token}`, certificate };
  }

  return {
    current,
    async renew(rejected) {
      read();
      return (await current()).authorization !== rejected.authorization;
    },
  };
}

function fromPlugin(exec: ExecPlugin, config: ConnectionConfig, context: CredentialContext): Credentials {
  // One run for all requests that wait: a plugin may ask the person at the terminal.
  let running: Promise<{ credential: Credential; expires: Date | undefined }> | undefined;

  async function run(): Promise<{ credential: Credential; expires: Date | undefined }> {
    const [{ runPlugin }, { readPluginPolicy }] = await Promise.all([
      import("./exec-credential.ts"),
      import("./credential-policy.ts"),
    ]);
    const given: ExecCredential = await runPlugin(exec, config, {
      env: context.machine.env,
      policy: readPluginPolicy(context.kuberc, context.machine, (text) => context.warn(text)),
      stdinIsTerminal: isatty(0),
      unattended: context.unattended === true,
      signal: context.signal,
    });
    const authorization = given.token === "" ? undefined : `Bearer ${given.token}`;
    return { credential: { authorization, certificate: given.certificate }, expires: given.expires };
  }

  async function fresh(): Promise<Credential> {
    const started = run();
    running = started;
    try {
      return (await started).credential;
    } catch (error) {
      if (running === started) running = undefined;
      throw error;
    }
  }

  async function current(): Promise<Credential> {
    if (running === undefined) return fresh();
    const before = running;
    const { credential, expires } = await before;
    const isOver = expires !== undefined && expires.getTime() - EXPIRY_MARGIN_MS < Date.now();
    if (!isOver) return credential;
    return running === before ? fresh() : current();
  }

  return {
    current,
    async renew(rejected) {
      const now = await current();
      if (now !== rejected) return true;
      const next = await fresh();
      return next.authorization !== rejected.authorization || next.certificate?.cert !== rejected.certificate?.cert;
    },
  };
}

function refuseRemovedProviders({ name }: AuthProvider): void {
  if (name === "oidc") return;
  if (name === "gcp") {
    throw usageError(
      "The gcp auth plugin has been removed",
      'Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead.\nSee https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke for further details',
    );
  }
  if (name === "azure") {
    throw usageError(
      "The azure auth plugin has been removed",
      "Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead.\nSee https://learn.microsoft.com/azure/aks/kubelogin-authentication for further details",
    );
  }
  throw usageError(`no Auth Provider found for name "${name}"`);
}

async function fromOidc(
  provider: AuthProvider,
  config: ConnectionConfig,
  context: CredentialContext,
): Promise<Credentials> {
  const { oidcTokens } = await import("./oidc.ts");
  const token = oidcTokens(provider, config, context);
  return {
    current: async () => ({ authorization: `Bearer ${await token()}`, certificate: undefined }),
    renew: async () => false,
  };
}
