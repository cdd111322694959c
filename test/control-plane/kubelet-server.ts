// What the API server asks of a node: the logs of a container, and a connection to a port of a pod. Every pod is on the
// host's network here: port 8443 of a pod is port 8443 of loopback. Port-forwards speak the WebSocket protocol of
// container runtimes, which is what clients without SPDY get (KEP 4006 leaves it as it is).
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

/** By `namespace/pod/container`; what an earlier run of the container wrote is `previous`. */
export type Logs = Map<string, { text: string; previous?: string }>;

export interface KubeletServer {
  port: number;
  stop(): Promise<void>;
}

const dataChannel = 0;
const errorChannel = 1;
const protocol = "v4.channel.k8s.io";

export async function startKubeletServer(serving: { cert: string; key: string }, logs: Logs): Promise<KubeletServer> {
  const sockets = portForwardServer();
  const server = createServer(serving, (request, response) => answerLogs(request, response, logs));
  server.on("upgrade", (request, socket, head) => {
    const { pathname, searchParams } = urlIn(request);
    const port = Number(searchParams.get("port"));
    const [, pod = ""] = /^\/portForward\/[^/]+\/([^/]+)$/.exec(pathname) ?? [];
    if (pod === "" || !(port > 0)) return void socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (client) => forward(client, pod, port));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the kubelet has no port");
  return {
    port: address.port,
    async stop() {
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** As a container runtime does it: no extensions, version 4 of the channels. */
export function portForwardServer(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
}

function urlIn({ url = "/" }: IncomingMessage): URL {
  return new URL(url, "https://kubelet");
}

/** GET /containerLogs/NAMESPACE/POD/CONTAINER */
function answerLogs(request: IncomingMessage, response: ServerResponse, logs: Logs): void {
  const { pathname, searchParams } = urlIn(request);
  const [, key = ""] = /^\/containerLogs\/([^/]+\/[^/]+\/[^/]+)$/.exec(pathname) ?? [];
  const { text = "", previous } = logs.get(key) ?? {};
  const wanted = searchParams.get("previous") === "true" ? previous : text;
  if (wanted === undefined) {
    const [, pod = "", container = ""] = key.split("/");
    response.writeHead(400, { "content-type": "text/plain" });
    response.end(`previous terminated container "${container}" in pod "${pod}" not found`);
    return;
  }
  const tail = searchParams.get("tailLines");
  response.writeHead(200, { "content-type": "text/plain" });
  response.end(tail === null ? wanted : lastLines(wanted, Number(tail)));
}

function lastLines(text: string, count: number): string {
  const lines = text.split(/(?<=\n)/);
  return lines.slice(Math.max(lines.length - count, 0)).join("");
}

/** Each channel begins with the port, in two bytes; a runtime that cannot connect says so on the error channel. */
export function forward(client: WebSocket, pod: string, port: number): void {
  const send = (channel: number, data: Uint8Array): void => client.send(Buffer.concat([Buffer.from([channel]), data]));
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16LE(port);
  send(dataChannel, portBytes);
  send(errorChannel, portBytes);
  const upstream = connect(port, "127.0.0.1");
  upstream.on("data", (data: Buffer) => send(dataChannel, data));
  upstream.on("error", (error) => {
    send(errorChannel, Buffer.from(`error forwarding port ${port} to pod ${pod}, uid : ${error.message}`));
  });
  upstream.on("close", () => client.close());
  client.on("message", (message: Buffer) => {
    if (message[0] === dataChannel) upstream.write(message.subarray(1));
  });
  client.on("error", () => client.terminate());
  client.on("close", () => upstream.destroy());
}
