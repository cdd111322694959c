// A server that answers any GET with a Namespace and remembers who asked, and how.
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { TLSSocket } from "node:tls";
import { createAuthority, issueCertificate } from "../control-plane/certificates.ts";
import type { Authority } from "../control-plane/certificates.ts";

export interface Recorded {
  path: string;
  authorization: string;
  /** Name and value of each Impersonate header, sorted by name; values of one name as they came. */
  impersonation: [name: string, value: string][];
  /** Common name of the client certificate, or "". */
  certificate: string;
  /** Server name that the client asked for (SNI), or "". */
  serverName: string;
  protocol: string;
}

export interface RecordingServer {
  authority: Authority;
  /** `127.0.0.1:PORT`. */
  tls: string;
  plain: string;
  /** What came for this last part of a path since the last call, oldest first. */
  take(name: string): Recorded[];
  /** All that came since the last call of either. */
  takeAll(): Recorded[];
  close(): void;
}

export async function startRecordingServer(): Promise<RecordingServer> {
  const authority = await createAuthority("recording");
  const { certPem, keyPem } = await issueCertificate(authority, {
    commonName: "recording",
    dnsNames: ["localhost", "cluster.example"],
    ipAddresses: ["127.0.0.1"],
    usage: "server",
  });
  let recorded: Recorded[] = [];
  const answer = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    recorded.push(record(request));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "probe" } }));
  };
  const secure = createSecureServer(
    {
      cert: certPem,
      key: keyPem,
      ca: authority.certPem,
      requestCert: true,
      rejectUnauthorized: false,
      allowHTTP1: true,
    },
    answer,
  );
  const plain = createServer(answer);
  return {
    authority,
    tls: await listen(secure),
    plain: await listen(plain),
    take(name) {
      const { taken = [], left = [] } = Object.groupBy(recorded, ({ path }) =>
        path.endsWith(`/${name}`) ? "taken" : "left",
      );
      recorded = left;
      return taken;
    },
    takeAll() {
      const all = recorded;
      recorded = [];
      return all;
    },
    close() {
      secure.close();
      plain.close();
      plain.closeAllConnections();
    },
  };
}

/** On loopback, on a free port; the server does not keep the process alive. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return `127.0.0.1:${boundPort(server.address())}`;
}

function boundPort(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return address.port;
}

function record(request: IncomingMessage | Http2ServerRequest): Recorded {
  const { rawHeaders } = request;
  const pairs = rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ""]] : [],
  );
  const socket = "stream" in request ? request.stream.session?.socket : request.socket;
  const tls = socket instanceof TLSSocket ? socket : undefined;
  return {
    path: request.url ?? "",
    authorization: request.headers.authorization ?? "",
    impersonation: pairs
      .filter(([name]) => name.startsWith("impersonate-"))
      .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
    certificate: String(tls?.getPeerCertificate().subject?.CN ?? ""),
    serverName: tls !== undefined && typeof tls.servername === "string" ? tls.servername : "",
    protocol: request.httpVersion,
  };
}
