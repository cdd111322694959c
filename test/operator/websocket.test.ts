import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import t from "tap";
import type { Test } from "tap";
import type { WebSocket as Connection } from "ws";
import { acceptWebSocket, channelProtocol, connectionEnd } from "./websocket.ts";

interface Echo {
  port: number;
  connections: Connection[];
}

/** Answers every message with itself. */
async function startEcho(t: Test): Promise<Echo> {
  const connections: Connection[] = [];
  const server = createServer();
  server.on("upgrade", (incoming, socket, head) => {
    acceptWebSocket(incoming, socket, head).then(
      (connection) => {
        connection.on("message", (data, binary) => connection.send(data, { binary }));
        connections.push(connection);
      },
      () => socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const connection of connections) connection.terminate();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, connections };
}

t.test("a WebSocket client of another make understands us", async (t) => {
  const { port } = await startEcho(t);
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, channelProtocol);
  await once(socket, "open");
  t.equal(socket.protocol, channelProtocol);
  for (const text of ["", "jüm ☃", "x".repeat(70_000)]) {
    socket.send(text);
    const [event] = await once(socket, "message");
    t.equal(event.data, text);
  }
  socket.close(1000, "done");
  const [closed] = await once(socket, "close");
  t.match(closed, { code: 1000, wasClean: true });
});

t.test("our close reaches the client with code and reason", async (t) => {
  const { port, connections } = await startEcho(t);
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, channelProtocol);
  await once(socket, "open");
  connections[0]?.close(1001, "session stopped");
  const [closed] = await once(socket, "close");
  t.match(closed, { code: 1001, reason: "session stopped", wasClean: true });
});

async function rawClient(t: Test): Promise<{ socket: Socket; end: ReturnType<typeof connectionEnd> }> {
  const { port, connections } = await startEcho(t);
  const socket = connect(port, "127.0.0.1");
  t.teardown(() => socket.destroy());
  const key = Buffer.alloc(16).toString("base64");
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: v5.channel.k8s.io, ${channelProtocol}\r\n\r\n`,
  );
  const [answer] = await once(socket, "data");
  t.match(String(answer), /^HTTP\/1.1 101 [\s\S]*Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n/);
  const [connection] = connections;
  if (connection === undefined) throw new Error("the server accepted no connection");
  return { socket, end: connectionEnd(connection) };
}

t.test("a peer that breaks the protocol is told so and cut off", async (t) => {
  const { socket, end } = await rawClient(t);
  const closed = once(socket, "close");
  const textWithoutMask = Buffer.from([0x81, 0x01, 0x61]);
  socket.write(textWithoutMask);
  const [frame] = await once(socket, "data");
  t.same([...frame.subarray(0, 4)], [0x88, 0x02, 1002 >> 8, 1002 & 0xff]);
  socket.end();
  await closed;
  t.match(await end, { code: 1006 });
});

t.test("a connection that breaks off without a close frame ends with 1006", async (t) => {
  const { socket, end } = await rawClient(t);
  socket.resetAndDestroy();
  t.match(await end, { code: 1006 });
});

const badHandshakes: { name: string; headers: Record<string, string> }[] = [
  { name: "another version", headers: { "sec-websocket-version": "7" } },
  { name: "a short key", headers: { "sec-websocket-key": "AAAA" } },
  { name: "a list of subprotocols that is none", headers: { "sec-websocket-protocol": `${channelProtocol},,` } },
  { name: "none of our subprotocols", headers: { "sec-websocket-protocol": "v5.channel.k8s.io" } },
  { name: "another upgrade", headers: { upgrade: "SPDY/3.1" } },
];
for (const { name, headers } of badHandshakes) {
  t.test(`a handshake with ${name} is refused`, async (t) => {
    const { port } = await startEcho(t);
    const sent = request({
      port,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": Buffer.alloc(16).toString("base64"),
        "sec-websocket-protocol": channelProtocol,
        ...headers,
      },
    });
    sent.end();
    const [response] = await once(sent, "response");
    t.equal(response.statusCode, 400);
    response.resume();
  });
}
