import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import { createSecureServer } from "node:http2";
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from "node:http2";
import { createServer as createTcpServer } from "node:net";
import t from "tap";
import { http2Client } from "../../../lib/kube/http/http2-client.ts";
import { secureSocket, tcpSocket } from "../../../lib/kube/http/socket.ts";
import { createAuthority, issueCertificate } from "../../control-plane/certificates.ts";
import { transportTo } from "../fake-api.ts";
import { listen } from "../recording-server.ts";

const authority = await createAuthority("http2");
const { certPem: cert, keyPem: key } = await issueCertificate(authority, {
  commonName: "server",
  dnsNames: ["localhost"],
  ipAddresses: ["127.0.0.1"],
  usage: "server",
});
const trusting = { certificateAuthority: authority.certPem };
const get = { method: "GET", path: "/x" } as const;

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

type Answer = (request: Http2ServerRequest, response: Http2ServerResponse, sessions: ServerHttp2Session[]) => void;

async function http2Server(t: Teardown, answer: Answer): Promise<{ url: string; sessions: ServerHttp2Session[] }> {
  const sessions: ServerHttp2Session[] = [];
  const server = createSecureServer({ cert, key, settings: { maxConcurrentStreams: 20 } }, (request, response) =>
    answer(request, response, sessions),
  );
  server.on("session", (session) => sessions.push(session));
  t.teardown(() => {
    server.close();
    for (const session of sessions) session.destroy();
  });
  return { url: `https://${await listen(server)}`, sessions };
}

t.test("many requests go over one connection, more than the server takes at a time", async (t) => {
  let now = 0;
  let most = 0;
  const { url, sessions } = await http2Server(t, (_, response) => {
    most = Math.max(most, ++now);
    setImmediate(() => {
      now--;
      response.end("{}");
    });
  });
  const transport = transportTo(t, url, trusting);
  const answers = await Promise.all(Array.from({ length: 300 }, () => transport.json(get)));
  t.equal(answers.length, 300, "every request is answered");
  t.equal(sessions.length, 1, "over one connection");
  t.ok(most > 1 && most <= 20, `${most} at a time`);
});

t.test("a connection that the server ends is replaced", async (t) => {
  const { url, sessions } = await http2Server(t, (_, response) => response.end("{}"));
  const transport = transportTo(t, url, trusting);
  await transport.json(get);
  sessions.at(-1)?.goaway(0);
  await transport.json(get);
  const before = sessions.length;
  t.ok(before <= 2);
  sessions.at(-1)?.destroy();
  await Promise.all([transport.json(get), transport.json(get)]);
  t.equal(sessions.length, before + 1);
});

t.test("a connection that is lost with requests on it: reads are sent again", async (t) => {
  const { url, sessions } = await http2Server(t, ({ stream }, response, all) => {
    if (all.length === 1) stream.session?.destroy();
    else response.end("{}");
  });
  const transport = transportTo(t, url, trusting);
  t.same(await Promise.all([transport.json(get), transport.json(get)]), [{}, {}]);
  t.equal(sessions.length, 2, "over a new connection, and no third");
});

t.test("a connection that is given up while it is being made is none, and no error of ours", async (t) => {
  const { url } = await http2Server(t, (_, response) => response.end("{}"));
  const { signal } = new AbortController();
  const socket = await secureSocket(await tcpSocket(new URL(url)), { ca: authority.certPem }, ["h2"], signal);
  const client = http2Client(new URL(url), socket, () => Promise.reject(new Error("no second one")), signal);
  client.close();
  await once(socket, "close");
  await t.rejects(client.send({ ...get, headers: {}, body: undefined, signal }), /the connection is closed/);
});

t.test("a connection does not end in the middle of an answer, which Node.js cannot do", async (t) => {
  const { url } = await http2Server(t, ({ url: path }, response) => {
    if (path === "/stream") response.write("{}\n");
    else response.end("{}");
  });
  const transport = transportTo(t, url, trusting);
  const streamed = await transport.stream({ method: "GET", path: "/stream" });
  const ended = once(streamed.body, "close");
  await transport.json(get);
  transport.close();
  // As long as promises go on, the callback that has read the answer is not over.
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  t.notOk(streamed.body.destroyed, "not yet");
  await ended;
  t.ok(streamed.body.destroyed);
});

t.test("large answers and large requests", async (t) => {
  const { url } = await http2Server(t, (request, response) => {
    let size = 0;
    request.on("data", (chunk: Buffer) => (size += chunk.length));
    request.on("end", () => response.end(JSON.stringify({ size, padding: "x".repeat(40 * 1024 * 1024) })));
  });
  const body = { text: "y".repeat(5 * 1024 * 1024) };
  const answer = Object(await transportTo(t, url, trusting).json({ method: "PATCH", path: "/x", body }));
  t.equal(answer.size, JSON.stringify(body).length);
  t.equal(answer.padding.length, 40 * 1024 * 1024);
});

t.test("a server without HTTP/2 is asked by HTTP/1.1", async (t) => {
  const versions: string[] = [];
  let connections = 0;
  const server = createTlsServer({ cert, key }, ({ httpVersion }, response) => {
    versions.push(httpVersion);
    response.end("{}");
  });
  server.on("secureConnection", () => connections++);
  const url = `https://${await listen(server)}`;
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const transport = transportTo(t, url, trusting);
  await Promise.all([transport.json(get), transport.json(get)]);
  t.same(versions, ["1.1", "1.1"]);
  const before = connections;
  for (let count = 0; count < 5; count++) await transport.json(get);
  t.equal(connections, before, "on connections that there are");
});

t.test("DISABLE_HTTP2 is honoured, as in Go", async (t) => {
  const server = createSecureServer({ cert, key, allowHTTP1: true }, ({ httpVersion }, response) => {
    response.end(JSON.stringify({ httpVersion }));
  });
  const url = `https://${await listen(server)}`;
  t.teardown(() => server.close());
  const transport = transportTo(t, url, trusting, { env: { DISABLE_HTTP2: "1" } });
  t.same(await transport.json(get), { httpVersion: "1.1" });
  transport.close();
});

t.test("a server that takes the connection and says nothing", async (t) => {
  const server = createTcpServer(() => {});
  const address = await listen(server);
  t.teardown(() => server.close());
  const { signal } = new AbortController();
  const socket = secureSocket(await tcpSocket(new URL(`https://${address}`)), {}, ["h2"], signal, 20);
  await t.rejects(socket, { code: "ETIMEDOUT" });
});

t.test("Ctrl-C while connecting", async (t) => {
  const server = createTcpServer();
  const url = `https://${await listen(server)}`;
  t.teardown(() => server.close());
  const transport = transportTo(t, url, trusting);
  const result = transport.json(get);
  await once(server, "connection");
  transport.abort.abort();
  await t.rejects(result, { name: "UserError", kind: "interrupted" });
});

t.test("Ctrl-C ends every request that is under way, and a stream", async (t) => {
  let waiting = 0;
  const asked = Promise.withResolvers<void>();
  const { url } = await http2Server(t, ({ url: path }, response) => {
    if (path === "/stream") response.write("{}\n");
    if (++waiting === 4) asked.resolve();
  });
  const transport = transportTo(t, url, trusting);
  const streamed = await transport.stream({ method: "GET", path: "/stream" });
  const ended = once(streamed.body, "close");
  const requests = [1, 2, 3].map(() => transport.json(get));
  const results = Promise.allSettled(requests);
  await asked.promise;
  transport.abort.abort();
  for (const result of await results)
    t.match(result, { status: "rejected", reason: { name: "UserError", kind: "interrupted" } });
  await ended;
  t.ok(streamed.body.destroyed);
});

t.test("a request that is over leaves the others on the connection alone", async (t) => {
  const answers: Http2ServerResponse[] = [];
  const both = Promise.withResolvers<void>();
  const { url, sessions } = await http2Server(t, (_, response) => {
    if (answers.push(response) === 2) both.resolve();
  });
  const transport = transportTo(t, url, trusting);
  const own = new AbortController();
  const results = Promise.allSettled([transport.json({ ...get, signal: own.signal }), transport.json(get)]);
  await both.promise;
  own.abort(new Error("enough"));
  // Both: which of them is the second to arrive is not said.
  for (const answer of answers) answer.end("{}");
  t.match(await results, [{ status: "rejected" }, { status: "fulfilled" }]);
  t.equal(sessions.length, 1, "over one connection");
});

t.test("a plain HTTP server at an https address", async (t) => {
  const server = createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const url = `https://${await listen(server)}`;
  t.teardown(() => server.close());
  await t.rejects(transportTo(t, url, trusting).json(get), {
    message: "Unable to connect to the server: http: server gave HTTP response to HTTPS client",
  });
});
