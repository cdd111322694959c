// A stand-in for an API server that answers as a test tells it, and a transport that talks to it.
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { noCredentials } from "../../lib/kube/config/connection-config.ts";
import type { ConnectionConfig } from "../../lib/kube/config/connection-config.ts";
import type { Credentials } from "../../lib/kube/credentials/credentials.ts";
import { createTransport } from "../../lib/kube/http/transport.ts";
import type { Transport, TransportContext } from "../../lib/kube/http/transport.ts";
import { listen } from "./recording-server.ts";

export interface FakeApi {
  url: string;
  /** Method and path of each request, in order. */
  asked: string[];
}

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** @param answer gets the number of the request, from 1 */
export async function fakeApi(t: Teardown, answer: Answer): Promise<FakeApi> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response, asked.length);
  });
  const address = await listen(server);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://${address}`, asked };
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** A Status object, as API servers answer failures. */
export function failure(response: ServerResponse, code: number, reason: string, rest: object = {}, headers = {}): void {
  const status = { apiVersion: "v1", kind: "Status", status: "Failure", message: `because ${reason}`, reason, code };
  json(response, { ...status, ...rest }, code, headers);
}

export const connectionTo = (server: string, changes: Partial<ConnectionConfig> = {}): ConnectionConfig => ({
  context: "test",
  namespace: "default",
  server,
  guessed: false,
  lookedIn: [],
  certificateAuthority: "",
  insecureSkipTlsVerify: false,
  tlsServerName: "",
  proxyUrl: "",
  disableCompression: false,
  requestTimeoutMs: 0,
  impersonate: undefined,
  credentials: noCredentials,
  ...changes,
});

const anonymous: Credentials = {
  current: async () => ({ authorization: undefined, certificate: undefined }),
  renew: async () => false,
};

export interface TestTransport extends Transport {
  warnings: string[];
  abort: AbortController;
}

export function transportTo(
  t: Teardown,
  server: string,
  changes: Partial<ConnectionConfig> = {},
  { credentials = anonymous, env = {} }: { credentials?: Credentials; env?: TransportContext["env"] } = {},
): TestTransport {
  const warnings: string[] = [];
  const abort = new AbortController();
  const context = { env, signal: abort.signal, warn: (text: string) => warnings.push(text) };
  const transport = createTransport(connectionTo(server, changes), credentials, context);
  t.teardown(() => transport.close());
  return { ...transport, warnings, abort };
}
