// The ad hoc signature of a Mach-O program: hashes of its pages without an identity behind them. macOS on arm64 starts nothing
// without one. Sources: <mach-o/loader.h>, xnu's osfmk/kern/cs_blobs.h.
import { createHash } from "node:crypto";

const MAGIC_64 = 0xfeedfacf;
const HEADER_BYTES = 32;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const COMMAND_BYTES = 16;
const PAGE = 4096;
/** What the kernel maps: on arm64 in units of 16 KiB. */
const SEGMENT_PAGE = 0x4000;
const HASH_BYTES = 32;
const SHA256 = 2;

const SUPER_BLOB = { magic: 0xfade0cc0, bytes: 20 };
/** Version 2.4 of the format, the first that says which segment holds code. */
const CODE_DIRECTORY = { magic: 0xfade0c02, bytes: 88, version: 0x20400, adHoc: 2, mainBinary: 1n };

interface Layout {
  commandCount: number;
  commandsEnd: number;
  text: number;
  linkEdit: number;
  /** Where the first section begins: commands fit before it. */
  contentStart: number;
}

/**
 * The program with an ad hoc signature at its end. `identifier` names the program in it. Throws for what is no unsigned 64-bit
 * Mach-O program with room for one more command.
 */
export function adHocSigned(program: Buffer, identifier: string): Buffer {
  const { commandCount, commandsEnd, text, linkEdit, contentStart } = layout(program);
  if (commandsEnd + COMMAND_BYTES > contentStart)
    throw new Error("the program has no room for the command of a signature");
  const codeBytes = Math.ceil(program.length / 16) * 16;
  const pages = Math.ceil(codeBytes / PAGE);
  const name = Buffer.from(`${identifier}\0`);
  const hashesAt = CODE_DIRECTORY.bytes + name.length;
  const signatureBytes = SUPER_BLOB.bytes + hashesAt + pages * HASH_BYTES;
  const signed = Buffer.alloc(codeBytes + Math.ceil(signatureBytes / 16) * 16);
  program.copy(signed);

  signed.writeUInt32LE(commandCount + 1, 16);
  signed.writeUInt32LE(commandsEnd - HEADER_BYTES + COMMAND_BYTES, 20);
  const command = [LC_CODE_SIGNATURE, COMMAND_BYTES, codeBytes, signed.length - codeBytes];
  for (const [index, value] of command.entries()) signed.writeUInt32LE(value, commandsEnd + index * 4);
  const linkEditBytes = BigInt(signed.length) - program.readBigUInt64LE(linkEdit + 40);
  const unit = BigInt(SEGMENT_PAGE);
  signed.writeBigUInt64LE(linkEditBytes, linkEdit + 48);
  signed.writeBigUInt64LE(((linkEditBytes + unit - 1n) / unit) * unit, linkEdit + 32);

  const superBlob = [SUPER_BLOB.magic, signatureBytes, 1, 0, SUPER_BLOB.bytes];
  for (const [index, value] of superBlob.entries()) signed.writeUInt32BE(value, codeBytes + index * 4);
  const directory = signed.subarray(codeBytes + SUPER_BLOB.bytes);
  const fields = [
    CODE_DIRECTORY.magic,
    hashesAt + pages * HASH_BYTES,
    CODE_DIRECTORY.version,
    CODE_DIRECTORY.adHoc,
    hashesAt,
    CODE_DIRECTORY.bytes,
    0, // special slots
    pages,
    codeBytes,
  ];
  for (const [index, value] of fields.entries()) directory.writeUInt32BE(value, index * 4);
  directory.set([HASH_BYTES, SHA256, 0, Math.log2(PAGE)], 36);
  directory.writeBigUInt64BE(program.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(program.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(CODE_DIRECTORY.mainBinary, 80);
  name.copy(directory, CODE_DIRECTORY.bytes);
  for (let page = 0; page < pages; page += 1) {
    const bytes = signed.subarray(page * PAGE, Math.min((page + 1) * PAGE, codeBytes));
    createHash("sha256")
      .update(bytes)
      .digest()
      .copy(directory, hashesAt + page * HASH_BYTES);
  }
  return signed;
}

function layout(program: Buffer): Layout {
  if (program.length < HEADER_BYTES || program.readUInt32LE(0) !== MAGIC_64)
    throw new Error("not a 64-bit Mach-O program");
  const commandCount = program.readUInt32LE(16);
  const commandsEnd = HEADER_BYTES + program.readUInt32LE(20);
  const segments = new Map<string, number>();
  let contentStart = program.length;
  for (let at = HEADER_BYTES; at < commandsEnd; at += program.readUInt32LE(at + 4)) {
    const command = program.readUInt32LE(at);
    if (command === LC_CODE_SIGNATURE) throw new Error("the program is signed already");
    if (command !== LC_SEGMENT_64) continue;
    segments.set(program.toString("latin1", at + 8, at + 24).replace(/\0.*$/, ""), at);
    const sections = program.readUInt32LE(at + 64);
    for (let section = at + 72; section < at + 72 + sections * 80; section += 80) {
      const offset = program.readUInt32LE(section + 48);
      if (offset > 0) contentStart = Math.min(contentStart, offset);
    }
  }
  const [text, linkEdit] = [segments.get("__TEXT"), segments.get("__LINKEDIT")];
  if (text === undefined || linkEdit === undefined) throw new Error("the program has no __TEXT or no __LINKEDIT");
  const linkEditEnd = program.readBigUInt64LE(linkEdit + 40) + program.readBigUInt64LE(linkEdit + 48);
  if (linkEditEnd !== BigInt(program.length)) throw new Error("__LINKEDIT is not the end of the program");
  return { commandCount, commandsEnd, text, linkEdit, contentStart };
}
