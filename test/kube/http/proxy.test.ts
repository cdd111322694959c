import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { IncomingMessage } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import type { Socket } from "node:net";
import t from "tap";
import { proxyFor } from "../../../lib/kube/http/proxy.ts";
import { createAuthority, issueCertificate } from "../../control-plane/certificates.ts";
import { transportTo } from "../fake-api.ts";
import { listen, startRecordingServer } from "../recording-server.ts";

const HTTPS_PROXY = "http://proxy.example:3128";

const choices: {
  name: string;
  server: string;
  proxyUrl?: string;
  env?: Record<string, string>;
  want: string | undefined;
}[] = [
  { name: "none", server: "https://api.example", want: undefined },
  { name: "from the environment", server: "https://api.example", env: { HTTPS_PROXY }, want: `${HTTPS_PROXY}/` },
  {
    name: "in lower case",
    server: "https://api.example",
    env: { https_proxy: "proxy.example:3128" },
    want: `${HTTPS_PROXY}/`,
  },
  { name: "for http, another variable", server: "http://api.example", env: { HTTPS_PROXY }, want: undefined },
  { name: "for http", server: "http://api.example", env: { HTTP_PROXY: "http://p" }, want: "http://p/" },
  {
    name: "the kubeconfig's wins",
    server: "https://api.example",
    proxyUrl: "socks5://s:1",
    env: { HTTPS_PROXY },
    want: "socks5://s:1",
  },
  {
    name: "the kubeconfig's counts for this machine too",
    server: "https://127.0.0.1:1",
    proxyUrl: "http://p",
    want: "http://p/",
  },
  { name: "never for localhost", server: "https://localhost:6443", env: { HTTPS_PROXY }, want: undefined },
  { name: "never for 127.0.0.0/8", server: "https://127.1.2.3", env: { HTTPS_PROXY }, want: undefined },
  { name: "never for ::1", server: "https://[::1]:6443", env: { HTTPS_PROXY }, want: undefined },
  { name: "127 in a name is a name", server: "https://127.example", env: { HTTPS_PROXY }, want: `${HTTPS_PROXY}/` },
];

const exclusions: { server: string; NO_PROXY: string; direct: boolean }[] = [
  { server: "https://api.example", NO_PROXY: "*", direct: true },
  { server: "https://api.example", NO_PROXY: " other , api.example ", direct: true },
  { server: "https://API.example", NO_PROXY: "Api.Example", direct: true },
  { server: "https://a.api.example", NO_PROXY: "api.example", direct: true },
  { server: "https://aapi.example", NO_PROXY: "api.example", direct: false },
  { server: "https://a.api.example", NO_PROXY: ".api.example", direct: true },
  { server: "https://api.example", NO_PROXY: ".api.example", direct: false },
  { server: "https://a.api.example", NO_PROXY: "*.api.example", direct: true },
  { server: "https://api.example:6443", NO_PROXY: "api.example:6443", direct: true },
  { server: "https://api.example", NO_PROXY: "api.example:443", direct: true },
  { server: "https://api.example:6443", NO_PROXY: "api.example:443", direct: false },
  { server: "https://10.1.2.3", NO_PROXY: "10.1.2.3", direct: true },
  { server: "https://10.1.2.3", NO_PROXY: "10.0.0.0/8", direct: true },
  { server: "https://11.1.2.3", NO_PROXY: "10.0.0.0/8", direct: false },
  { server: "https://[fd00::1]:6443", NO_PROXY: "fd00::/8", direct: true },
  { server: "https://[fd00::1]:6443", NO_PROXY: "fd00::1", direct: true },
  { server: "https://[fd00::1]:6443", NO_PROXY: "[fd00::1]:6443", direct: true },
  { server: "https://api.example", NO_PROXY: "10.0.0.0/8, 10.0.0.0/99, /8, ,", direct: false },
];

for (const { name, server, proxyUrl = "", env = {}, want } of choices) {
  t.test(`proxy: ${name}`, async (t) => t.equal(proxyFor({ server, proxyUrl }, env)?.href, want));
}
for (const { server, NO_PROXY, direct } of exclusions) {
  t.test(`NO_PROXY=${NO_PROXY} and ${server}`, async (t) =>
    t.equal(proxyFor({ server, proxyUrl: "" }, { HTTPS_PROXY, NO_PROXY }) === undefined, direct),
  );
}

t.test("an address that is none", async (t) => {
  const env = { HTTPS_PROXY: "http://[" };
  t.throws(() => proxyFor({ server: "https://api.example", proxyUrl: "" }, env), { name: "UserError", kind: "usage" });
});

const api = await startRecordingServer();
t.teardown(() => api.close());
const trusting = { certificateAuthority: api.authority.certPem };
const get = { method: "GET", path: "/probe" } as const;

t.test("requests go through an HTTP proxy, encrypted, with its credentials", async (t) => {
  const tunnels: (string | undefined)[] = [];
  const proxy = createServer();
  proxy.on("connect", ({ url = "", headers }: IncomingMessage, socket: Socket) => {
    tunnels.push(url, headers["proxy-authorization"], headers.authorization);
    const [host = "", port] = url.split(":");
    const upstream = connect(Number(port), host, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    upstream.pipe(socket).pipe(upstream);
  });
  const address = await listen(proxy);
  t.teardown(() => proxy.close());
  const proxyUrl = `http://ann:p%20w@${address}`;
  const transport = transportTo(t, `https://${api.tls}`, { ...trusting, proxyUrl });
  await transport.json(get);
  await transport.json(get);
  t.same(tunnels, [api.tls, `Basic ${Buffer.from("ann:p w").toString("base64")}`, undefined], "one tunnel for both");
  t.equal(api.take("probe").length, 2, "both came through it");
});

t.test("a proxy behind TLS is checked with the cluster's own authority, too", async (t) => {
  const { certPem, keyPem } = await issueCertificate(api.authority, {
    commonName: "proxy",
    ipAddresses: ["127.0.0.1"],
    usage: "server",
  });
  const proxy = createSecureServer({ cert: certPem, key: keyPem });
  proxy.on("connect", ({ url = "" }: IncomingMessage, socket: Socket) => {
    const [host = "", port] = url.split(":");
    const upstream = connect(Number(port), host, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    upstream.pipe(socket).pipe(upstream);
  });
  const proxyUrl = `https://${await listen(proxy)}`;
  t.teardown(() => proxy.close());
  await transportTo(t, `https://${api.tls}`, { ...trusting, proxyUrl }).json(get);
  t.equal(api.take("probe").length, 1);
  const other = await createAuthority("other");
  await t.rejects(transportTo(t, `https://${api.tls}`, { certificateAuthority: other.certPem, proxyUrl }).json(get), {
    kind: "undetermined",
    message: /certificate/,
  });
});

t.test("a proxy's refusal is not the API server's", async (t) => {
  const proxy = createServer();
  proxy.on("connect", (_, socket: Socket) => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno"));
  const proxyUrl = `http://${await listen(proxy)}`;
  t.teardown(() => proxy.close());
  await t.rejects(transportTo(t, `https://${api.tls}`, { ...trusting, proxyUrl }).json(get), {
    name: "UserError",
    kind: "undetermined",
    message: "Unable to connect to the server: the proxy refused the connection: Forbidden",
  });
});

t.test("requests go through a SOCKS proxy, which resolves the name", async (t) => {
  const names: string[] = [];
  const proxy = createTcpServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", (request: Buffer) => {
        const length = request[4] ?? 0;
        names.push(request.subarray(5, 5 + length).toString());
        const upstream = connect(request.readUInt16BE(5 + length), "127.0.0.1", () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          upstream.pipe(socket).pipe(upstream);
        });
      });
    });
  });
  const proxyUrl = `socks5://${await listen(proxy)}`;
  t.teardown(() => proxy.close());
  const port = api.tls.split(":")[1];
  await transportTo(t, `https://cluster.example:${port}`, { ...trusting, proxyUrl }).json(get);
  t.same(names, ["cluster.example"]);
  t.match(api.take("probe"), [{ serverName: "cluster.example" }]);
});
