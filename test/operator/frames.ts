// The frames of RFC 6455, both directions: no I/O here.

export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export interface Frame {
  final: boolean;
  opcode: number;
  payload: Buffer;
}

/** A peer broke the protocol; `code` is what the close frame in answer says (RFC 6455 section 7.4.1). */
export class ProtocolError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
  }
}

/** @param mask four bytes, for frames from a client */
export function encodeFrame(opcode: number, payload: Buffer, mask?: Buffer): Buffer {
  const maskBit = mask === undefined ? 0 : 0x80;
  const header = lengthHeader(payload.length, maskBit);
  header.writeUInt8(0x80 | opcode, 0);
  if (mask === undefined) return Buffer.concat([header, payload]);
  return Buffer.concat([header, mask, masked(payload, mask)]);
}

function lengthHeader(length: number, maskBit: number): Buffer {
  if (length < 126) return Buffer.from([0, maskBit | length]);
  if (length < 65_536) {
    const header = Buffer.from([0, maskBit | 126, 0, 0]);
    header.writeUInt16BE(length, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header.writeUInt8(maskBit | 127, 1);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

function masked(payload: Buffer, mask: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)));
}

export interface FrameReader {
  /** The frames that these bytes complete. Throws ProtocolError. */
  push(chunk: Buffer): Frame[];
}

/** @param expectMasked whether the peer is a client: its frames must be masked, a server's must not */
export function createFrameReader(expectMasked: boolean, maxPayloadBytes: number): FrameReader {
  let pending: Buffer = Buffer.alloc(0);

  function next(): Frame | undefined {
    const header = readHeader(pending, expectMasked, maxPayloadBytes);
    if (header === undefined || pending.length < header.payloadAt + header.length) return undefined;
    const { final, opcode, payloadAt, length } = header;
    const raw = pending.subarray(payloadAt, payloadAt + length);
    const payload = expectMasked ? masked(raw, pending.subarray(payloadAt - 4, payloadAt)) : raw;
    pending = pending.subarray(payloadAt + length);
    return { final, opcode, payload };
  }

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const frames: Frame[] = [];
      for (let frame = next(); frame !== undefined; frame = next()) frames.push(frame);
      return frames;
    },
  };
}

interface FrameHeader {
  final: boolean;
  opcode: number;
  length: number;
  payloadAt: number;
}

function readHeader(bytes: Buffer, expectMasked: boolean, max: number): FrameHeader | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  const [final, opcode] = [(first & 0x80) !== 0, first & 0x0f];
  if ((first & 0x70) !== 0) throw new ProtocolError(1002, "reserved bits are set");
  if (!Object.values<number>(opcodes).includes(opcode)) throw new ProtocolError(1002, `unknown opcode ${opcode}`);
  if (((second & 0x80) !== 0) !== expectMasked)
    throw new ProtocolError(1002, expectMasked ? "frame is not masked" : "frame is masked");
  const short = second & 0x7f;
  if (opcode >= opcodes.close && (!final || short > 125))
    throw new ProtocolError(1002, "control frame is fragmented or too long");
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const payloadAt = 2 + lengthBytes + (expectMasked ? 4 : 0);
  if (bytes.length < payloadAt) return undefined;
  const length = readLength(bytes, short);
  if (length > BigInt(max)) throw new ProtocolError(1009, `frame is longer than ${max} bytes`);
  return { final, opcode, length: Number(length), payloadAt };
}

function readLength(bytes: Buffer, short: number): bigint {
  if (short === 126) return BigInt(bytes.readUInt16BE(2));
  return short === 127 ? bytes.readBigUInt64BE(2) : BigInt(short);
}
