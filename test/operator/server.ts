import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { admit } from "./admission.ts";
import { openConnection } from "./connections.ts";
import { discover } from "./discovery.ts";
import type { Failure, Failures } from "./failures.ts";
import { isFrontProxy, remoteIdentity } from "./identity.ts";
import type { Identity } from "./identity.ts";
import { readAll } from "./kube.ts";
import type { Operator } from "./operator.ts";
import { parseApiPath } from "./path.ts";
import { negotiate, represent } from "./reply.ts";
import type { Reply, Representation } from "./reply.ts";
import { findHandler, isConnectable } from "./router.ts";
import { Refusal, failure } from "./status.ts";

export interface ServerOptions {
  serving: { cert: string; key: string };
  /** PEM. */
  frontProxyCa: string;
  /** Common names that may be the front proxy; any, when empty. */
  frontProxyNames: readonly string[];
}

/** One line of the stand-in's own access log. */
export interface LoggedRequest {
  method: string;
  /** With its query. */
  path: string;
  /** Empty when the caller was not authenticated. */
  user: string;
  groups: string[];
  /** 0 when there was no answer. */
  status: number;
}

export interface Server {
  port: number;
  log: readonly LoggedRequest[];
  stop(): Promise<void>;
}

const maxBodyBytes = 3 * 1024 * 1024;
const maxLogged = 20_000;

/** Serves the operator's group on a free loopback port. */
export async function serve(operator: Operator, failures: Failures, options: ServerOptions): Promise<Server> {
  const log: LoggedRequest[] = [];
  const connections = new Set<WebSocket>();
  const upgraded = new Set<Duplex>();

  function record(request: IncomingMessage, status: number, identity: Identity | undefined): void {
    if (log.length >= maxLogged) log.shift();
    const { method = "", url: path = "" } = request;
    const { name: user, groups } = identity ?? { name: "", groups: [] };
    log.push({ method, path, user, groups, status });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const injected = failures.take(request.method ?? "", request.url ?? "");
    const identity = identify(request, options);
    if (injected !== undefined) {
      record(request, typeof injected === "number" ? injected : 0, identity);
      return fail(request, response, injected);
    }
    let representation: Representation = "object";
    let reply: Reply;
    try {
      reply = openReply(request) ?? (await groupReply(operator, request, identity));
      if (!("stream" in reply)) representation = negotiate(request.headers.accept);
    } catch (error) {
      reply = refusalReply(error);
    }
    record(request, "code" in reply ? reply.code : 200, identity);
    write(request, response, reply, representation);
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy());
    const identity = identify(request, options);
    const injected = failures.take(request.method ?? "", request.url ?? "");
    if (injected !== undefined) {
      record(request, typeof injected === "number" ? injected : 0, identity);
      return failUpgrade(socket, injected);
    }
    try {
      const admission = await admitUpgrade(operator, request, identity);
      const connection = await openConnection(operator, admission, { request, socket, head });
      connections.add(connection);
      connection.on("close", () => connections.delete(connection));
      record(request, 101, identity);
    } catch (error) {
      const reply = refusalReply(error);
      record(request, reply.code, identity);
      socket.end(rawResponse(reply.code, JSON.stringify(reply.json)));
    }
  }

  const server = createServer({
    ...options.serving,
    ca: options.frontProxyCa,
    requestCert: true,
    // Refused with a Status instead of a broken handshake.
    rejectUnauthorized: false,
    maxHeaderSize: 64 * 1024,
  });
  server.on("request", (request, response) => void answer(request, response));
  server.on("upgrade", (request, socket, head) => void upgrade(request, socket, head));
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");

  return {
    port: address.port,
    log,
    async stop() {
      for (const connection of connections) connection.close(1001, "the operator is stopping");
      for (const socket of upgraded) socket.end(() => socket.destroy());
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function identify(request: IncomingMessage, options: ServerOptions): Identity | undefined {
  if (!isFrontProxy(request, options.frontProxyNames)) return undefined;
  return remoteIdentity(request.headersDistinct);
}

/** What a kubelet may ask without a certificate. */
function openReply({ url = "", method }: IncomingMessage): Reply | undefined {
  const isProbe = ["/healthz", "/health", "/livez", "/readyz"].includes(url.split("?")[0] ?? "");
  return isProbe && method === "GET" ? { code: 200, text: "ok" } : undefined;
}

async function groupReply(
  operator: Operator,
  request: IncomingMessage,
  identity: Identity | undefined,
): Promise<Reply> {
  if (identity === undefined) throw unauthorized();
  const { method = "GET", headersDistinct: headers } = request;
  const { pathname, searchParams: query } = requestUrl(request);
  const discovered = method === "GET" ? discover(pathname, operator.settings) : undefined;
  if (discovered !== undefined) return discovered;
  const path = parseApiPath(pathname);
  const handler = findHandler(path?.resource ?? "");
  if (path === undefined || handler === undefined) return { code: 404, text: "404 page not found\n" };
  const body = await readAll(request, maxBodyBytes);
  return handler(operator, { method, path, query, headers, identity, body });
}

async function admitUpgrade(operator: Operator, request: IncomingMessage, identity: Identity | undefined) {
  if (identity === undefined) throw unauthorized();
  const { pathname, searchParams: query } = requestUrl(request);
  const path = parseApiPath(pathname);
  if (path === undefined || !isConnectable(path.resource)) {
    throw new Refusal(404, "NotFound", "the server could not find the requested resource");
  }
  const { method = "GET", headersDistinct: headers } = request;
  return admit(operator, { method, path, query, headers, identity, body: Buffer.alloc(0) });
}

function requestUrl({ url = "/" }: IncomingMessage): URL {
  return new URL(url.startsWith("/") ? `https://operator${url}` : url);
}

function unauthorized(): Refusal {
  return new Refusal(401, "Unauthorized", "Unauthorized");
}

function refusalReply(error: unknown): { code: number; json: unknown } {
  if (error instanceof Refusal) return { code: error.status.code, json: error.status };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 500, json: failure(500, "InternalError", message) };
}

function write(request: IncomingMessage, response: ServerResponse, reply: Reply, representation: Representation): void {
  if ("stream" in reply) return reply.stream(response);
  // A body that was not read to its end leaves the connection in no state to be used again.
  if (!request.complete) response.setHeader("connection", "close");
  if ("text" in reply) {
    response.writeHead(reply.code, { "content-type": "text/plain; charset=utf-8" });
    response.end(reply.text);
    return;
  }
  response.writeHead(reply.code, { "content-type": "application/json" });
  response.end(JSON.stringify(represent(reply.json, representation)));
}

function fail(request: IncomingMessage, response: ServerResponse, how: Failure["how"]): void {
  if (how === "hang") return;
  if (how === "close") return void response.destroy();
  if (how === "garbage") return write(request, response, { code: 200, text: garbage }, "object");
  write(request, response, { code: how, json: injectedStatus(how) }, "object");
}

function failUpgrade(socket: Duplex, how: Failure["how"]): void {
  if (how === "hang") return;
  if (how === "close") return void socket.destroy();
  const body = how === "garbage" ? garbage : JSON.stringify(injectedStatus(how));
  socket.end(rawResponse(how === "garbage" ? 200 : how, body));
}

const garbage = "<html>\u0000 this is no answer of an API server";

function injectedStatus(code: number) {
  return failure(code, "InjectedFailure", `the stand-in was told to answer ${code}`);
}

function rawResponse(code: number, body: string): string {
  return [
    `HTTP/1.1 ${code} Refused`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
