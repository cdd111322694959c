// Requests to one API server: credentials, impersonation, retries, warnings, timeouts, over one connection where the server can.

import { UserError } from "../../errors.ts";
import { apiError, UnreadableAnswer } from "../../kubernetes/api-error.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import type { ConnectionConfig } from "../config/connection-config.ts";
import type { Credential, Credentials } from "../credentials/credentials.ts";
import { readBody } from "./body.ts";
import { endLater } from "./end-later.ts";
import type { HttpClient, HttpResponse } from "./http.ts";
import { authorizationHeader } from "../credentials/authorization.ts";
import { impersonationHeaders, type Headers } from "../credentials/impersonation.ts";
import { openClient } from "./open-client.ts";
import { createServerClock } from "./server-clock.ts";
import { watchSilence, type Silence } from "./silence.ts";
import { timedOut, timeLimit } from "./time-limit.ts";
import { isLostConnection, transportError } from "./transport-error.ts";
import { userAgent } from "./user-agent.ts";
import { parseWarnings } from "./warning-header.ts";

export interface ApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the server's own path; with query. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Default: application/json. */
  contentType?: string;
  /** Default: application/json. */
  accept?: string;
  /** In place of the connection's own impersonation; null for none. */
  as?: UserInfo | null;
  /** A POST that changes nothing, such as an access review, may be sent again like a GET. */
  repeatable?: boolean;
  /** Besides the connection's own. */
  signal?: AbortSignal;
}

export interface Transport {
  /** The parsed answer. @throws ApiError for a failure status, UserError when there is no answer */
  json(request: ApiRequest): Promise<unknown>;
  /** The answer as it is. @throws as `json` */
  text(request: ApiRequest): Promise<string>;
  /**
   * The body as it comes, without a time limit. With `beginsSoon` the limits of other requests hold until the answer begins: that
   * of a watch, or of a log that is followed, may wait for the first thing that happens. @throws as `json`
   */
  stream(request: ApiRequest, options?: { beginsSoon?: boolean }): Promise<HttpResponse>;
  /** Milliseconds since 1970, by the server's clock; undefined: no answer has said. */
  serverTime(): number | undefined;
  close(): void;
}

export interface TransportContext {
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** Each of the server's warnings, once. */
  warn(text: string): void;
  /** A line per request, for -v 6 and above. */
  log?: ((line: string) => void) | undefined;
}

/** What ends one request before its answer. */
interface Limits {
  signal: AbortSignal;
  silence: Silence | undefined;
}

/** Of one request and its answer; of a stream until that begins. */
interface TimeLimits {
  /** 0 is for ever. */
  timeoutMs: number;
  silenceMs?: number | undefined;
  isStream?: boolean;
}

/** As client-go: after so many answers of "later", the last one counts. */
const MAX_RETRIES = 10;
const MAX_WAIT_SECONDS = 60;

export function createTransport(
  config: ConnectionConfig,
  credentials: Credentials,
  context: TransportContext,
): Transport {
  const warned = new Set<string>();
  const base = new URL(config.server).pathname.replace(/\/$/, "");
  const clock = createServerClock();
  let client: { opened: Promise<HttpClient>; cert: string | undefined } | undefined;

  function clientFor({ certificate }: Credential): Promise<HttpClient> {
    if (client !== undefined && client.cert === certificate?.cert) return client.opened;
    void client?.opened.then((old) => old.close());
    const opened = openClient(config, certificate, context);
    client = { opened, cert: certificate?.cert };
    opened.catch(() => (client = undefined));
    return opened;
  }

  async function attempt(
    request: ApiRequest,
    credential: Credential,
    { signal, silence }: Limits,
  ): Promise<HttpResponse> {
    // What no header can hold is refused before anybody is called.
    const headers = headersFor(request, credential);
    const opening = clientFor(credential);
    // Opening listens to the command's own signal by itself.
    const opened = await (signal === context.signal ? opening : unlessAborted(opening, signal));
    const { log } = context;
    const started = log === undefined ? 0 : performance.now();
    const response = await opened.send({
      method: request.method,
      path: base + request.path,
      headers,
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal,
      ...(silence === undefined ? {} : { started: silence.endBy }),
    });
    log?.(
      `${request.method} ${config.server}${request.path} ${response.status} in ${Math.round(performance.now() - started)} milliseconds`,
    );
    clock.hear(response.headers);
    for (const text of parseWarnings(response.headers["warning"] ?? "")) {
      if (!warned.has(text)) context.warn(text);
      warned.add(text);
    }
    return response;
  }

  function headersFor(request: ApiRequest, credential: Credential): Headers {
    const as = request.as === undefined ? config.impersonate : request.as;
    return {
      Accept: request.accept ?? "application/json",
      "User-Agent": userAgent,
      ...(config.disableCompression ? {} : { "Accept-Encoding": "gzip" }),
      ...(request.body === undefined ? {} : { "Content-Type": request.contentType ?? "application/json" }),
      ...authorizationHeader(credential.authorization),
      ...(as === undefined || as === null ? {} : impersonationHeaders(as)),
    };
  }

  async function exchange(request: ApiRequest, limits: Limits): Promise<HttpResponse> {
    const { signal, silence } = limits;
    let credential = await credentials.current();
    let renewals = 0;
    let resets = 0;
    for (let retries = 0; ;) {
      let response: HttpResponse;
      try {
        silence?.heard();
        response = await attempt(request, credential, limits);
      } catch (error) {
        if (signal.aborted || !isRepeatable(request) || !isLostConnection(error) || resets++ > 0) throw error;
        continue;
      }
      // A login may take its time.
      if (response.status === 401) silence?.rest();
      if (response.status === 401 && renewals++ === 0 && (await credentials.renew(credential))) {
        credential = await credentials.current();
        endLater(response.body);
        continue;
      }
      const seconds = retryAfter(request, response);
      if (seconds === undefined || retries++ >= MAX_RETRIES) return response;
      endLater(response.body);
      silence?.rest();
      await pause(seconds, signal);
    }
  }

  /** The answer, or its failure as an error; everything else that goes wrong in kubectl's words. */
  async function answered<Result>(
    request: ApiRequest,
    { timeoutMs, silenceMs, isStream = false }: TimeLimits,
    read: (response: HttpResponse) => Promise<Result>,
  ): Promise<Result> {
    const limit = timeLimit(timeoutMs);
    const isWatched = silenceMs !== undefined && isRepeatable(request);
    const silence = isWatched ? watchSilence(silenceMs, `${request.method} ${pathOnly(request)}`) : undefined;
    const own = request.signal === undefined ? [] : [request.signal];
    const further = limit === undefined ? own : [...own, limit.signal];
    // A signal that follows others costs as much as the request itself.
    const signal = further.length === 0 ? context.signal : AbortSignal.any([context.signal, ...further]);
    try {
      signal.throwIfAborted();
      const answer = exchange(request, { signal, silence }).then(async (response) => {
        silence?.heard();
        // Whoever listens takes data away from whoever reads a stream later.
        if (silence !== undefined && !isStream) response.body.on("data", silence.heard);
        if (response.status < 200 || response.status > 299) {
          const method = request.repeatable === true ? "GET" : request.method;
          throw apiError(method, response.status, await readBody(response));
        }
        return await read(response);
      });
      return await (silence === undefined ? answer : silence.unlessSilent(answer));
    } catch (error) {
      if (context.signal.aborted) throw new UserError("interrupted", "interrupted", undefined, { cause: error });
      if (limit?.signal.aborted === true) throw timedOut(timeoutMs, error);
      throw transportError(error, config);
    } finally {
      limit?.lift();
    }
  }

  const timed = { timeoutMs: config.requestTimeoutMs, silenceMs: config.silenceMs };
  return {
    json: (request) => answered(request, timed, async (response) => parseAnswer(await readBody(response), request)),
    text: (request) => answered(request, timed, (response) => readBody(response)),
    stream: (request, { beginsSoon = false } = {}) =>
      answered(request, { ...(beginsSoon ? timed : { timeoutMs: 0 }), isStream: true }, async (response) => response),
    serverTime: () => clock.time(),
    close() {
      void client?.opened.then(
        (opened) => opened.close(),
        () => {},
      );
    },
  };
}

/** What many requests wait for goes on when one of them gives up. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort);
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

const pathOnly = ({ path }: ApiRequest) => path.replace(/\?.*$/, "");

/** What the text of an answer says. @throws UserError "undetermined" where it is not JSON */
export function parseAnswer(body: string, request: ApiRequest): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new UnreadableAnswer(
      `the server's answer to ${request.method} ${pathOnly(request)} is not JSON`,
      "Is this address a Kubernetes API server, with nothing in between? Try: kubectl version",
      { cause },
    );
  }
}

function isRepeatable(request: ApiRequest): boolean {
  return request.method === "GET" || request.repeatable === true;
}

/**
 * Seconds to wait before the next try; undefined when this is the answer. Only where the server says so, and for
 * a write only when it says that it did not look at the request (429).
 */
function retryAfter(request: ApiRequest, { status, headers }: HttpResponse): number | undefined {
  if (status !== 429 && !(status >= 500 && isRepeatable(request))) return undefined;
  const header = headers["retry-after"] ?? "";
  return /^\d+$/.test(header) ? Math.min(Number(header), MAX_WAIT_SECONDS) : undefined;
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  const { setTimeout: sleep } = await import("node:timers/promises");
  await sleep(seconds * 1000, undefined, { signal });
}
