import t from "tap";
import { createFrameReader, encodeFrame, opcodes } from "./frames.ts";

const mask = Buffer.from([1, 2, 3, 4]);

t.test("a frame of any length is read as it was written, however it is cut", async (t) => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 200_000]) {
    const payload = Buffer.alloc(length, "kubectl");
    for (const masked of [true, false]) {
      const bytes = encodeFrame(opcodes.text, payload, masked ? mask : undefined);
      const reader = createFrameReader(masked, 200_000);
      const cuts = [1, 2, 5, 9, 13, bytes.length - 1].filter((cut) => cut < bytes.length);
      const parts = [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));
      const frames = parts.flatMap((part) => reader.push(part));
      t.equal(frames.length, 1, `${length} bytes`);
      t.ok(frames[0]?.payload.equals(payload));
    }
  }
});

t.test("several frames may arrive at once", async (t) => {
  const bytes = Buffer.concat([
    encodeFrame(opcodes.ping, Buffer.from("a"), mask),
    encodeFrame(opcodes.text, Buffer.from("b"), mask),
  ]);
  const frames = createFrameReader(true, 100).push(bytes);
  t.same(
    frames.map(({ opcode, payload }) => [opcode, payload.toString()]),
    [
      [opcodes.ping, "a"],
      [opcodes.text, "b"],
    ],
  );
});

const broken: { name: string; bytes: number[]; code: number }[] = [
  { name: "a reserved bit", bytes: [0xc1, 0x80], code: 1002 },
  { name: "an unknown opcode", bytes: [0x83, 0x80], code: 1002 },
  { name: "no mask", bytes: [0x81, 0x00], code: 1002 },
  { name: "a fragmented ping", bytes: [0x09, 0x80], code: 1002 },
  { name: "a ping that is too long", bytes: [0x89, 0xfe], code: 1002 },
  { name: "more than the limit", bytes: [0x81, 0xfe, 0x04, 0x01, 1, 2, 3, 4], code: 1009 },
  { name: "a length of 2^64 - 1", bytes: [0x81, 0xff, ...Array<number>(8).fill(0xff), 1, 2, 3, 4], code: 1009 },
];
for (const { name, bytes, code } of broken) {
  t.test(`${name} breaks the protocol`, async (t) => {
    const reader = createFrameReader(true, 1024);
    t.throws(() => reader.push(Buffer.from(bytes)), { name: "ProtocolError", code });
  });
}

t.test("a client takes no masked frames", async (t) => {
  const frame = encodeFrame(opcodes.text, Buffer.from("a"), mask);
  t.throws(() => createFrameReader(false, 100).push(frame), { code: 1002 });
});
