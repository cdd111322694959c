import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import t from "tap";
import type { Test } from "tap";
import type { Channel } from "./channel.ts";
import { createFrameReader, encodeFrame, opcodes } from "./frames.ts";
import { acceptWebSocket, channelProtocol } from "./websocket.ts";

interface Echo {
  port: number;
  channels: Channel[];
}

/** Answers every text with itself. */
async function startEcho(t: Test): Promise<Echo> {
  const channels: Channel[] = [];
  const server = createServer();
  server.on("upgrade", (incoming, socket, head) => {
    try {
      const channel = acceptWebSocket(incoming, socket, head, {
        onText: (text) => channel.sendText(text),
        onBinary: () => channel.close(1003, "text only"),
      });
      channels.push(channel);
    } catch {
      socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const channel of channels) channel.destroy();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, channels };
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
  const { port, channels } = await startEcho(t);
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, channelProtocol);
  await once(socket, "open");
  channels[0]?.close(1001, "session stopped");
  const [closed] = await once(socket, "close");
  t.match(closed, { code: 1001, reason: "session stopped", wasClean: true });
});

t.test("a binary message is refused", async (t) => {
  const { port } = await startEcho(t);
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, channelProtocol);
  await once(socket, "open");
  socket.send(new Uint8Array([1, 2, 3]));
  const [closed] = await once(socket, "close");
  t.equal(closed.code, 1003);
});

const mask = Buffer.from([9, 8, 7, 6]);

async function rawClient(t: Test): Promise<{ socket: Socket; echo: Echo }> {
  const echo = await startEcho(t);
  const socket = connect(echo.port, "127.0.0.1");
  t.teardown(() => socket.destroy());
  const key = Buffer.alloc(16).toString("base64");
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: v5.channel.k8s.io, ${channelProtocol}\r\n\r\n`,
  );
  const [answer] = await once(socket, "data");
  t.match(String(answer), /^HTTP\/1.1 101 [\s\S]*Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n/);
  return { socket, echo };
}

async function nextFrame(socket: Socket): Promise<{ opcode: number; payload: Buffer }> {
  const reader = createFrameReader(false, 1024);
  for (;;) {
    const [chunk] = await once(socket, "data");
    const [frame] = reader.push(chunk);
    if (frame !== undefined) return frame;
  }
}

t.test("fragments are put together, with a ping answered in between", async (t) => {
  const { socket } = await rawClient(t);
  const first = encodeFrame(opcodes.text, Buffer.from("mir"), mask);
  first.writeUInt8(opcodes.text, 0);
  socket.write(first);
  socket.write(encodeFrame(opcodes.ping, Buffer.from("?"), mask));
  const pong = await nextFrame(socket);
  t.same([pong.opcode, pong.payload.toString()], [opcodes.pong, "?"]);
  socket.write(encodeFrame(opcodes.continuation, Buffer.from("rord"), mask));
  t.equal((await nextFrame(socket)).payload.toString(), "mirrord");
});

const offences: { name: string; bytes: Buffer; code: number }[] = [
  { name: "text that is not UTF-8", bytes: encodeFrame(opcodes.text, Buffer.from([0xff]), mask), code: 1007 },
  { name: "a continuation of nothing", bytes: encodeFrame(opcodes.continuation, Buffer.alloc(1), mask), code: 1002 },
  {
    name: "a close code that may not be sent",
    bytes: encodeFrame(opcodes.close, Buffer.from([3, 0xee]), mask),
    code: 1002,
  },
  { name: "a close with half a code", bytes: encodeFrame(opcodes.close, Buffer.from([3]), mask), code: 1002 },
  { name: "a frame without mask", bytes: encodeFrame(opcodes.text, Buffer.from("a")), code: 1002 },
];
for (const { name, bytes, code } of offences) {
  t.test(`${name} ends the connection with ${code}`, async (t) => {
    const { socket, echo } = await rawClient(t);
    const ended = once(socket, "close");
    socket.write(bytes);
    const close = await nextFrame(socket);
    t.same([close.opcode, close.payload.readUInt16BE(0)], [opcodes.close, code]);
    await ended;
    t.equal((await echo.channels[0]?.closed)?.code, code);
  });
}

t.test("a connection that breaks off without a close frame ends with 1006", async (t) => {
  const { socket, echo } = await rawClient(t);
  socket.resetAndDestroy();
  t.equal((await echo.channels[0]?.closed)?.code, 1006);
});

const badHandshakes: { name: string; headers: Record<string, string> }[] = [
  { name: "another version", headers: { "sec-websocket-version": "8" } },
  { name: "a short key", headers: { "sec-websocket-key": "AAAA" } },
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
