// Stands between a command and the API server, and does one wrong thing at one request.
import { once } from "node:events";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { Agent, request as send, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import type { ControlPlane } from "../control-plane/start.ts";

export const faults = [
  "429",
  "500",
  "503",
  /** The connection breaks before the server hears of the request. */
  "reset",
  /** It breaks after the server has done what was requested. */
  "lost",
  /** No answer, the connection stays, and --request-timeout is over. */
  "half-open",
  /**
   * The same without --request-timeout, of a read, which is given up when nothing has come for long: of the first one from there
   * on.
   */
  "silent",
  /** The answer comes in small pieces. */
  "slow",
  "truncated",
  "garbage",
  "bomb",
  "html",
  "expired",
  /** One answer is dated an hour ago. */
  "skew",
  /** Ctrl-C while the command waits for this answer. */
  "interrupted",
  /** Nothing goes through any more, as if the process had been killed. */
  "killed",
  /** The same, after the server has done what was requested. */
  "killed after",
] as const;

export type Fault = (typeof faults)[number];

/** What a proxy between does to the events of every watch. */
export type WatchFault = "duplicate" | "missing" | "expired" | "cut";

/** One request as it came. */
export interface Seen {
  method: string;
  url: string;
  /** The server stores something for it, unless it refuses. */
  isWrite: boolean;
}

export interface FaultProxy {
  /** Such as https://localhost:41234. */
  server: string;
  /** From now on this happens at that request, or at that write, counted from 1; nothing with 0. `now` is called when it does. */
  arm(fault: Fault, at: number, now?: () => void, counts?: "requests" | "writes"): void;
  /** What happens to the events of watches that begin from now on. */
  spoil(fault: WatchFault | undefined): void;
  /** Drops the headers that say as whom to act, as some proxies do. */
  dropImpersonation(drops: boolean): void;
  /** The requests since `arm`. */
  seen(): readonly Seen[];
  /** Whether anything that is armed, done to watches or dropped has happened to a request, an event or a header since. */
  happened(): boolean;
  /** How many writes the API server has carried out since. */
  stored(): number;
  /** Whether the API server has answered everything that was passed on to it. */
  quiet(): boolean;
  close(): void;
}

const RETRY_AFTER_SECONDS = 7;
/** What a command pauses for after a 429. */
export const RETRY_AFTER_MS = RETRY_AFTER_SECONDS * 1000;
const BOMB = gzipSync(Buffer.alloc(300 * 1024 * 1024), { level: 1 });
const HOUR_MS = 3_600_000;
/** The server does not hear of the request. */
const unheard = new Set<Fault>(["reset", "half-open", "silent", "interrupted", "killed"]);
const isConnections = (header: string) => /^(:|host$|accept-encoding$|connection$)/.test(header);
const isImpersonation = (header: string) => header.startsWith("impersonate-");

interface Answer {
  status: number;
  headers: Record<string, string | number>;
  body: Buffer;
}

/** What is to happen to a command's requests, and what has come of them. */
interface Arming {
  fault: Fault;
  at: number;
  now: () => void;
  counts: "requests" | "writes";
  seen: Seen[];
  stored: number;
  writes: number;
  isKilled: boolean;
  hasHappened: boolean;
}

const arming = (fault: Fault, at: number, now: () => void, counts: Arming["counts"]): Arming => {
  return { fault, at, now, counts, seen: [], stored: 0, writes: 0, isKilled: false, hasHappened: false };
};

/** What happens to the request of this number. */
function struckAt({ fault, at, hasHappened }: Arming, number: number, own: Seen): Fault | undefined {
  const isHere = fault === "silent" ? number >= at : number === at;
  return at > 0 && !hasHappened && isHere && happensTo(fault, own) ? fault : undefined;
}

export async function startFaultProxy(plane: ControlPlane): Promise<FaultProxy> {
  let current = arming("500", 0, () => {}, "requests");
  let passing = 0;
  let dropsImpersonation = false;
  let spoils: WatchFault | undefined;
  const agent = new Agent({ keepAlive: true, ca: plane.ca, maxSockets: 64 });
  const server = createSecureServer({ ...(await plane.issueServingCertificate("localhost")), allowHTTP1: true });
  server.on("sessionError", () => {});
  const sockets = new Set<TLSSocket>();
  server.on("secureConnection", (socket: TLSSocket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (incoming, outgoing) => void serve(incoming, outgoing).catch(() => drop(incoming)));

  async function serve(incoming: Http2ServerRequest, outgoing: Http2ServerResponse): Promise<void> {
    const run = current;
    const own: Seen = { method: incoming.method, url: incoming.url, isWrite: false };
    const place = run.seen.push(own);
    if (run.isKilled) return drop(incoming);
    const isWatch = incoming.url.includes("watch=true");
    if (isWatch && (run.counts === "writes" || place !== run.at)) return await follow(incoming, outgoing);
    const sent = await buffer(incoming);
    // Of a command that has ended meanwhile.
    if (run !== current) return drop(incoming);
    own.isWrite = isWrite(own, sent.toString());
    if (own.isWrite) run.writes += 1;
    const fault = struckAt(run, run.counts === "requests" ? place : own.isWrite ? run.writes : 0, own);
    if (fault?.startsWith("killed")) run.isKilled = true;
    const refused = refusals[fault ?? ""];
    if (refused !== undefined || (fault !== undefined && unheard.has(fault))) run.hasHappened = true;
    if (refused !== undefined) return reply(outgoing, refused);
    if (fault === "reset") return drop(incoming);
    if (fault !== undefined && unheard.has(fault)) return run.now();
    const answer = await forward(incoming, sent);
    if (own.isWrite && answer.status < 300) run.stored += 1;
    // Of another request, which was on its way.
    if (run.isKilled && fault === undefined) return drop(incoming);
    if (fault !== undefined) run.hasHappened = true;
    if (fault === "lost") return drop(incoming);
    if (fault === "killed after") return run.now();
    if (fault === "skew") answer.headers["date"] = new Date(Date.now() - HOUR_MS).toUTCString();
    if (fault === "truncated") {
      outgoing.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
      outgoing.write(answer.body.subarray(0, answer.body.length / 2), () => drop(incoming));
    } else if (fault === "slow") await dribble(outgoing, answer);
    else reply(outgoing, answer);
  }

  function pass(incoming: Http2ServerRequest): ReturnType<typeof send> {
    const isDropped = (header: string) => dropsImpersonation && isImpersonation(header);
    if (Object.keys(incoming.headers).some(isDropped)) current.hasHappened = true;
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !isConnections(name) && !isDropped(name)),
    ) as RequestOptions["headers"];
    return send(new URL(incoming.url, plane.server), { method: incoming.method, headers, agent });
  }

  async function forward(incoming: Http2ServerRequest, sent: Buffer): Promise<Answer> {
    passing += 1;
    try {
      const outgoing = pass(incoming);
      if (sent.length > 0) outgoing.setHeader("Content-Length", sent.length);
      outgoing.end(sent);
      const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
      return { status: answer.statusCode ?? 500, headers: answerHeaders(answer), body: await buffer(answer) };
    } finally {
      passing -= 1;
    }
  }

  /** A watch: its events as they come, or as somebody between has made them. */
  async function follow(incoming: Http2ServerRequest, outgoing: Http2ServerResponse): Promise<void> {
    const run = current;
    const spoiled = spoils;
    const upstream = pass(incoming);
    upstream.end();
    incoming.on("close", () => upstream.destroy());
    const [answer] = (await once(upstream, "response")) as [IncomingMessage];
    outgoing.writeHead(answer.statusCode ?? 500, answerHeaders(answer));
    let rest = "";
    answer.setEncoding("utf8");
    for await (const chunk of answer) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const isChange = /^\{"type":"(ADDED|MODIFIED|DELETED)"/.test(line);
        if (!isChange || spoiled === undefined) {
          outgoing.write(`${line}\n`);
          continue;
        }
        run.hasHappened = true;
        if (spoiled === "duplicate") outgoing.write(`${line}\n${line}\n`);
        else if (spoiled !== "missing") {
          // Once: what comes again is to be heard.
          if (spoils === spoiled) spoils = undefined;
          outgoing.end(spoiled === "expired" ? `{"type":"ERROR","object":${failure(410, "Expired")}}\n` : "");
          return upstream.destroy() && undefined;
        }
      }
    }
    outgoing.end(rest);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    server: `https://localhost:${port}`,
    arm(fault, at, now = () => {}, counts = "requests") {
      current = arming(fault, at, now, counts);
    },
    spoil: (fault) => void (spoils = fault),
    dropImpersonation: (drops) => void (dropsImpersonation = drops),
    seen: () => current.seen,
    happened: () => current.hasHappened,
    stored: () => current.stored,
    quiet: () => passing === 0,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      agent.destroy();
    },
  };
}

/** Whether a request is open to a fault. */
export const happensTo = (fault: Fault, request: Seen): boolean => fault !== "silent" || isRead(request);

/** May be sent again, and is given up when nothing comes. */
function isRead({ method, url }: Seen): boolean {
  return method === "GET" || /reviews(\?|$)/.test(url);
}

/** A dry run stores nothing; neither does a question. */
function isWrite({ method, url }: Seen, body: string): boolean {
  if (method === "GET" || /reviews(\?|$)/.test(url) || url.includes("dryRun=All")) return false;
  return !(method === "DELETE" && body.includes("dryRun"));
}

function answerHeaders({ headers }: IncomingMessage): Record<string, string | number> {
  const { connection: _connection, "transfer-encoding": _encoding, ...kept } = headers;
  return kept as Record<string, string | number>;
}

function reply(outgoing: Http2ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}

async function dribble(outgoing: Http2ServerResponse, { status, headers, body }: Answer): Promise<void> {
  outgoing.writeHead(status, headers);
  const piece = Math.max(1, Math.ceil(body.length / 64));
  for (let offset = 0; offset < body.length; offset += piece) {
    outgoing.write(body.subarray(offset, offset + piece));
    await new Promise((resolve) => setImmediate(resolve));
  }
  outgoing.end();
}

/** Not at once: Node.js has used memory that it had freed where a session ended while it was being read. */
function drop({ stream, socket }: Http2ServerRequest): void {
  const connection = stream === undefined ? socket : stream.session;
  setImmediate(() => connection?.destroy());
}

const json = { "content-type": "application/json" };
const failure = (code: number, reason: string) =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", message: "try later", reason, code });
const refusal = (status: number, reason: string, more: Record<string, string> = {}): Answer => ({
  status,
  headers: { ...json, ...more },
  body: Buffer.from(failure(status, reason)),
});

const refusals: Readonly<Record<string, Answer>> = {
  "429": refusal(429, "TooManyRequests", { "retry-after": String(RETRY_AFTER_SECONDS) }),
  "500": refusal(500, "InternalError"),
  "503": refusal(503, "ServiceUnavailable"),
  expired: refusal(410, "Expired"),
  garbage: { status: 200, headers: json, body: Buffer.from(`{"kind": "List", "items": [}`) },
  html: {
    status: 200,
    headers: { "content-type": "text/html" },
    body: Buffer.from("<html><body>Log in, please</body></html>"),
  },
  bomb: { status: 200, headers: { ...json, "content-encoding": "gzip" }, body: BOMB },
};
