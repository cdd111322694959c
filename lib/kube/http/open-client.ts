import type { Socket } from "node:net";
import type { ConnectionConfig } from "../config/connection-config.ts";
import type { HttpClient } from "./http.ts";
import { secureSocket, tcpSocket } from "./socket.ts";
import type { ClientCertificate } from "./tls-options.ts";
import { proxyFor } from "./proxy.ts";

interface ClientContext {
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

/** HTTP/2 where the server takes it, else HTTP/1.1; always the latter through a proxy and for http:// servers. */
export async function openClient(
  config: ConnectionConfig,
  certificate: ClientCertificate | undefined,
  context: ClientContext,
): Promise<HttpClient> {
  const server = new URL(config.server);
  const proxy = proxyFor(config, context.env);
  if (server.protocol === "http:" || proxy !== undefined) {
    const [{ http1Client }, tls] = await Promise.all([
      import("./http1-client.ts"),
      server.protocol === "http:" ? undefined : options(config, certificate),
    ]);
    if (proxy === undefined) return http1Client(server, tls);
    const { proxyAgent } = await import("./proxy-agent.ts");
    return http1Client(server, tls, await proxyAgent(proxy, tls));
  }
  return secureClient(server, config, certificate, context);
}

async function options(config: ConnectionConfig, certificate: ClientCertificate | undefined) {
  const { tlsOptions } = await import("./tls-options.ts");
  return tlsOptions(config, certificate);
}

async function secureClient(
  server: URL,
  config: ConnectionConfig,
  certificate: ClientCertificate | undefined,
  { env, signal }: ClientContext,
): Promise<HttpClient> {
  // A network away, all of TLS is loaded while the connection is on its way.
  const dialled = await tcpSocket(server);
  const tls = await options(config, certificate).catch((error: unknown) => {
    dialled.destroy();
    throw error;
  });
  const protocols = env["DISABLE_HTTP2"] ? ["http/1.1"] : ["h2", "http/1.1"];
  const secure = (over: Socket) => secureSocket(over, tls, protocols, signal);
  const dial = async () => secure(await tcpSocket(server));
  // The module loads while the handshake waits for the network.
  const [socket, { http2Client }] = await Promise.all([secure(dialled), import("./http2-client.ts")]);
  if (socket.alpnProtocol === "h2") return http2Client(server, socket, dial, signal);
  socket.destroy();
  const { http1Client } = await import("./http1-client.ts");
  return http1Client(server, tls);
}
