// What somebody else answers with: a server on loopback that the API server is made to call (webhooks, an aggregated API).
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface LoopbackServer {
  port: number;
  /** In which webhooks name it: with `caBundle`. */
  clientConfig: { url: string; caBundle: string };
  received: Received[];
  stop(): Promise<void>;
}

interface Issuer {
  issueServingCertificate(...dnsNames: string[]): Promise<{ cert: string; key: string; ca: string }>;
}

/** @param answer the JSON that is answered; undefined: 404 */
export async function startLoopbackServer(
  plane: Issuer,
  answer: (request: Received) => unknown,
): Promise<LoopbackServer> {
  const { cert, key, ca } = await plane.issueServingCertificate("localhost");
  const received: Received[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    void text(request).then((body) => {
      const one = { path: request.url ?? "", headers: request.headers, body };
      received.push(one);
      const answered = answer(one);
      response.writeHead(answered === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answered ?? {}));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    clientConfig: { url: `https://localhost:${port}/`, caBundle: Buffer.from(ca).toString("base64") },
    received,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Admitted {
  uid: string;
  kind: { kind: string };
  object: KubernetesObject | null;
}

/** Answers of an admission webhook that lets everything through. @param change JSON patch operations on what was sent */
export function admission(change: (admitted: Admitted) => readonly object[]): (request: Received) => unknown {
  return ({ body }) => {
    const { request } = JSON.parse(body) as { request: Admitted };
    const operations = change(request);
    const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
    return {
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: {
        uid: request.uid,
        allowed: true,
        ...(operations.length === 0 ? {} : { patchType: "JSONPatch", patch }),
      },
    };
  };
}

interface Conversion {
  uid: string;
  desiredAPIVersion: string;
  objects: KubernetesObject[];
}

/** Answers of a conversion webhook. @param change what becomes of each object besides its version */
export function conversion(change: (object: KubernetesObject) => KubernetesObject): (request: Received) => unknown {
  return ({ body }) => {
    const { request } = JSON.parse(body) as { request: Conversion };
    const { uid, desiredAPIVersion: apiVersion } = request;
    const convertedObjects = request.objects.map((object) => ({ ...change(object), apiVersion }));
    return {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "ConversionReview",
      response: { uid, convertedObjects, result: { status: "Success" } },
    };
  };
}
