import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { WebSocket } from "ws";
import type { RawData } from "ws";
import { isObject, parseJson, textAt } from "./json.ts";
import { readAll } from "./kube.ts";
import { versionPath } from "./path.ts";
import type { Subscription, SubscriptionAnswer } from "./subscription.ts";
import { channelProtocol, connectionEnd, connectionLimits, messageText } from "./websocket.ts";

export interface ConnectOptions {
  /** Such as https://127.0.0.1:6443. */
  server: string;
  /** PEM. */
  ca: string;
  token?: string;
  namespace: string;
  /** URL name, such as `deployment.web`, or the name of a copy target. */
  target: string;
  /** Default: targets. */
  resource?: "targets" | "copytargets";
  /** Default: proxy; `get` is how operators without ProxyApi are connected to. */
  verb?: "proxy" | "get";
  profile?: string;
  /** For target `label`. */
  labels?: Record<string, string>;
  impersonate?: {
    user: string;
    groups?: readonly string[];
    uid?: string;
    extra?: Record<string, readonly string[]>;
  };
  /** More of the query, such as `key`. */
  parameters?: Record<string, string>;
  /** More headers, such as `x-session-id`; they win over our own. */
  headers?: OutgoingHttpHeaders;
  /** A client certificate in PEM: for talking to the stand-in itself as its front proxy. */
  clientCertificate?: { cert: string; key: string };
}

export type Connection =
  | {
      ok: true;
      /** One at a time. Rejects when the connection ends first. */
      subscribe(message: PartialSubscription): Promise<SubscriptionAnswer>;
      /** Any text as it is, or a binary message. */
      send(message: string | Buffer): Promise<unknown>;
      /** Ends the session; settles when the connection is gone. */
      close(): Promise<void>;
      /** How the connection ended. */
      closed: Promise<{ code: number; reason: string }>;
    }
  | {
      ok: false;
      /** HTTP. */
      status: number;
      /** Of the Status in the answer, or the answer itself. */
      message: string;
      reason?: string;
    };

type PartialSubscription = Omit<Subscription, "filter"> & Partial<Pick<Subscription, "filter">>;

/** Connects as mirrord does: a websocket upgrade through the API server. Rejects only when nothing can be reached. */
export function connect(options: ConnectOptions): Promise<Connection> {
  const { ca, clientCertificate, headers } = options;
  const socket = new WebSocket(connectUrl(options), channelProtocol, {
    ca,
    ...clientCertificate,
    ...connectionLimits,
    headers: { ...clientHeaders, ...identityHeaders(options), ...headers },
  });
  const closed = connectionEnd(socket);
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("unexpected-response", (_request, incoming) => void refused(incoming).then(resolve, reject));
    socket.once("open", () => resolve(openConnection(socket, closed)));
  });
}

function openConnection(socket: WebSocket, closed: Promise<{ code: number; reason: string }>): Connection {
  const waiting: ((answer: unknown) => void)[] = [];
  socket.on("message", (data: RawData) => waiting.shift()?.(parseJson(messageText(data))));
  const send = async (message: string | Buffer): Promise<unknown> => {
    const answered = new Promise<unknown>((settle) => waiting.push(settle));
    socket.send(message, () => {});
    const ended = closed.then(({ code, reason }) => {
      throw new Error(`the connection ended (${code} ${reason})`);
    });
    return Promise.race([answered, ended]);
  };
  return {
    ok: true,
    send,
    subscribe: async (message) => subscriptionAnswer(await send(JSON.stringify(message))),
    async close() {
      socket.close(1000);
      await closed;
    },
    closed,
  };
}

function connectUrl(options: ConnectOptions): URL {
  const { namespace, target, resource = "targets", verb = "proxy" } = options;
  const base = verb === "proxy" ? `${versionPath}/proxy` : versionPath;
  const url = new URL(
    `${base}/namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(target)}`,
    options.server,
  );
  const labels = options.labels === undefined ? {} : { label_target: JSON.stringify({ labels: options.labels }) };
  const profile = options.profile === undefined ? {} : { profile: options.profile };
  const parameters = { connect: "true", ...profile, ...labels, ...options.parameters };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

const clientHeaders: OutgoingHttpHeaders = {
  "x-client-name": "Jim Raynor",
  "x-client-hostname": "laptop",
  "x-mirrord-cli-version": "3.250.0",
};

function identityHeaders({ token, impersonate }: ConnectOptions): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (impersonate === undefined) return headers;
  headers["impersonate-user"] = headerText(impersonate.user);
  if (impersonate.uid !== undefined) headers["impersonate-uid"] = headerText(impersonate.uid);
  // An empty list must not become an empty header.
  const groups = (impersonate.groups ?? []).map(headerText);
  if (groups.length > 0) headers["impersonate-group"] = groups;
  for (const [name, values] of Object.entries(impersonate.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(name)}`] = values.map(headerText);
  }
  return headers;
}

/** Node writes header text as Latin-1; the API server reads UTF-8. */
function headerText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

async function refused(incoming: IncomingMessage): Promise<Connection> {
  const text = (await readAll(incoming, 1024 * 1024)).toString("utf8");
  const parsed = parseJson(text);
  const reason = textAt(parsed, "reason");
  return {
    ok: false,
    status: incoming.statusCode ?? 0,
    message: textAt(parsed, "message") ?? text,
    ...(reason === undefined ? {} : { reason }),
  };
}

function subscriptionAnswer(answer: unknown): SubscriptionAnswer {
  if (!isObject(answer) || typeof answer["ok"] !== "boolean") {
    throw new Error("the stand-in's answer cannot be read");
  }
  if (answer["ok"]) return { ok: true };
  const policy = textAt(answer, "policy");
  const message = textAt(answer, "message") ?? "";
  return policy === undefined ? { ok: false, message } : { ok: false, policy, message };
}
