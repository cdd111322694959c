// The stand-in without a control plane: a front proxy made up by the test, and a fake of the API server behind it.
import { once } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import { createServer, request } from "node:https";
import { createAuthority, issueCertificate } from "../control-plane/certificates.ts";
import type { Authority } from "../control-plane/certificates.ts";
import type { ConnectOptions, Connection } from "./connect.ts";
import { connect } from "./connect.ts";
import { isObject, objectAt, parseJson } from "./json.ts";
import { readAll } from "./kube.ts";
import { versionPath } from "./path.ts";
import { startOperator } from "./start.ts";
import type { OperatorOptions, OperatorStandIn } from "./start.ts";

interface FakeKube {
  /** Answers by path and query; everything else is 404. A number is a bare code. */
  objects: Map<string, unknown>;
  /** Whether a SubjectAccessReview with this spec is allowed. */
  allow: (spec: Record<string, unknown>) => boolean;
  /** The specs of the reviews that were asked. */
  reviews: Record<string, unknown>[];
}

export interface Direct {
  operator: OperatorStandIn;
  kube: FakeKube;
  /** Certificates in PEM. */
  frontProxy: { cert: string; key: string };
  stranger: { cert: string; key: string };
  servingCa: string;
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** As the front proxy would for `jim`, unless the headers say otherwise. */
  connect(options: Partial<ConnectOptions> & { target: string }): Promise<Connection>;
}

interface CallOptions {
  method?: string;
  body?: unknown;
  headers?: OutgoingHttpHeaders;
  clientCertificate?: { cert: string; key: string } | null;
}

interface Answer {
  code: number;
  contentType: string;
  text: string;
  json: unknown;
}

export const jim: OutgoingHttpHeaders = {
  "x-remote-user": "jim",
  "x-remote-group": ["developers", "system:authenticated"],
};

/** Lists and paths as the fake API server serves them: one Deployment `web` and its pod in namespace `dev`. */
function exampleObjects(): Map<string, unknown> {
  const labels = { app: "web", tier: "front" };
  const containers = [{ name: "nginx" }];
  const pod = { metadata: { name: "web-1", namespace: "dev", labels }, spec: { containers } };
  const web = {
    metadata: { name: "web", namespace: "dev", labels },
    spec: { template: { spec: { containers, initContainers: [{ name: "sidecar" }] } } },
  };
  return new Map<string, unknown>([
    ["/api/v1/namespaces/dev", { metadata: { name: "dev" } }],
    ["/api/v1/namespaces/dev/pods", { items: [pod] }],
    ["/api/v1/namespaces/dev/pods?labelSelector=app%3Dweb", { items: [pod] }],
    ["/api/v1/namespaces/dev/pods?labelSelector=app%3Dnone", { items: [] }],
    ["/api/v1/namespaces/dev/pods/web-1", pod],
    ["/apis/apps/v1/namespaces/dev/deployments", { items: [web] }],
    ["/apis/apps/v1/namespaces/dev/deployments/web", web],
    ["/apis/batch/v1/namespaces/dev/jobs/migrate", { metadata: { name: "migrate" }, spec: {} }],
  ]);
}

/** Everything is stopped when the test ends. */
export async function startDirect(
  t: { teardown(cleanUp: () => unknown): void },
  options: Partial<OperatorOptions> = {},
): Promise<Direct> {
  const proxyAuthority = await createAuthority("front-proxy-ca");
  const servingAuthority = await createAuthority("serving-ca");
  const frontProxy = await clientCertificate(proxyAuthority, "front-proxy");
  const { certPem, keyPem } = await issueCertificate(servingAuthority, {
    commonName: "mirrord-operator.mirrord.svc",
    dnsNames: ["mirrord-operator.mirrord.svc"],
    ipAddresses: ["127.0.0.1"],
    usage: "server",
  });
  const serving = { cert: certPem, key: keyPem };
  const kube: FakeKube = { objects: exampleObjects(), allow: () => true, reviews: [] };
  const fake = await startFakeKube(t, kube, serving);
  const operator = await startOperator({
    kube: { server: fake, ca: servingAuthority.certPem, token: "operator-token" },
    frontProxyCa: proxyAuthority.certPem,
    serving,
    ...options,
  });
  t.teardown(() => operator.stop());
  const server = `https://127.0.0.1:${operator.port}`;
  const servingCa = servingAuthority.certPem;
  return {
    operator,
    kube,
    frontProxy,
    stranger: await clientCertificate(await createAuthority("front-proxy-ca"), "front-proxy"),
    servingCa,
    call: (path, callOptions = {}) =>
      call(`${server}${path}`, servingCa, { clientCertificate: frontProxy, ...callOptions }),
    connect: ({ headers, ...connectOptions }) =>
      connect({
        server,
        ca: servingCa,
        namespace: "dev",
        clientCertificate: frontProxy,
        headers: { ...jim, ...headers },
        ...connectOptions,
      }),
  };
}

async function clientCertificate(authority: Authority, commonName: string) {
  const { certPem, keyPem } = await issueCertificate(authority, { commonName, usage: "client" });
  return { cert: certPem, key: keyPem };
}

async function startFakeKube(
  t: { teardown(cleanUp: () => unknown): void },
  kube: FakeKube,
  serving: { cert: string; key: string },
): Promise<string> {
  const server = createServer(serving, (incoming, response) => {
    void readAll(incoming, 1024 * 1024).then((bytes) => {
      const answer = (code: number, json: unknown) => {
        response.writeHead(code, { "content-type": "application/json" });
        response.end(JSON.stringify(json));
      };
      if (incoming.headers.authorization !== "Bearer operator-token") return answer(401, {});
      if (incoming.method === "POST") {
        const spec = objectAt(parseJson(bytes.toString("utf8")), "spec");
        kube.reviews.push(spec);
        return answer(201, { status: { allowed: kube.allow(spec) } });
      }
      const object = kube.objects.get(incoming.url ?? "");
      if (typeof object === "number") return answer(object, {});
      return object === undefined ? answer(404, {}) : answer(200, object);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `https://127.0.0.1:${isObject(address) ? String(address["port"]) : ""}`;
}

async function call(url: string, ca: string, options: CallOptions): Promise<Answer> {
  const { method = "GET", body, headers = jim, clientCertificate: certificate } = options;
  const payload = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const length = payload === undefined ? {} : { "content-length": Buffer.byteLength(payload) };
  const sent = request(url, { method, ca, agent: false, headers: { ...headers, ...length }, ...certificate });
  sent.end(payload);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  sent.on("error", reject);
  sent.on("response", (incoming) => {
    readAll(incoming, 16 * 1024 * 1024).then((bytes) => {
      const text = bytes.toString("utf8");
      const { "content-type": contentType = "" } = incoming.headers;
      resolve({ code: incoming.statusCode ?? 0, contentType, text, json: parseJson(text) });
    }, reject);
  });
  return promise;
}

/** `/apis/operator.metalbear.co/v1/…`. */
export function at(path: string): string {
  return `${versionPath}/${path}`;
}
