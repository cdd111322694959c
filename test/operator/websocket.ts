import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { RawData, WebSocket } from "ws";
import { badRequest } from "./status.ts";

/** What kube's clients offer for a connect, and what is echoed. */
export const channelProtocol = "v4.channel.k8s.io";

/** Bytes of a message, and milliseconds that a peer has to answer a close frame before it is cut off. */
export const connectionLimits = { maxPayload: 1024 * 1024, closeTimeout: 1000, perMessageDeflate: false };

/**
 * The server's half of the handshake. Rejects with a Refusal (400) for anything but a complete one that offers our
 * subprotocol. The socket's listeners have to be set before anything else is waited for.
 */
export async function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",");
  if (!offered.some((protocol) => protocol.trim() === channelProtocol)) {
    throw badRequest(`unable to upgrade: the client does not offer ${channelProtocol}`);
  }
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => channelProtocol, ...connectionLimits });
  return new Promise((resolve, reject) => {
    const refuse = (why: string) => reject(badRequest(`unable to upgrade: ${why}`));
    server.on("wsClientError", (error) => refuse(error.message));
    socket.once("close", () => refuse("the client is gone"));
    server.handleUpgrade(request, socket, head, resolve);
  });
}

/** How the connection ends: with the peer's close frame, or 1006 when there was none. Never rejects. */
export function connectionEnd(socket: WebSocket): Promise<{ code: number; reason: string }> {
  // A peer that breaks the protocol is told so and cut off; the close that follows is what counts.
  socket.on("error", () => {});
  return new Promise((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
  });
}

/** A message comes as one Buffer unless the library is told otherwise. */
export function messageText(data: RawData): string {
  if (!Buffer.isBuffer(data)) throw new Error("a message came in pieces");
  return data.toString("utf8");
}
