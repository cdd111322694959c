import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import t from "tap";
import { readBody } from "../../../lib/kube/http/body.ts";
import { http1Client } from "../../../lib/kube/http/http1-client.ts";
import { createAuthority, issueCertificate } from "../../control-plane/certificates.ts";
import { listen } from "../recording-server.ts";

const authority = await createAuthority("http1");
const { certPem: cert, keyPem: key } = await issueCertificate(authority, {
  commonName: "server",
  dnsNames: ["localhost"],
  ipAddresses: ["127.0.0.1"],
  usage: "server",
});

interface Received {
  method: string | undefined;
  length: string | undefined;
  encoding: string | undefined;
  type: string | undefined;
  body: string;
  /** The client's port: equal ones are one connection. */
  port: number | undefined;
}

/** A server that answers with what it got. */
async function echo(t: { teardown(cleanUp: () => unknown): void }, secure: boolean): Promise<URL> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, headers, socket } = request;
    const received: Received = {
      method,
      length: headers["content-length"],
      encoding: headers["transfer-encoding"],
      type: headers["content-type"],
      body: await text(request),
      port: socket.remotePort,
    };
    response.end(JSON.stringify(received));
  };
  const server = secure ? createTlsServer({ cert, key }, answer) : createServer(answer);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`${secure ? "https" : "http"}://${await listen(server)}`);
}

const preconditions = JSON.stringify({
  kind: "DeleteOptions",
  propagationPolicy: "Background",
  preconditions: { uid: "0b5c8a34-ü-絵" },
});

for (const secure of [false, true]) {
  const what = secure ? "https" : "http";
  const open = async (t: { teardown(cleanUp: () => unknown): void }) => {
    const client = http1Client(await echo(t, secure), secure ? { ca: authority.certPem } : undefined);
    t.teardown(() => client.close());
    return async (method: string, body?: string): Promise<Received> => {
      const headers: Record<string, string> = body === undefined ? {} : { "Content-Type": "application/json" };
      const { signal } = new AbortController();
      const answer = await client.send({ method, path: "/x", headers, body, signal });
      return JSON.parse(await readBody(answer)) as Received;
    };
  };

  for (const method of ["DELETE", "PATCH", "POST"]) {
    t.test(`over ${what} the body of a ${method} arrives whole, with its length in bytes`, async (t) => {
      const send = await open(t);
      t.match(await send(method, preconditions), {
        method,
        body: preconditions,
        length: String(Buffer.byteLength(preconditions)),
        encoding: undefined,
        type: "application/json",
      });
    });
  }

  t.test(`over ${what} a request without a body has none, and the connection goes on being used`, async (t) => {
    const send = await open(t);
    const deleted = await send("DELETE", preconditions);
    const got = await send("GET");
    t.match(got, { method: "GET", body: "", length: undefined, encoding: undefined, port: deleted.port });
    t.match(await send("DELETE"), { method: "DELETE", body: "", port: deleted.port });
  });
}
