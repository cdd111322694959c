// Distinguished Encoding Rules of ASN.1, as much of them as an X.509 certificate needs.

const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
} as const;

function encoded(tag: number, content: Buffer): Buffer {
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = bigEndian(content.length);
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

function bigEndian(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return encoded(0x30, Buffer.concat(parts));
}

export function setOf(part: Buffer): Buffer {
  return encoded(0x31, part);
}

/** @param bytes unsigned, big-endian; the zero byte that keeps it positive is added here */
export function integer(bytes: Buffer): Buffer {
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return encoded(tags.integer, negative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export const derTrue = Buffer.from([0x01, 0x01, 0xff]);

export function octetString(content: Buffer): Buffer {
  return encoded(tags.octetString, content);
}

/** @param unusedBits how many of the last byte's low bits do not count */
export function bitString(content: Buffer, unusedBits = 0): Buffer {
  return encoded(tags.bitString, Buffer.concat([Buffer.from([unusedBits]), content]));
}

export function utf8String(text: string): Buffer {
  return encoded(tags.utf8String, Buffer.from(text, "utf8"));
}

/** @param dotted such as "2.5.4.3" */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return encoded(tags.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** RFC 5280 4.1.2.5: two-digit years until 2049, four-digit years after. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return at.getUTCFullYear() < 2050 ? encoded(0x17, Buffer.from(digits.slice(2))) : encoded(0x18, Buffer.from(digits));
}

/** A context-specific tag around whole elements, such as `[3] EXPLICIT Extensions`. */
export function explicit(number: number, content: Buffer): Buffer {
  return encoded(0xa0 | number, content);
}

/** A context-specific tag in place of a primitive's own, such as `[2] IMPLICIT IA5String`. */
export function implicit(number: number, content: Buffer): Buffer {
  return encoded(0x80 | number, content);
}
