import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { TextDecoder } from "node:util";
import { ProtocolError, createFrameReader, encodeFrame, opcodes } from "./frames.ts";
import type { Frame } from "./frames.ts";

/** An open WebSocket, on either side. */
export interface Channel {
  sendText(text: string): void;
  /** The closing handshake; a peer that does not answer within a second is cut off. */
  close(code: number, reason: string): void;
  /** Cuts the connection without a word. */
  destroy(): void;
  /** How it ended: the peer's close frame, or 1006 when there was none. Never rejects. */
  readonly closed: Promise<{ code: number; reason: string }>;
}

export interface ChannelOptions {
  role: "server" | "client";
  onText(text: string): void;
  onBinary(): void;
}

const maxMessageBytes = 1024 * 1024;
const closePatienceMs = 1000;

/**
 * Speaks the frames of RFC 6455 over a socket whose handshake is done.
 * @param head what had arrived behind the handshake
 */
export function openChannel(socket: Duplex, head: Buffer, options: ChannelOptions): Channel {
  const isClient = options.role === "client";
  const reader = createFrameReader(!isClient, maxMessageBytes);
  const messages = createAssembler(options);
  let ending = { code: 1006, reason: "" };
  let closeSent = false;

  function send(opcode: number, payload: Buffer): void {
    if (socket.writable) {
      socket.write(encodeFrame(opcode, payload, isClient ? randomBytes(4) : undefined));
    }
  }

  function sendClose(code: number, reason: string): void {
    if (closeSent) return;
    closeSent = true;
    send(opcodes.close, closePayload(code, reason));
  }

  function finish(code: number, reason: string): void {
    sendClose(code, reason);
    setTimeout(() => socket.destroy(), closePatienceMs).unref();
  }

  function accept(frame: Frame): void {
    if (frame.opcode === opcodes.ping) send(opcodes.pong, frame.payload);
    else if (frame.opcode === opcodes.close) {
      ending = readClose(frame.payload);
      sendClose(ending.code === 1005 ? 1000 : ending.code, "");
      socket.end();
    } else if (frame.opcode !== opcodes.pong) messages.push(frame);
  }

  function receive(chunk: Buffer): void {
    try {
      for (const frame of reader.push(chunk)) if (!socket.writableEnded) accept(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      ending = { code: error.code, reason: error.message };
      sendClose(error.code, error.message);
      socket.end();
    }
  }

  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", () => resolve(ending));
  });
  // A reset shows as a close without a close frame: 1006.
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("data", receive);
  if (head.length > 0) receive(head);
  socket.resume();

  return {
    sendText: (text) => send(opcodes.text, Buffer.from(text, "utf8")),
    close: finish,
    destroy: () => socket.destroy(),
    closed,
  };
}

/** Puts the fragments of a message together. */
function createAssembler(listener: Pick<ChannelOptions, "onText" | "onBinary">): { push(frame: Frame): void } {
  let opcode: number = opcodes.continuation;
  let parts: Buffer[] = [];

  return {
    push(frame) {
      const begun = parts.length > 0;
      if ((frame.opcode === opcodes.continuation) !== begun) {
        throw new ProtocolError(1002, "fragments are out of order");
      }
      if (!begun) opcode = frame.opcode;
      parts.push(frame.payload);
      if (parts.reduce((total, part) => total + part.length, 0) > maxMessageBytes) {
        throw new ProtocolError(1009, `message is longer than ${maxMessageBytes} bytes`);
      }
      if (!frame.final) return;
      const message = Buffer.concat(parts);
      parts = [];
      if (opcode === opcodes.binary) listener.onBinary();
      else listener.onText(utf8(message));
    },
  };
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ProtocolError(1007, "text is not UTF-8");
  }
}

function closePayload(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  // A control frame holds 125 bytes; a cut character would not be UTF-8, so what is cut is ASCII only.
  return Buffer.concat([payload, Buffer.from(reason.replaceAll(/[^ -~]/g, "?").slice(0, 123))]);
}

function readClose(payload: Buffer): { code: number; reason: string } {
  if (payload.length === 0) return { code: 1005, reason: "" };
  if (payload.length === 1) throw new ProtocolError(1002, "close code is cut off");
  const code = payload.readUInt16BE(0);
  const sendable =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!sendable) throw new ProtocolError(1002, `close code ${code} may not be sent`);
  return { code, reason: utf8(payload.subarray(2)) };
}
