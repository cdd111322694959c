// The one file behind which @kubernetes/client-node runs: it opens connections to the ports of pods. It is large, so only
// what opens one imports this file. ADR 2 says what else of the library is used, and what not.

import type { ClientRequest, IncomingMessage } from "node:http";
import { duplexPair, PassThrough, type Duplex } from "node:stream";
import { KubeConfig, PortForward } from "@kubernetes/client-node";
import { apiError } from "../kubernetes/api-error.ts";
import type { PodName } from "./cluster.ts";
import type { ConnectionConfig } from "./config/connection-config.ts";
import type { Credential } from "./credentials/credentials.ts";
import { readBody } from "./http/body.ts";
import { proxyFor } from "./http/proxy.ts";
import { usualAuthorities } from "./http/tls-options.ts";

export interface ForwardContext {
  config: ConnectionConfig;
  credential: Credential;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

export interface PortConnection {
  stream: Duplex;
  /** What the node says about the connection from there on; "" when nothing is wrong. */
  fault(): string;
  close(): void;
}

/**
 * A connection to a port of a pod, until it is closed or the signal aborts.
 * @throws ApiError when the API server refuses it, and whatever Node.js throws of a network
 */
export async function forwardPort(
  context: ForwardContext,
  { namespace, name }: PodName,
  port: number,
  signal: AbortSignal,
): Promise<PortConnection> {
  const { promise: refused, reject: refuse } = Promise.withResolvers<never>();
  const config = kubeConfig(context, signal, refuse);
  const [stream, inner] = duplexPair();
  const faults = new PassThrough({ encoding: "utf8" });
  let fault = "";
  faults.on("data", (text: string) => (fault += text));
  const [pod, place] = [encodeURIComponent(name), encodeURIComponent(namespace)];
  const opened = new PortForward(config).portForward(place, pod, [port], inner, faults, inner);
  const socket = await Promise.race([opened, refused]).catch((error: unknown) => {
    throw failureIn(error);
  });
  if (typeof socket === "function") throw new Error("port-forwards that reconnect were not asked for");
  socket.on("close", () => inner.end());
  return {
    stream,
    fault: () => fault,
    close() {
      socket.terminate();
      stream.destroy();
    },
  };
}

/** What a WebSocket fails with is an event that holds the error. */
function failureIn(event: unknown): unknown {
  return event instanceof Error ? event : (Reflect.get(Object(event), "error") ?? event);
}

/** The library's view of the connection as it was resolved here. */
function kubeConfig(context: ForwardContext, signal: AbortSignal, refuse: (error: unknown) => void): KubeConfig {
  const { config, credential, env } = context;
  const kube = new KubeConfig();
  const name = "resolved";
  kube.loadFromOptions({
    clusters: [{ name, ...cluster(config, env) }],
    users: [{ name, ...user(config, credential) }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
  kube.addAuthenticator({
    isAuthProvider: () => true,
    async applyAuthentication(_user, options: { headers?: object | undefined }) {
      const { authorization } = credential;
      const headers = { ...options.headers, ...(authorization === undefined ? {} : { Authorization: authorization }) };
      Object.assign(options, { headers, signal, finishRequest: refusalReader(refuse) });
    },
  });
  return kube;
}

function cluster({ server, certificateAuthority, ...config }: ConnectionConfig, env: ForwardContext["env"]) {
  const authorities = certificateAuthority || usualAuthorities().join("\n");
  const proxy = proxyFor({ server, proxyUrl: config.proxyUrl }, env);
  return {
    server,
    caData: base64(authorities),
    // Without TLS there is nothing to verify, and the library insists on being told so.
    skipTLSVerify: config.insecureSkipTlsVerify || server.startsWith("http:"),
    ...(config.tlsServerName === "" ? {} : { tlsServerName: config.tlsServerName }),
    // The proxy resolves the name, as in Go.
    ...(proxy === undefined ? {} : { proxyUrl: proxy.href.replace(/^socks5:/, "socks5h:") }),
  };
}

function user({ impersonate }: ConnectionConfig, { certificate }: Credential) {
  return {
    ...(certificate === undefined ? {} : { certData: base64(certificate.cert), keyData: base64(certificate.key) }),
    ...(impersonate === undefined ? {} : { impersonateUser: impersonate.name }),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The library drops the body of a refusal, which has the reason; the WebSocket package below it does not. */
function refusalReader(refuse: (error: unknown) => void) {
  return (request: ClientRequest, socket: NodeJS.EventEmitter): void => {
    socket.on("unexpected-response", (_request: unknown, response: IncomingMessage) => {
      const { statusCode: status = 0, headers } = response;
      readBody({ status, headers, body: response })
        .then((body) => refuse(apiError("GET", status, body)), refuse)
        .finally(() => request.destroy());
    });
    request.end();
  };
}
