import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { openChannel } from "./channel.ts";
import type { Channel, ChannelOptions } from "./channel.ts";
import { badRequest } from "./status.ts";

/** What kube's clients offer for a connect, and what is echoed. */
export const channelProtocol = "v4.channel.k8s.io";

/** RFC 6455 section 4.2.2: proves that the server understood the handshake. */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** Throws a Refusal (400) for anything but a complete version 13 handshake that offers our subprotocol. */
export function checkHandshake(request: IncomingMessage): { key: string } {
  const { upgrade, "sec-websocket-key": key = "", "sec-websocket-version": version } = request.headers;
  if (upgrade?.toLowerCase() !== "websocket") throw badRequest("unable to upgrade: not a websocket");
  if (version !== "13") throw badRequest("unable to upgrade: websocket version is not 13");
  if (Buffer.from(key, "base64").length !== 16) throw badRequest("unable to upgrade: bad websocket key");
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",");
  if (!offered.some((protocol) => protocol.trim() === channelProtocol)) {
    throw badRequest(`unable to upgrade: the client does not offer ${channelProtocol}`);
  }
  return { key };
}

/** The server's half of the handshake, then the open channel. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  handlers: Omit<ChannelOptions, "role">,
): Channel {
  const { key } = checkHandshake(request);
  socket.write(
    [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${acceptKey(key)}`,
      `Sec-WebSocket-Protocol: ${channelProtocol}`,
      "\r\n",
    ].join("\r\n"),
  );
  return openChannel(socket, head, { role: "server", ...handlers });
}
