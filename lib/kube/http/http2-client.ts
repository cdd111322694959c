import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import type { TLSSocket } from "node:tls";
import { endLater } from "./end-later.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./http.ts";

/** As in Go: a connection that is silent for so long while somebody waits is asked whether it is still there. */
const PING_AFTER_MS = 30_000;
const PING_TIMEOUT_MS = 15_000;

/** Pages of 500 objects: with the default window the server would wait for an acknowledgement every 64 KiB. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * All requests over one connection.
 * @param dial opens the next socket when the last one is gone
 * @param lifetime ends everything
 */
export function http2Client(
  server: URL,
  first: TLSSocket,
  dial: () => Promise<TLSSocket>,
  lifetime: AbortSignal,
): HttpClient {
  let current: Promise<Session> | undefined = Promise.resolve(startSession(server, first, lifetime));
  let isClosed = false;

  async function open(): Promise<Session> {
    if (isClosed) throw new Error("the connection is closed");
    current ??= dial().then((socket) => startSession(server, socket, lifetime));
    const opening = current;
    const session = await opening.catch(() => undefined);
    if (session?.isUsable()) return session;
    if (current === opening) current = undefined;
    return session === undefined ? opening : open();
  }

  return {
    send: async (request) => (await open()).send(request),
    close() {
      isClosed = true;
      void current?.then(
        (session) => session.end(),
        () => {},
      );
    },
  };
}

interface Session {
  /** False once the server has said that it takes no more requests. */
  isUsable(): boolean;
  send(request: HttpRequest): Promise<HttpResponse>;
  end(): void;
}

function startSession(server: URL, socket: TLSSocket, lifetime: AbortSignal): Session {
  const session = connect(server, {
    createConnection: () => socket,
    settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
  });
  let inFlight = 0;
  // It can have been given up by then.
  session.once("connect", () => void (session.destroyed || session.setLocalWindowSize(WINDOW_BYTES)));
  // Each request hears of it by itself.
  session.on("error", () => {});
  pingWhileWaiting(session, () => inFlight > 0);
  endWith(session, lifetime);
  // Only requests keep the process alive.
  session.unref();

  return {
    isUsable: () => !session.closed && !session.destroyed,
    send(request) {
      const stream = startStream(session, request, lifetime);
      request.started?.(() => stream.destroy());
      if (inFlight++ === 0) session.ref();
      stream.once("close", () => {
        if (--inFlight === 0 && !session.destroyed) session.unref();
      });
      return awaitResponse(stream);
    },
    end: () => endLater(session),
  };
}

function endWith(session: ClientHttp2Session, lifetime: AbortSignal): void {
  const end = (): void => endLater(session);
  lifetime.addEventListener("abort", end);
  session.once("close", () => lifetime.removeEventListener("abort", end));
}

function pingWhileWaiting(session: ClientHttp2Session, isWaiting: () => boolean): void {
  const timer = setInterval(() => {
    if (!isWaiting() || session.destroyed) return;
    const lost = setTimeout(() => session.destroy(new Error("http2: client connection lost")), PING_TIMEOUT_MS);
    session.ping(() => clearTimeout(lost));
  }, PING_AFTER_MS).unref();
  session.once("close", () => clearInterval(timer));
}

function startStream(
  session: ClientHttp2Session,
  { method, path, headers, body, signal }: HttpRequest,
  lifetime: AbortSignal,
): ClientHttp2Stream {
  // A listener for each of a dozen requests takes as long as the requests; one ends the session and all of them.
  const own = signal === lifetime ? {} : { signal };
  const stream = session.request(
    { ":method": method, ":path": path, ...headers },
    { ...own, endStream: body === undefined },
  );
  if (body !== undefined) stream.end(body);
  return stream;
}

function awaitResponse(stream: ClientHttp2Stream): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    stream.once("response", (headers: IncomingHttpHeaders & IncomingHttpStatusHeader) => {
      resolve({ status: headers[":status"] ?? 0, headers, body: stream });
    });
    stream.on("error", reject);
    // The server may end a stream without a word.
    stream.once("close", () => reject(new Error("socket hang up")));
  });
}
