import { readElement, readElements } from "./der.ts";
import type { Element } from "./der.ts";

/** What a certificate is made from: the key exactly as it was sent, whatever its algorithm. */
export interface CertificateSigningRequest {
  commonName: string;
  /** SubjectPublicKeyInfo. */
  publicKeyDer: Buffer;
}

const tags = { sequence: 0x30, set: 0x31, integer: 0x02, bitString: 0x03, objectIdentifier: 0x06 };
const commonNameType = Buffer.from([0x55, 0x04, 0x03]);
const maxPemLength = 64 * 1024;

/**
 * Reads a PKCS #10 request in PEM. Its signature is not verified, on purpose: mirrord's client signs with Ed25519 but
 * names its key X25519 (1.3.101.110), and no library verifies that. Throws on anything malformed.
 * Source: RFC 2986 section 4.
 */
export function readCertificateRequest(pem: string): CertificateSigningRequest {
  if (pem.length > maxPemLength) throw new Error("request is too long");
  const [, base64] =
    /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END (?:NEW )?CERTIFICATE REQUEST-----/.exec(
      pem,
    ) ?? [];
  if (base64 === undefined) throw new Error("no certificate request in PEM");
  const request = expectTag(readElement(Buffer.from(base64, "base64")), tags.sequence, "request");
  const [information] = readElements(request.content);
  const [version, subject, publicKey] = readElements(
    expectTag(information, tags.sequence, "request information").content,
  );
  expectTag(version, tags.integer, "version");
  return {
    commonName: readCommonName(expectTag(subject, tags.sequence, "subject")),
    publicKeyDer: checkPublicKey(expectTag(publicKey, tags.sequence, "public key")),
  };
}

function expectTag(element: Element | undefined, tag: number, what: string): Element {
  if (element?.tag !== tag) throw new Error(`request has no ${what}`);
  return element;
}

function readCommonName(subject: Element): string {
  for (const relativeName of readElements(subject.content)) {
    for (const attribute of readElements(expectTag(relativeName, tags.set, "subject").content)) {
      const [type, value] = readElements(expectTag(attribute, tags.sequence, "subject").content);
      if (type !== undefined && value !== undefined && type.content.equals(commonNameType)) {
        return readText(value);
      }
    }
  }
  throw new Error("request has no common name");
}

/** Any of the string types that a name may use: all but BMPString are ASCII or UTF-8 here. */
function readText({ tag, content }: Element): string {
  if (tag !== 0x1e) return content.toString("utf8");
  return Buffer.from(content).swap16().toString("utf16le");
}

function checkPublicKey(publicKey: Element): Buffer {
  const [algorithm, bits] = readElements(publicKey.content);
  const [identifier] = readElements(expectTag(algorithm, tags.sequence, "key algorithm").content);
  expectTag(identifier, tags.objectIdentifier, "key algorithm");
  if (expectTag(bits, tags.bitString, "key").content.length < 2) throw new Error("request has no key");
  return publicKey.bytes;
}
