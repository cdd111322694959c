import t from "tap";
import { until } from "../until.ts";
import { at, jim, startDirect } from "./direct.ts";
import type { Direct } from "./direct.ts";
import { channelProtocol } from "./websocket.ts";

const policies = "/apis/policies.mirrord.metalbear.co/v1alpha/namespaces/dev/mirrordpolicies";

function block(direct: Direct, ...blocks: string[]) {
  direct.kube.objects.set(policies, { items: [{ metadata: { name: "p" }, spec: { block: blocks } }] });
}

async function untilSessions({ operator }: Direct, count: number): Promise<void> {
  await until(`there are ${count} sessions`, () => operator.sessions().length === count);
}

t.test("a connection is a session, until it is closed", async (t) => {
  const direct = await startDirect(t, { clock: () => new Date("2026-01-01T00:00:00Z") });
  const headers = {
    "x-session-id": "5224175567749775021",
    "x-client-name": "Jim Raynor",
    "x-client-hostname": "laptop",
  };
  const connection = await direct.connect({ target: "deploy.web.container.nginx", headers, parameters: { key: "k" } });
  t.same(direct.operator.sessions(), [
    {
      id: "487FFFFFFFFFFEAD",
      duration_secs: 0,
      user: "Jim Raynor/jim@laptop",
      target: "deployment/web/container/nginx",
      namespace: "dev",
      locked_ports: [],
      user_id: null,
      sqs: null,
      rmq: null,
      kafka: null,
      key: "k",
    },
  ]);
  if (connection.ok) await connection.close();
  await untilSessions(direct, 0);
  t.ok(connection.ok);
});

t.test("a subscription is decided by the policies of that moment, and locks its port", async (t) => {
  const direct = await startDirect(t);
  const connection = await direct.connect({ target: "deployment.web" });
  if (!connection.ok) return t.fail(connection.message);
  const steal = { subscribe: "steal", port: 80 } as const;
  t.same(await connection.subscribe(steal), { ok: true });
  block(direct, "steal-without-filter");
  t.match(await connection.subscribe(steal), {
    ok: false,
    policy: "p",
    message: /^Stealing traffic from port 80 is forbidden by the mirrord policy "p" for this target \(.*\)\.$/,
  });
  t.same(await connection.subscribe({ ...steal, filter: { header: "a" } }), { ok: true });
  t.same(await connection.subscribe({ subscribe: "mirror", port: 81 }), { ok: true });
  const locks = [
    { port: 80, kind: "steal", filter: "header=a" },
    { port: 81, kind: "mirror", filter: null },
  ];
  t.match(direct.operator.sessions(), [{ locked_ports: locks }]);
  const portLocks = await direct.call(at("namespaces/dev/targets/deployment.web/port-locks"));
  t.match(portLocks.json, { kind: "Target", port_locks: locks });
});

t.test("what is no subscription is answered, not obeyed", async (t) => {
  const direct = await startDirect(t);
  const connection = await direct.connect({ target: "deployment.web" });
  if (!connection.ok) return t.fail(connection.message);
  for (const text of ["", "null", '{"subscribe":"everything","port":80}']) {
    t.same(await connection.send(text), { ok: false, message: "the message is no subscription" });
  }
  t.match(direct.operator.sessions(), [{ locked_ports: { length: 0 } }]);
});

t.test("a binary message ends the connection: the stand-in does not speak mirrord's protocol", async (t) => {
  const direct = await startDirect(t);
  const connection = await direct.connect({ target: "deployment.web" });
  if (!connection.ok) return t.fail(connection.message);
  await t.rejects(connection.send(Buffer.from([1, 2, 3])), /1003/);
  t.match(await connection.closed, { code: 1003, reason: "the stand-in does not speak the mirrord protocol" });
  await untilSessions(direct, 0);
});

t.test("a handshake that is none is no session", async (t) => {
  const direct = await startDirect(t);
  const handshake = {
    ...jim,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "7",
    "sec-websocket-key": Buffer.alloc(16).toString("base64"),
    "sec-websocket-protocol": channelProtocol,
  };
  const path = at("proxy/namespaces/dev/targets/deployment.web?connect=true");
  const { code, json } = await direct.call(path, { headers: handshake });
  t.equal(code, 400);
  t.match(json, { kind: "Status", reason: "BadRequest", message: /^unable to upgrade: .*Version/ });
  t.same(direct.operator.sessions(), []);
});

t.test("policies that cannot be read let nothing through", async (t) => {
  const direct = await startDirect(t);
  const connection = await direct.connect({ target: "deployment.web" });
  direct.kube.objects.set(policies, 403);
  if (connection.ok)
    t.match(await connection.subscribe({ subscribe: "mirror", port: 80 }), { ok: false, message: /403/ });
  t.ok(connection.ok);
});

t.test("messages are answered in their order", async (t) => {
  const direct = await startDirect(t);
  const connection = await direct.connect({ target: "deployment.web" });
  if (!connection.ok) return t.fail(connection.message);
  const answers = await Promise.all([
    connection.send('{"subscribe":"mirror","port":80}'),
    connection.send("nonsense"),
    connection.send('{"subscribe":"steal","port":81}'),
  ]);
  t.match(answers, [{ ok: true }, { ok: false }, { ok: true }]);
});

t.test("the same session may be resumed by its user only", async (t) => {
  const direct = await startDirect(t);
  const headers = { "x-session-id": "7" };
  const first = await direct.connect({ target: "deployment.web", headers });
  const other = { ...headers, "x-remote-user": "sarah" };
  t.match(await direct.connect({ target: "deployment.web", headers: other }), { ok: false, status: 409 });
  const second = await direct.connect({ target: "deployment.web", headers });
  t.ok(first.ok && second.ok);
  if (first.ok) await first.closed;
  t.match(direct.operator.sessions(), [{ id: "7" }], "the first connection's end does not end the session");
  if (second.ok) await second.close();
  await untilSessions(direct, 0);
});

t.test("a client that floods its connection loses it", async (t) => {
  const direct = await startDirect(t);
  const connection = await direct.connect({ target: "deployment.web" });
  if (!connection.ok) return t.fail(connection.message);
  const answers = Array.from({ length: 500 }, () => connection.send('{"subscribe":"mirror","port":80}'));
  const settled = await Promise.allSettled(answers);
  t.ok(settled.some(({ status }) => status === "rejected"));
  t.match(await connection.closed, { code: 1008 });
  await untilSessions(direct, 0);
});
