import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Headers } from "../credentials/impersonation.ts";

/** One request as it goes over the wire. */
export interface HttpRequest {
  method: string;
  /** With query. */
  path: string;
  headers: Headers;
  body: string | undefined;
  signal: AbortSignal;
  /** Called with what ends the request, once it is on its way. */
  started?: (end: () => void) => void;
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** As it came, perhaps compressed. */
  body: Readable;
}

/** One way of talking HTTP to the server; it opens and reopens sockets as needed. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/** A credential that ends while the request is on its way is of no use. */
export const EXPIRY_MARGIN_MS = 10_000;

/** Before a server has answered the connection attempt itself. */
export const CONNECT_TIMEOUT_MS = 10_000;
