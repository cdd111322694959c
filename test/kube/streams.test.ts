import { once } from "node:events";
import { createServer as createPlainServer, type IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import t from "tap";
import type { PodAnswer, PodRequest } from "../../lib/kube/cluster.ts";
import type { ConnectionConfig } from "../../lib/kube/config/connection-config.ts";
import type { Credential } from "../../lib/kube/credentials/credentials.ts";
import { requestPod } from "../../lib/kube/live/pod-request.ts";
import { createAuthority, issueCertificate } from "../control-plane/certificates.ts";
import { forward, portForwardServer } from "../control-plane/kubelet-server.ts";
import { connectionTo } from "./fake-api.ts";
import { listen } from "./recording-server.ts";

// A connection to a pod is opened by a library of its own, so everything that was resolved for the other requests has to
// reach the server there too: authorities, certificates, names, proxies, credentials, and the reasons of failures.

const authority = await createAuthority("api");
const serving = await issueCertificate(authority, {
  commonName: "api",
  dnsNames: ["localhost", "cluster.example"],
  ipAddresses: ["127.0.0.1"],
  usage: "server",
});
const client = await issueCertificate(authority, { commonName: "jim", usage: "client" });

// The operator.
const operatorAuthority = await createAuthority("operator");
const serverName = "mirrord-operator.mirrord.svc";
const operatorCertificate = await issueCertificate(operatorAuthority, {
  commonName: "operator",
  dnsNames: [serverName],
  usage: "server",
});
const operator = createServer(
  { cert: operatorCertificate.certPem, key: operatorCertificate.keyPem },
  (request, response) => {
    response.writeHead(request.url === "/health" ? 200 : 404).end("x".repeat(100_000));
  },
);
const port = Number((await listen(operator)).split(":")[1]);
t.teardown(() => operator.close().closeAllConnections());

// The API server.
interface Seen {
  path: string;
  authorization: string;
  user: string;
  certificate: string;
  serverName: string;
}
let seen: Seen[] = [];
let answerUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
const sockets = portForwardServer();
const passOn: typeof answerUpgrade = (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (webSocket) => forward(webSocket, "operator", port));

function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { headers, url = "" } = request;
  const tls = socket instanceof TLSSocket ? socket : undefined;
  seen.push({
    path: url,
    authorization: headers.authorization ?? "",
    user: String(headers["impersonate-user"] ?? ""),
    certificate: String(tls?.getPeerCertificate().subject?.CN ?? ""),
    serverName: tls?.servername || "",
  });
  answerUpgrade(request, socket, head);
}
const tlsOptions = { cert: serving.certPem, key: serving.keyPem, ca: authority.certPem, requestCert: true };
const secure = createServer({ ...tlsOptions, rejectUnauthorized: false }).on("upgrade", upgrade);
const plain = createPlainServer().on("upgrade", upgrade);
const [secureAddress, plainAddress] = [await listen(secure), await listen(plain)];
for (const server of [secure, plain]) t.teardown(() => server.close().closeAllConnections());

t.beforeEach(() => {
  seen = [];
  answerUpgrade = passOn;
});
t.afterEach(() => {
  for (const webSocket of sockets.clients) webSocket.terminate();
});

interface Asked {
  config?: Partial<ConnectionConfig>;
  server?: string;
  credential?: Partial<Credential>;
  env?: Record<string, string>;
  signal?: AbortSignal;
  request?: Partial<PodRequest>;
}

function ask({
  config = {},
  server = `https://${secureAddress}`,
  credential,
  env = {},
  signal,
  request,
}: Asked): Promise<PodAnswer> {
  return requestPod(
    {
      config: connectionTo(server, { certificateAuthority: authority.certPem, requestTimeoutMs: 5000, ...config }),
      credential: { authorization: undefined, certificate: undefined, ...credential },
      env,
      signal: signal ?? new AbortController().signal,
    },
    { namespace: "mirrord", name: "operator" },
    { port, path: "/health", serverName, ...request },
  );
}

const works = { answered: true, status: 200 };
const forwardPath = `/api/v1/namespaces/mirrord/pods/operator/portforward?ports=${port}`;

t.test("authority, certificate, token, user and server name are those of the connection", async (t) => {
  const certificate = { cert: client.certPem, key: client.keyPem };
  const impersonate = { name: "anna", groups: [] };
  t.same(
    await ask({
      config: { tlsServerName: "cluster.example", impersonate },
      credential: { authorization: "Bearer secret", certificate },
    }),
    works,
  );
  t.same(seen, [
    {
      path: forwardPath,
      authorization: "Bearer secret",
      user: "anna",
      certificate: "jim",
      serverName: "cluster.example",
    },
  ]);
});

t.test("basic authentication, a path of the server, no TLS, no verification", async (t) => {
  const authorization = "Basic amltOnNlY3JldA==";
  t.same(await ask({ server: `http://${plainAddress}/base`, credential: { authorization } }), works);
  t.match(seen, [{ path: `/base${forwardPath}`, authorization }]);
  t.same(await ask({ config: { certificateAuthority: "", insecureSkipTlsVerify: true } }), works);
});

t.test("through the proxy of the kubeconfig or of the environment", async (t) => {
  const tunnels: string[] = [];
  const proxy = createPlainServer().on("connect", (request: IncomingMessage, socket: Duplex) => {
    tunnels.push(request.url ?? "");
    const upstream: Socket = connect(Number(secureAddress.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [socket, upstream]) end.on("error", () => end.destroy());
  });
  const proxyUrl = `http://${await listen(proxy)}`;
  t.teardown(() => proxy.close().closeAllConnections());
  const server = "https://cluster.example:6443";
  t.same(await ask({ server, config: { proxyUrl } }), works);
  t.same(await ask({ server, env: { HTTPS_PROXY: proxyUrl } }), works);
  t.same(tunnels, ["cluster.example:6443", "cluster.example:6443"]);
});

t.test("the operator's certificate is compared with the authority that should have signed it", async (t) => {
  t.same(await ask({ request: { authority: operatorAuthority.certPem } }), works);
  const other = await ask({ request: { authority: authority.certPem } });
  t.match(other, { ...works, certificateFault: /^no authority in the caBundle has signed it/ });
  const elsewhere = await ask({ request: { authority: operatorAuthority.certPem, serverName: "other.mirrord.svc" } });
  t.match(elsewhere, { ...works, certificateFault: "it is not for other.mirrord.svc" });
});

t.test("an expired certificate", async (t) => {
  const notAfter = new Date(Date.now() - 60_000);
  const expired = await issueCertificate(operatorAuthority, {
    commonName: "x",
    dnsNames: [serverName],
    usage: "server",
    notAfter,
  });
  const server = createServer(
    { cert: expired.certPem, key: expired.keyPem },
    (_request, response) => void response.end(),
  );
  const expiredPort = Number((await listen(server)).split(":")[1]);
  t.teardown(() => server.close().closeAllConnections());
  answerUpgrade = (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => forward(webSocket, "operator", expiredPort));
  const answer = await ask({ request: { authority: operatorAuthority.certPem } });
  t.match(answer, { ...works, certificateFault: /expired/ });
});

t.test("what keeps the connection from being opened is said in kubectl's words", async (t) => {
  const refusal = {
    kind: "Status",
    status: "Failure",
    reason: "Forbidden",
    code: 403,
    message: "pods is forbidden: no",
  };
  answerUpgrade = (_request, socket) => {
    const body = JSON.stringify(refusal);
    socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  };
  await t.rejects(ask({}), { status: 403, reason: "Forbidden", message: /pods is forbidden: no/ });
  await t.rejects(ask({ config: { certificateAuthority: operatorAuthority.certPem } }), {
    kind: "undetermined",
    message: /certificate signed by unknown authority/,
  });
  await t.rejects(ask({ server: "https://127.0.0.1:1" }), {
    message: /The connection to the server 127\.0\.0\.1:1 was refused/,
  });
  answerUpgrade = (_request, socket) => void socket.destroy();
  await t.rejects(ask({}), { kind: "undetermined", message: /Unable to connect to the server: EOF/ });
  answerUpgrade = () => {};
  await t.rejects(ask({ config: { requestTimeoutMs: 300 } }), {
    kind: "undetermined",
    message: "the API server opened no connection to pod operator: no answer within 0.3 s",
  });
});

t.test("a stream that ends or stays silent is an answer", async (t) => {
  answerUpgrade = (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.close());
  t.same(await ask({}), { answered: false, why: "the connection was closed before an answer came" });
  answerUpgrade = (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {});
  t.same(await ask({ config: { requestTimeoutMs: 300 } }), { answered: false, why: "no answer within 0.3 s" });
});

t.test("an interrupt ends it, whatever it waits for", async (t) => {
  const waits: (typeof answerUpgrade)[] = [
    () => {},
    (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {}),
  ];
  for (const wait of waits) {
    const abort = new AbortController();
    answerUpgrade = (...given) => {
      wait(...given);
      setImmediate(() => abort.abort());
    };
    await t.rejects(ask({ config: { requestTimeoutMs: 60_000 }, signal: abort.signal }), {
      name: "UserError",
      kind: "interrupted",
    });
  }
});

t.test("nothing stays open", async (t) => {
  await ask({});
  const [webSocket] = sockets.clients;
  if (webSocket !== undefined) await once(webSocket, "close");
  t.equal(sockets.clients.size, 0);
});
