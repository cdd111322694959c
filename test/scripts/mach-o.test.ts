import t from "tap";
import { adHocSigned } from "../../scripts/mach-o.ts";
import { readSignature } from "../krew/mach-o-reader.ts";

const segmentBytes = 72;
const sectionBytes = 80;
const textEnd = 0x4000;

/** A program of two segments, with `room` bytes between its commands and its code. */
function program({
  room = 64,
  linkEdit = 5000,
  names = ["__TEXT", "__LINKEDIT"],
  magic = 0xfeedfacf,
  size = 0,
} = {}): Buffer {
  const commands = 2 * segmentBytes + sectionBytes;
  const bytes = Buffer.alloc(textEnd + linkEdit + size, 0xab);
  bytes.fill(0, 0, 32 + commands + room);
  for (const [index, value] of [magic, 0x0100000c, 0, 2, 2, commands].entries()) bytes.writeUInt32LE(value, index * 4);
  const text = segment(bytes, 32, names[0] ?? "", [0, textEnd, 0, textEnd]);
  bytes.writeUInt32LE(1, text + 64);
  bytes.writeUInt32LE(segmentBytes + sectionBytes, text + 4);
  bytes.writeUInt32LE(32 + commands + room, text + segmentBytes + 48);
  segment(bytes, 32 + segmentBytes + sectionBytes, names[1] ?? "", [textEnd, 0x4000, textEnd, linkEdit]);
  return bytes;
}

function segment(bytes: Buffer, at: number, name: string, places: readonly number[]): number {
  bytes.writeUInt32LE(0x19, at);
  bytes.writeUInt32LE(segmentBytes, at + 4);
  bytes.write(name, at + 8, "latin1");
  for (const [index, value] of places.entries()) bytes.writeBigUInt64LE(BigInt(value), at + 24 + index * 8);
  return at;
}

for (const { name, given } of [
  { name: "a program", given: program() },
  { name: "a program whose end is not aligned", given: program({ linkEdit: 5003 }) },
  { name: "a program of whole pages", given: program({ linkEdit: 4096 }) },
  { name: "a program that has just the room", given: program({ room: 16 }) },
  { name: "a program with many pages", given: program({ linkEdit: 600_000 }) },
])
  t.test(`${name} gets an ad hoc signature that covers it`, async (t) => {
    t.equal(readSignature(given), undefined);
    const signed = adHocSigned(given, "kubectl-mirrord");
    t.same(readSignature(signed), { identifier: "kubectl-mirrord", isAdHoc: true, faults: [] });
    t.same(adHocSigned(given, "kubectl-mirrord"), signed, "the same twice");
    t.same(signed.subarray(400, textEnd), given.subarray(400, textEnd), "the code is as it was");
  });

t.test("a byte that is changed afterwards is found", async (t) => {
  const signed = adHocSigned(program(), "x");
  for (const at of [8, textEnd - 1, textEnd + 10]) {
    const changed = Buffer.from(signed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.match(readSignature(changed)?.faults, [/page \d is not the one that was signed/], `byte ${at}`);
  }
  const longer = Buffer.concat([signed, Buffer.alloc(16)]);
  t.match(readSignature(longer)?.faults, [
    "__LINKEDIT does not end with the file",
    "the signature does not end with the file",
  ]);
});

for (const { name, given, want } of [
  { name: "another format", given: program({ magic: 0x464c457f }), want: /not a 64-bit Mach-O/ },
  { name: "an empty file", given: Buffer.alloc(0), want: /not a 64-bit Mach-O/ },
  { name: "no room for the command", given: program({ room: 15 }), want: /no room/ },
  { name: "a segment missing", given: program({ names: ["__TEXT", "__DATA"] }), want: /no __TEXT or no __LINKEDIT/ },
  { name: "something behind the last segment", given: program({ size: 1 }), want: /not the end/ },
  { name: "a signature", given: adHocSigned(program(), "x"), want: /signed already/ },
])
  t.test(`a program with ${name} is not signed`, async (t) => {
    t.throws(() => adHocSigned(given, "x"), want);
  });
