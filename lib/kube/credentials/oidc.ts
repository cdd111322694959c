// The oidc auth provider of a kubeconfig: its id-token as long as it is valid, then another one for its refresh token.
// Source: client-go, plugin/pkg/client/auth/oidc/oidc.go; the messages are those that kubectl prints.

import { STATUS_CODES } from "node:http";
import { UserError, usageError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { readBody } from "../http/body.ts";
import type { ConnectionConfig } from "../config/connection-config.ts";
import { goFileError, type Machine } from "../config/files.ts";
import { EXPIRY_MARGIN_MS } from "../http/http.ts";
import type { Headers } from "./impersonation.ts";
import type { AuthProvider } from "../config/kubeconfig-file.ts";
import { openClient } from "../http/open-client.ts";
import { transportError } from "../http/transport-error.ts";

interface OidcContext {
  machine: Machine;
  signal: AbortSignal;
  warn(text: string): void;
}

/**
 * Gives a valid id-token whenever it is asked. Nothing is written back to the kubeconfig.
 * @throws UserError "usage" when the entry lacks what kubectl requires, whether or not the token is still valid
 */
export function oidcTokens(
  { config: entry }: AuthProvider,
  connection: ConnectionConfig,
  context: OidcContext,
): () => Promise<string> {
  const { "idp-issuer-url": issuer = "", "client-id": client = "", "refresh-token": storedToken = "" } = entry;
  if (issuer === "") throw usageError("Must provide idp-issuer-url");
  if (client === "") throw usageError("Must provide client-id");
  const provider = providerClient(connection, providerAuthority(entry, context), context);
  let idToken = entry["id-token"] ?? "";
  let refreshToken = storedToken;

  /** A provider may take each refresh token only once and answer with the next one. */
  function keepForNextRenewal(next: unknown): void {
    if (typeof next !== "string" || next === "") return;
    if (next !== storedToken && refreshToken === storedToken)
      context.warn(
        "the identity provider replaced the refresh token, and the kubeconfig keeps the old one: log in again if the next command cannot",
      );
    refreshToken = next;
  }

  async function refresh(): Promise<void> {
    if (refreshToken === "") throw cannotLogIn("No valid id-token, and cannot refresh without refresh-token");
    const endpoint = await tokenEndpoint(provider, issuer);
    const answer = await exchange(provider, endpoint, { client, secret: entry["client-secret"] ?? "", refreshToken });
    keepForNextRenewal(answer["refresh_token"]);
    if (typeof answer["id_token"] !== "string") {
      throw cannotLogIn(
        "token response did not contain an id_token, either the scope \"openid\" wasn't requested upon login, or the provider doesn't support id_tokens as part of the refresh response",
      );
    }
    idToken = answer["id_token"];
  }

  // Several requests start at once; one renewal is for all of them.
  let renewal: Promise<void> | undefined;
  return async () => {
    if (isExpired(idToken)) await (renewal ??= refresh().finally(() => (renewal = undefined)));
    return idToken;
  };
}

/** PEM; "" for the usual ones. */
function providerAuthority(entry: AuthProvider["config"], { machine }: OidcContext): string {
  const data = entry["idp-certificate-authority-data"] ?? "";
  if (data !== "") return Buffer.from(data, "base64").toString("utf8");
  const file = entry["idp-certificate-authority"] ?? "";
  if (file === "") return "";
  try {
    return machine.readFile(file);
  } catch (cause) {
    throw usageError(goFileError(file, cause), undefined, { cause });
  }
}

interface Answer {
  status: number;
  body: string;
}

type ProviderClient = (url: string, form?: URLSearchParams, headers?: Headers) => Promise<Answer>;

/** Reached as the cluster is, but for its address, its authority and its proxy. */
function providerClient(connection: ConnectionConfig, authority: string, context: OidcContext): ProviderClient {
  return async (url, form, headers = {}) => {
    const { origin, pathname, search } = new URL(url);
    const config = {
      ...connection,
      server: origin,
      certificateAuthority: authority,
      insecureSkipTlsVerify: false,
      tlsServerName: "",
      proxyUrl: "",
    };
    const { signal } = context;
    try {
      const http = await openClient(config, undefined, { env: context.machine.env, signal });
      try {
        const response = await http.send({
          method: form === undefined ? "GET" : "POST",
          path: pathname + search,
          headers: {
            Accept: "application/json",
            ...(form === undefined ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
            ...headers,
          },
          body: form?.toString(),
          signal,
        });
        return { status: response.status, body: await readBody(response, MAX_ANSWER_BYTES) };
      } finally {
        http.close();
      }
    } catch (cause) {
      const { kind, message } = transportError(cause, config);
      throw new UserError(kind, message, `${origin} is the identity provider that the kubeconfig names`, { cause });
    }
  };
}

/** A set of tokens is a few KiB. */
const MAX_ANSWER_BYTES = 1024 * 1024;

// Source: OpenID Connect Discovery 1.0, section 4. kubectl does not compare the issuer in the answer, so neither is it here.
async function tokenEndpoint(provider: ProviderClient, issuer: string): Promise<string> {
  const { status, body } = await provider(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (status !== 200)
    throw cannotLogIn(`oidc: failed to query metadata endpoint ${statusText(status)}: ${JSON.stringify(body)}`);
  const endpoint = jsonObject(body)?.["token_endpoint"];
  if (typeof endpoint !== "string" || !URL.canParse(endpoint))
    throw cannotLogIn("oidc: discovery object doesn't contain a token_endpoint");
  return endpoint;
}

interface Renewal {
  client: string;
  secret: string;
  refreshToken: string;
}

// Source: RFC 6749, sections 2.3.1 and 6. Some providers know a client by the header, others by the form: as kubectl, both are tried.
async function exchange(
  provider: ProviderClient,
  endpoint: string,
  { client, secret, refreshToken }: Renewal,
): Promise<Record<string, unknown>> {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken };
  const password = Buffer.from(`${formEncoded(client)}:${formEncoded(secret)}`).toString("base64");
  let answer = await provider(endpoint, new URLSearchParams(form), { Authorization: `Basic ${password}` });
  if (!isSuccess(answer)) {
    const named = { ...form, client_id: client, ...(secret === "" ? {} : { client_secret: secret }) };
    answer = await provider(endpoint, new URLSearchParams(named));
  }
  const tokens = jsonObject(answer.body) ?? {};
  if (isSuccess(answer)) return tokens;
  const { error, error_description: detail = "" } = tokens;
  throw cannotLogIn(
    typeof error === "string"
      ? `failed to refresh token: oauth2: ${JSON.stringify(error)}${detail === "" ? "" : ` ${JSON.stringify(detail)}`}`
      : `failed to refresh token: oauth2: cannot fetch token: ${statusText(answer.status)}`,
  );
}

const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;
const formEncoded = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);
const statusText = (status: number): string => `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function cannotLogIn(reason: string): UserError {
  return new UserError(
    "undetermined",
    `Unable to connect to the server: ${reason}`,
    "Log in again with your identity provider",
  );
}

function isExpired(jwt: string): boolean {
  const [, payload = ""] = jwt.split(".");
  const claims = jsonObject(Buffer.from(payload, "base64url").toString("utf8"));
  return typeof claims?.["exp"] !== "number" || claims["exp"] * 1000 - EXPIRY_MARGIN_MS < Date.now();
}
