import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import t from "tap";
import { openClient } from "../../../lib/kube/http/open-client.ts";
import { connectionTo } from "../fake-api.ts";
import { listen } from "../recording-server.ts";

const { signal } = new AbortController();
const unusable = "-----BEGIN RSA PRIVATE KEY-----\nbm90aGluZw==\n-----END RSA PRIVATE KEY-----\n";

/** What was done, in order: a connection was made, it called the server, and the server's authority was looked at. */
async function stepsTo(server: string): Promise<{ steps: string[]; sockets: Socket[]; failure: unknown }> {
  const steps: string[] = [];
  const sockets: Socket[] = [];
  const config = {
    ...connectionTo(server),
    get certificateAuthority() {
      // The system gives a connection its port when it begins to call.
      if (sockets[0]?.localPort !== undefined) steps.push("call");
      steps.push("authority");
      return unusable;
    },
  };
  const began = (message: unknown): void => {
    steps.push("connection");
    sockets.push((message as { socket: Socket }).socket);
  };
  subscribe("net.client.socket", began);
  try {
    const failure = await openClient(config, undefined, { env: {}, signal }).catch((error: unknown) => error);
    return { steps, sockets, failure };
  } finally {
    unsubscribe("net.client.socket", began);
  }
}

t.test("the connection is on its way before anything of TLS is made ready", async (t) => {
  const server = createServer();
  const address = await listen(server);
  t.teardown(() => server.close());
  const { steps, sockets, failure } = await stepsTo(`https://${address}`);
  t.same(steps.slice(0, 3), ["connection", "call", "authority"]);
  t.match(failure, { kind: "usage", message: /^unable to load root certificates/ });
  t.same(
    sockets.map(({ destroyed }) => destroyed),
    [true],
    "it is given up when there can be no TLS",
  );
});

t.test("certificates that cannot be used are what is told, also where nobody listens", async (t) => {
  const server = createServer();
  const address = await listen(server);
  server.close();
  await once(server, "close");
  const { failure } = await stepsTo(`https://${address}`);
  t.match(failure, { kind: "usage", message: /^unable to load root certificates/ });
});

t.test("a refusal that came before TLS was ready is heard", async (t) => {
  const server = createServer();
  const address = await listen(server);
  server.close();
  await once(server, "close");
  const opened = openClient(connectionTo(`https://${address}`, { insecureSkipTlsVerify: true }), undefined, {
    env: {},
    signal,
  });
  await t.rejects(opened, { code: "ECONNREFUSED" });
});
