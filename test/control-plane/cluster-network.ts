// The network of a cluster, which nothing makes here: the addresses of Services lead nowhere. The API server opens what it has
// to open (aggregated servers, webhooks, nodes) through this proxy, which knows where an address leads.
// Source: Kubernetes EgressSelectorConfiguration, HTTPConnect.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";

export interface ClusterNetwork {
  /** For the API server that is to use it. */
  apiServerFlags: string[];
  /** The port on loopback that an address leads to; undefined where nobody answers. Loopback itself needs none. */
  route: (host: string, port: number) => Promise<number | undefined>;
  stop(): Promise<void>;
}

export async function startClusterNetwork(): Promise<ClusterNetwork> {
  const sockets = new Set<Duplex>();
  const server = createServer();
  const network: ClusterNetwork = {
    apiServerFlags: [],
    route: async () => undefined,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const dial = async (address: string, client: Duplex): Promise<void> => {
    const { hostname, port } = new URL(`tcp://${address}`);
    const target = isLoopback(hostname) ? Number(port) : await network.route(hostname, Number(port));
    if (target === undefined) return void client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    tunnel(client, connect(target, "127.0.0.1"));
  };
  server.on("connect", ({ url = "" }, client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    client.on("error", () => client.destroy());
    dial(url, client).catch(() => client.destroy());
  });
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-network-"));
  const socket = join(folder, "proxy.sock");
  server.listen(socket);
  await new Promise((resolve) => server.once("listening", resolve));
  const file = join(folder, "egress.json");
  writeFileSync(file, JSON.stringify(configuration(socket)));
  network.apiServerFlags = [`--egress-selector-config-file=${file}`];
  return network;
}

const isLoopback = (host: string) => ["127.0.0.1", "localhost", "[::1]"].includes(host);

// The API server takes TCP with client certificates only.
const configuration = (udsName: string) => ({
  apiVersion: "apiserver.k8s.io/v1beta1",
  kind: "EgressSelectorConfiguration",
  egressSelections: [
    {
      name: "cluster",
      connection: { proxyProtocol: "HTTPConnect", transport: { uds: { udsName } } },
    },
  ],
});

function tunnel(client: Duplex, target: Socket): void {
  target.on("connect", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    client.pipe(target).pipe(client);
  });
  target.on("error", () => client.destroy());
  target.on("close", () => client.destroy());
  client.on("close", () => target.destroy());
}
