// Stands between a command and the API server, and does one wrong thing at one request.
import { once } from "node:events";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { request as send, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import type { ControlPlane } from "../control-plane/start.ts";

export const faults = [
  "429",
  "500",
  "503",
  /** The connection breaks before the server hears of the request. */
  "reset",
  /** It breaks after the server has done what was asked. */
  "lost",
  /** No answer, and the connection stays. */
  "half-open",
  /** The answer comes byte by byte. */
  "slow",
  "truncated",
  "garbage",
  "bomb",
  "html",
  "expired",
  "skew",
  /** The command is interrupted while it waits for this answer. */
  "interrupted",
  /** Nothing goes through any more, as if the process had been killed. */
  "killed",
  /** The same, after the server has done what was asked. */
  "killed after",
] as const;

export type Fault = (typeof faults)[number];

export interface FaultProxy {
  /** Such as https://localhost:41234. */
  server: string;
  /** From now on this happens at that request, counted from 1; nothing with 0. `now` is called when it does. */
  arm(fault: Fault, at: number, now?: () => void): void;
  /** Drops the headers that say as whom to act, as some proxies do. */
  dropImpersonation(drops: boolean): void;
  /** How many requests there have been since. */
  count(): number;
  /** Resolves when the API server has answered everything that was passed on to it. */
  quiet(): boolean;
  close(): void;
}

const BOMB = gzipSync(Buffer.alloc(300 * 1024 * 1024), { level: 1 });
const HOUR_MS = 3_600_000;

export async function startFaultProxy(plane: ControlPlane): Promise<FaultProxy> {
  let [armed, at, count, passing]: [Fault, number, number, number] = ["500", 0, 0, 0];
  let happens = (): void => {};
  let dropped = /^(:|host$|accept-encoding$|connection$)/;
  const server = createSecureServer({ ...(await plane.issueServingCertificate("localhost")), allowHTTP1: true });
  server.on("sessionError", () => {});
  server.on("request", (incoming, outgoing) => {
    count += 1;
    const isDead = armed.startsWith("killed") && at > 0 && count > at;
    const fault = at > 0 && count === at ? armed : undefined;
    if (isDead) return drop(incoming);
    void serve(incoming, outgoing, fault).catch(() => drop(incoming));
  });

  async function serve(incoming: Http2ServerRequest, outgoing: Http2ServerResponse, fault: Fault | undefined) {
    if (fault === "skew") at = 0;
    const refused = refusals[fault ?? ""];
    if (refused !== undefined) {
      incoming.resume();
      outgoing.writeHead(refused.status, refused.headers);
      return void outgoing.end(refused.body);
    }
    if (fault === "reset") return drop(incoming);
    if (fault === "half-open" || fault === "interrupted" || fault === "killed") return happens();
    const { status, headers, body } = await forward(incoming);
    if (fault === "lost") return drop(incoming);
    if (fault === "killed after") return happens();
    if (fault === "skew") headers["date"] = new Date(Date.now() - HOUR_MS).toUTCString();
    outgoing.writeHead(status, fault === undefined ? headers : { ...headers, "content-length": body.length });
    if (fault === "truncated") {
      outgoing.write(body.subarray(0, body.length / 2), () => drop(incoming));
    } else if (fault === "slow") {
      for (let offset = 0; offset < body.length; offset += 512) {
        outgoing.write(body.subarray(offset, offset + 512));
        await new Promise((resolve) => setImmediate(resolve));
      }
      outgoing.end();
    } else outgoing.end(body);
  }

  async function forward(incoming: Http2ServerRequest) {
    passing += 1;
    try {
      const sent = await buffer(incoming);
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).filter(([name]) => !dropped.test(name)),
      ) as RequestOptions["headers"];
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = { method: incoming.method, headers, ca: plane.ca, agent: false };
        const outgoing = send(new URL(incoming.url, plane.server), options, resolve);
        outgoing.on("error", reject);
        outgoing.end(sent);
      });
      const body = await buffer(answer);
      const { connection: _connection, "transfer-encoding": _encoding, ...kept } = answer.headers;
      return { status: answer.statusCode ?? 500, headers: kept as Record<string, string | number>, body };
    } finally {
      passing -= 1;
    }
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    server: `https://localhost:${port}`,
    arm(fault, request, now = () => {}) {
      [armed, at, count, happens] = [fault, request, 0, now];
    },
    dropImpersonation(drops) {
      dropped = drops
        ? /^(:|host$|accept-encoding$|connection$|impersonate-)/
        : /^(:|host$|accept-encoding$|connection$)/;
    },
    count: () => count,
    quiet: () => passing === 0,
    close: () => server.close(),
  };
}

function drop({ stream, socket }: Http2ServerRequest): void {
  if (stream === undefined) socket.destroy();
  else stream.session?.destroy();
}

const json = { "content-type": "application/json" };
const failure = (code: number, reason: string) =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", message: "try later", reason, code });

const refusals: Readonly<Record<string, { status: number; headers: Record<string, string>; body: string | Buffer }>> = {
  "429": { status: 429, headers: { ...json, "retry-after": "0" }, body: failure(429, "TooManyRequests") },
  "500": { status: 500, headers: json, body: failure(500, "InternalError") },
  "503": { status: 503, headers: json, body: failure(503, "ServiceUnavailable") },
  garbage: { status: 200, headers: json, body: `{"kind": "List", "items": [}` },
  html: { status: 200, headers: { "content-type": "text/html" }, body: "<html><body>Log in, please</body></html>" },
  expired: { status: 410, headers: json, body: failure(410, "Expired") },
  bomb: { status: 200, headers: { ...json, "content-encoding": "gzip" }, body: BOMB },
};
