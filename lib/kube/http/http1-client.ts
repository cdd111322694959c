import { Agent as HttpAgent, request as httpRequest, type Agent } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { CONNECT_TIMEOUT_MS, type HttpClient, type HttpRequest, type HttpResponse } from "./http.ts";
import { connectTimeout } from "./socket.ts";
import type { Headers } from "../credentials/impersonation.ts";

/** Connections to one server at a time: HTTP/1.1 carries one request each. */
const MAX_SOCKETS = 16;

export const keepAlive = { keepAlive: true, maxSockets: MAX_SOCKETS } as const;

/**
 * @param tls undefined for an http:// server
 * @param proxyAgent in place of direct connections; it has been given `tls` too
 */
export function http1Client(server: URL, tls: ConnectionOptions | undefined, proxyAgent?: Agent): HttpClient {
  const agent = proxyAgent ?? (tls === undefined ? new HttpAgent(keepAlive) : new HttpsAgent({ ...keepAlive, ...tls }));
  return {
    send: (request) => exchange(server, tls, agent, request),
    close: () => agent.destroy(),
  };
}

/** What https-proxy-agent tells of the proxy's answer to CONNECT. */
interface ProxyAnswer {
  statusCode: number;
  statusText: string;
}

function exchange(
  server: URL,
  tls: ConnectionOptions | undefined,
  agent: Agent,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { method, path, headers, signal } = request;
  // A text would be sent in one piece with the headers, which would then be encoded as UTF-8 a second time.
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  // Node sends the body of a DELETE without saying how long it is, and the server drops it: with it the uid that must
  // match, and the propagation, which for Jobs then is to orphan what they own.
  const length = body === undefined ? {} : { "Content-Length": String(body.length) };
  return new Promise((resolve, reject) => {
    const send = tls === undefined ? httpRequest : httpsRequest;
    const outgoing = send(
      {
        agent,
        // Without it, an agent that goes through a proxy cannot tell which of its connections fits, and opens another.
        protocol: server.protocol,
        host: server.hostname.replaceAll(/[[\]]/g, ""),
        port: server.port || (tls === undefined ? 80 : 443),
        method,
        path,
        headers: { ...mutable(headers), ...length },
        signal,
      },
      (response) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response }),
    );
    request.started?.(() => outgoing.destroy());
    outgoing.on("error", reject);
    outgoing.on("socket", (socket) => limitConnecting(socket, tls !== undefined, (error) => outgoing.destroy(error)));
    outgoing.on("proxyConnect", ({ statusCode, statusText }: ProxyAnswer) => {
      // Or the proxy's refusal would pass for the API server's answer.
      if (statusCode !== 200)
        outgoing.destroy(new Error(`the proxy refused the connection: ${statusText || statusCode}`));
    });
    outgoing.end(body);
  });
}

function limitConnecting(socket: Socket, secure: boolean, fail: (error: Error) => void): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => fail(connectTimeout()), CONNECT_TIMEOUT_MS);
  const stop = (): void => clearTimeout(timer);
  socket.once(secure ? "secureConnect" : "connect", stop);
  socket.once("close", stop);
}

function mutable(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}
