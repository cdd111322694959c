import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:tls";
import t from "tap";
import { until } from "../until.ts";
import { at, jim, startDirect } from "./direct.ts";
import type { OperatorStandIn } from "./start.ts";

const operatorPath = at("mirrordoperators/operator");

t.test("without the front proxy's certificate nobody is let in, whatever the headers say", async (t) => {
  const direct = await startDirect(t);
  const cases = [
    { name: "no certificate", clientCertificate: null },
    { name: "another authority's", clientCertificate: direct.stranger },
  ];
  for (const { name, clientCertificate } of cases) {
    for (const path of [operatorPath, "/apis", at(""), "/openapi/v2", "/nonsense"]) {
      const answer = await direct.call(path, { clientCertificate });
      t.equal(answer.code, 401, `${name}: ${path}`);
      t.match(answer.json, { kind: "Status", status: "Failure", reason: "Unauthorized", code: 401 });
    }
  }
  const connection = await direct.connect({ target: "deployment.web", clientCertificate: direct.stranger });
  t.match(connection, { ok: false, status: 401 });
  t.same(direct.kube.reviews, []);
  t.equal((await direct.call(operatorPath)).code, 200, "with it, the same request is answered");
});

t.test("a front proxy of another name is refused when names are given", async (t) => {
  const named = await startDirect(t, { frontProxyNames: ["someone-else"] });
  t.equal((await named.call(operatorPath)).code, 401);
  const right = await startDirect(t, { frontProxyNames: ["front-proxy"] });
  t.equal((await right.call(operatorPath)).code, 200);
});

t.test("a TLS session that is resumed without a certificate is not let in", async (t) => {
  const { operator, servingCa } = await startDirect(t);
  const options = { port: operator.port, host: "127.0.0.1", ca: servingCa };
  const ask = async (session?: Buffer) => {
    const socket = connect({ ...options, ...(session === undefined ? {} : { session }) });
    const tickets: Buffer[] = [];
    socket.on("session", (ticket: Buffer) => tickets.push(ticket));
    await once(socket, "secureConnect");
    const resumed = socket.isSessionReused();
    socket.write(`GET ${operatorPath} HTTP/1.1\r\nhost: x\r\nx-remote-user: jim\r\nconnection: close\r\n\r\n`);
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(socket, "close");
    return { text: Buffer.concat(chunks).toString(), resumed, ticket: tickets.at(-1) };
  };
  const first = await ask();
  t.match(first.text, /^HTTP\/1.1 401/);
  const second = await ask(first.ticket);
  t.ok(second.resumed, "the session was resumed");
  t.match(second.text, /^HTTP\/1.1 401/);
});

t.test("a request without a user is refused", async (t) => {
  const { call } = await startDirect(t);
  t.equal((await call(operatorPath, { headers: {} })).code, 401);
  t.equal((await call(operatorPath, { headers: { "x-remote-group": "system:masters" } })).code, 401);
});

t.test("health needs no certificate", async (t) => {
  const { call } = await startDirect(t);
  for (const path of ["/healthz", "/health", "/readyz?verbose"]) {
    const answer = await call(path, { clientCertificate: null, headers: {} });
    t.same([answer.code, answer.text], [200, "ok"]);
  }
});

t.test("discovery names the group, its version and its resources", async (t) => {
  const { call, operator } = await startDirect(t);
  const groupVersion = "operator.metalbear.co/v1";
  t.match((await call("/apis")).json, { kind: "APIGroupList", groups: [{ name: "operator.metalbear.co" }] });
  t.match((await call("/apis/operator.metalbear.co")).json, { kind: "APIGroup", preferredVersion: { groupVersion } });
  const { json } = await call(`/apis/${groupVersion}`);
  t.match(json, { kind: "APIResourceList", groupVersion });
  t.match(JSON.stringify(json), /"name":"mirrordoperators"[^}]*"kind":"MirrordOperator"/);
  t.match(JSON.stringify(json), /"name":"sessions"[^}]*"namespaced":true/);
  for (const path of ["/openapi/v2", "/openapi/v3", "/apis/other/v1", at("nothing"), at("targets/a/b/c")]) {
    t.equal((await call(path)).code, 404, path);
  }
  operator.control.set({ legacy: true });
  const legacy = JSON.stringify((await call(`/apis/${groupVersion}`)).json);
  t.notMatch(legacy, /"sessions"|"proxy"|usercredentials/);
});

t.test("aggregated discovery is not spoken: asking for nothing else is 406", async (t) => {
  const { call } = await startDirect(t);
  const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  t.equal((await call("/apis", { headers: { ...jim, accept: aggregated } })).code, 406);
  t.equal((await call("/apis", { headers: { ...jim, accept: `${aggregated},application/json` } })).code, 200);
  const protobuf = "application/vnd.kubernetes.protobuf";
  t.equal((await call(operatorPath, { headers: { ...jim, accept: protobuf } })).code, 406);
});

t.test("methods that a resource does not have are 405, broken paths 400", async (t) => {
  const { call } = await startDirect(t);
  const cases: [string, string, number][] = [
    ["PUT", "mirrordoperators/operator", 405],
    ["GET", "mirrordclusteroperatorusercredentials", 405],
    ["PATCH", "namespaces/dev/sessions", 405],
    ["POST", "namespaces/dev/targets", 405],
    ["POST", "copytargets", 405],
    ["PUT", "namespaces/dev/copytargets", 405],
    ["GET", "namespaces/dev/sessions?watch=true", 405],
    ["GET", "namespaces/%ff/sessions", 400],
    ["GET", "proxy/namespaces/dev/targets/deployment.web?connect=true", 400],
  ];
  for (const [method, path, code] of cases) {
    const answer = await call(at(path), { method });
    t.equal(answer.code, code, `${method} ${path}`);
    t.match(answer.json, { kind: "Status", code });
  }
});

t.test("a body that is too long is refused", async (t) => {
  const { operator, frontProxy, servingCa } = await startDirect(t);
  const sent = request({
    port: operator.port,
    host: "127.0.0.1",
    ca: servingCa,
    ...frontProxy,
    method: "POST",
    path: at("branchcredentials"),
    headers: jim,
  });
  sent.on("error", () => {});
  sent.write(Buffer.alloc(4 * 1024 * 1024, " "));
  const [response] = await once(sent, "response");
  t.equal(response.statusCode, 413);
  sent.destroy();
});

t.test("the log tells who asked for what, and what became of it", async (t) => {
  const { call, operator } = await startDirect(t);
  await call(`${operatorPath}?limit=1`);
  await call(operatorPath, { clientCertificate: null });
  await call(at("mirrordoperators/other"), { headers: { "x-remote-user": Buffer.from("jüm").toString("latin1") } });
  t.same(operator.requests(), [
    {
      method: "GET",
      path: `${operatorPath}?limit=1`,
      user: "jim",
      groups: ["developers", "system:authenticated"],
      status: 200,
    },
    { method: "GET", path: operatorPath, user: "", groups: [], status: 401 },
    { method: "GET", path: at("mirrordoperators/other"), user: "jüm", groups: [], status: 404 },
  ]);
});

t.test("it can be told to fail", async (t) => {
  const { call, connect: dial, operator } = await startDirect(t);
  operator.control.fail({ match: { method: "GET", pathIncludes: "mirrordoperators" }, how: 503, times: 2 });
  t.match((await call(operatorPath)).json, { kind: "Status", code: 503 });
  t.equal((await call("/apis")).code, 200, "what does not match is answered");
  t.equal((await call(operatorPath)).code, 503);
  t.equal((await call(operatorPath)).code, 200, "and then the truth again");

  operator.control.fail({ how: "garbage", times: 1 });
  const garbage = await call(operatorPath);
  t.same([garbage.code, garbage.json], [200, undefined]);

  operator.control.fail({ how: "close", times: 1 });
  await t.rejects(call(operatorPath), { code: "ECONNRESET" });

  operator.control.fail({ how: "hang", times: 1 });
  const hanging = call(operatorPath).then(
    () => "answered",
    () => "cut off",
  );
  t.equal((await call(operatorPath)).code, 200, "others are answered meanwhile");

  operator.control.fail({ how: "hang", times: 1 });
  const hangingConnect = dial({ target: "deployment.web" }).then(
    () => "answered",
    () => "cut off",
  );
  await untilLogged(operator, "/proxy/");

  operator.control.fail({ match: { pathIncludes: "/proxy/" }, how: 500 });
  t.match(await dial({ target: "deployment.web" }), { ok: false, status: 500 });
  operator.control.recover();
  const connection = await dial({ target: "deployment.web" });
  t.ok(connection.ok);

  await operator.stop();
  t.equal(await hanging, "cut off");
  t.equal(await hangingConnect, "cut off");
});

t.test("a stop ends every connection and settles", async (t) => {
  const { connect: dial, operator } = await startDirect(t);
  const connection = await dial({ target: "deployment.web" });
  await operator.stop();
  t.ok(connection.ok);
  if (connection.ok) t.match(await connection.closed, { code: 1001 });
});

async function untilLogged(operator: OperatorStandIn, pathIncludes: string): Promise<void> {
  await until(`a request to ${pathIncludes} arrived`, () =>
    operator.requests().some(({ path }) => path.includes(pathIncludes)),
  );
}
