// Reads the signature of a Mach-O program as macOS does, and says what is wrong with it. It shares nothing with what signs.
import { createHash } from "node:crypto";

interface Command {
  kind: number;
  at: number;
}

export interface Signature {
  identifier: string;
  isAdHoc: boolean;
  /** What macOS would not accept. */
  faults: string[];
}

const SEGMENT = 0x19;
const SIGNATURE = 0x1d;
const EMBEDDED = 0xfade0cc0;
const DIRECTORY = 0xfade0c02;
const hashes: Readonly<Record<number, string>> = { 1: "sha1", 2: "sha256" };

/** Undefined for a program without a signature. A certificate behind it is not looked at. */
export function readSignature(program: Buffer): Signature | undefined {
  if (program.readUInt32LE(0) !== 0xfeedfacf) throw new Error("not a 64-bit Mach-O file");
  const commands = readCommands(program);
  const command = commands.find(({ kind }) => kind === SIGNATURE);
  if (command === undefined) return undefined;
  const [start, size] = [program.readUInt32LE(command.at + 8), program.readUInt32LE(command.at + 12)];
  const blob = program.subarray(start, start + size);
  if (blob.readUInt32BE(0) !== EMBEDDED) throw new Error("no embedded signature where the command says");
  const directories = Array.from({ length: blob.readUInt32BE(8) }, (_, index) => blob.readUInt32BE(12 + index * 8 + 4))
    .map((offset) => blob.subarray(offset))
    .filter((one) => one.readUInt32BE(0) === DIRECTORY);
  const [first] = directories;
  if (first === undefined) throw new Error("the signature has no code directory");
  return {
    identifier: textAt(first, first.readUInt32BE(20)),
    isAdHoc: (first.readUInt32BE(12) & 2) !== 0,
    faults: [
      ...linkEditFaults(program, commands, start + size),
      ...directories.flatMap((directory) => directoryFaults(program, directory, start)),
    ],
  };
}

function readCommands(program: Buffer): Command[] {
  const commands: Command[] = [];
  let at = 32;
  for (let left = program.readUInt32LE(16); left > 0; left -= 1) {
    commands.push({ kind: program.readUInt32LE(at), at });
    at += program.readUInt32LE(at + 4);
  }
  if (at !== 32 + program.readUInt32LE(20)) throw new Error("the commands are longer or shorter than the header says");
  return commands;
}

/** The signature is the end of the last segment, which is the end of the file; segments neither overlap nor leave the file. */
function linkEditFaults(program: Buffer, commands: readonly Command[], end: number): string[] {
  const segments = commands
    .filter(({ kind }) => kind === SEGMENT)
    .map(({ at }) => ({
      name: textAt(program.subarray(at + 8, at + 24), 0),
      address: Number(program.readBigUInt64LE(at + 24)),
      memory: Number(program.readBigUInt64LE(at + 32)),
      from: Number(program.readBigUInt64LE(at + 40)),
      bytes: Number(program.readBigUInt64LE(at + 48)),
    }));
  const last = segments.at(-1);
  const faults = [
    ...(last?.name === "__LINKEDIT" ? [] : ["the last segment is not __LINKEDIT"]),
    ...(last !== undefined && last.from + last.bytes === program.length
      ? []
      : ["__LINKEDIT does not end with the file"]),
    ...(end === program.length ? [] : ["the signature does not end with the file"]),
  ];
  for (const [index, { name, address, memory, from, bytes }] of segments.entries()) {
    if (bytes > memory) faults.push(`${name} is larger in the file than in memory`);
    const next = segments[index + 1];
    if (next === undefined) continue;
    if (address + memory > next.address) faults.push(`${name} and ${next.name} share addresses`);
    if (bytes > 0 && from + bytes > next.from) faults.push(`${name} and ${next.name} share bytes`);
  }
  return faults;
}

function directoryFaults(program: Buffer, directory: Buffer, signatureStart: number): string[] {
  const [hashesAt, pages, codeBytes] = [16, 28, 32].map((at) => directory.readUInt32BE(at)) as [number, number, number];
  const [hashBytes = 0, hashType = 0, , pageBits = 0] = directory.subarray(36, 40);
  const algorithm = hashes[hashType];
  if (algorithm === undefined) return [`hashes of an unknown kind ${hashType}`];
  const page = 2 ** pageBits;
  const faults = codeBytes === signatureStart ? [] : ["the hashes end before the signature begins, or after it"];
  if (pages !== Math.ceil(codeBytes / page)) faults.push(`${pages} hashes for ${codeBytes} bytes`);
  for (let index = 0; index < pages; index += 1) {
    const bytes = program.subarray(index * page, Math.min((index + 1) * page, codeBytes));
    const found = createHash(algorithm).update(bytes).digest().subarray(0, hashBytes);
    if (!found.equals(directory.subarray(hashesAt + index * hashBytes, hashesAt + (index + 1) * hashBytes)))
      faults.push(`page ${index} is not the one that was signed`);
  }
  return faults;
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString("latin1", at, end === -1 ? bytes.length : end);
}
