// Reading the Distinguished Encoding Rules of ASN.1, as far as a certificate request goes.

export interface Element {
  tag: number;
  content: Buffer;
  /** Tag and length included. */
  bytes: Buffer;
}

/** The element at the start of `bytes`. Throws on anything that is cut off or uses a form that DER does not allow. */
export function readElement(bytes: Buffer): Element {
  const [tag, first] = [bytes[0], bytes[1]];
  if (tag === undefined || first === undefined) throw new Error("element is cut off");
  if ((tag & 0x1f) === 0x1f) throw new Error("element has a long tag");
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) throw new Error("element has no usable length");
  if (bytes.length < 2 + lengthBytes) throw new Error("element is cut off");
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) throw new Error("element is cut off");
  return {
    tag,
    content: bytes.subarray(start, start + length),
    bytes: bytes.subarray(0, start + length),
  };
}

/** The elements that follow each other in `bytes`, with nothing left over. */
export function readElements(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const element = readElement(rest);
    elements.push(element);
    rest = rest.subarray(element.bytes.length);
  }
  return elements;
}
