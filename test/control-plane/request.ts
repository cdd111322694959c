import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";

const agents = new Map<string, Agent>();

export interface ApiServer {
  server: string;
  /** PEM. */
  ca: string;
}

export interface ApiCall {
  /** Bearer token; without one the call is anonymous. */
  token?: string;
  /** Of a client that is known by its certificate. PEM. */
  certificate?: { cert: string; key: string };
  /** Default: GET, or POST with a body. */
  method?: string;
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * One bare request to an API server, for setting up and checking tests without the code under test.
 * The body is the parsed JSON, or the text where it is none. Rejects only when there was no answer at all.
 */
export async function apiRequest({ server, ca }: ApiServer, call: ApiCall): Promise<{ status: number; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>();
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  const sent = request(
    new URL(call.path, server),
    {
      ...(call.certificate === undefined ? { agent: agentFor(ca) } : { ca, agent: false, ...call.certificate }),
      method: call.method ?? (payload === undefined ? "GET" : "POST"),
      headers: {
        Accept: "application/json",
        ...(payload === undefined ? {} : { "Content-Type": "application/json" }),
        // Of a DELETE, Node.js sends a body without its length: the server took it for the next request.
        ...(payload === undefined ? {} : { "Content-Length": String(Buffer.byteLength(payload)) }),
        ...(call.token === undefined ? {} : { Authorization: `Bearer ${call.token}` }),
        ...call.headers,
      },
    },
    (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: parsed(answer) }), reject);
    },
  );
  sent.on("error", reject);
  sent.end(payload);
  return promise;
}

/** Idle connections are kept for the next call; they do not keep the process alive. */
function agentFor(ca: string): Agent {
  const agent = agents.get(ca) ?? new Agent({ ca, keepAlive: true });
  agents.set(ca, agent);
  return agent;
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return answer;
  }
}
