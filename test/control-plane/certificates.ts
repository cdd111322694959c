// X.509 certificates for the tests' servers and clients: Node reads them but cannot sign any, and neither
// openssl nor our own Go program is there on every machine.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import * as der from "./der.ts";

/** Who signs. All fields are plain text, so that it survives JSON. */
export interface Authority {
  commonName: string;
  certPem: string;
  /** PKCS #8. */
  keyPem: string;
}

export interface CertificateRequest {
  commonName: string;
  /** Groups, to the API server. */
  organizations?: readonly string[];
  dnsNames?: readonly string[];
  ipAddresses?: readonly string[];
  usage: "server" | "client" | "both";
  /** Default: an hour ago. */
  notBefore?: Date;
  /** Default: in ten years. */
  notAfter?: Date;
}

/** SubjectPublicKeyInfo of any algorithm, when the caller keeps the private key to itself. */
interface ForeignKey {
  publicKeyDer: Buffer;
}

const oid = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

// RFC 5280 4.2.1.3: bit 0 is the highest of the first byte.
const keyUsages = {
  digitalSignature: 0x80,
  keyAgreement: 0x08,
  certificateAndRevocationListSign: 0x06,
} as const;

const hourMs = 3_600_000;
const tenYearsMs = 10 * 365 * 24 * hourMs;

/** A self-signed authority with a fresh P-256 key. */
export function createAuthority(commonName: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKeyDer = spki(publicKey);
  const certPem = signed(privateKey, {
    issuer: commonName,
    subject: distinguishedName(commonName),
    publicKeyDer,
    notBefore: new Date(Date.now() - hourMs),
    notAfter: new Date(Date.now() + tenYearsMs),
    extensions: [
      critical(oid.basicConstraints, der.sequence(der.derTrue)),
      critical(oid.keyUsage, keyUsage(keyUsages.digitalSignature | keyUsages.certificateAndRevocationListSign)),
      extension(oid.subjectKeyIdentifier, der.octetString(keyIdentifier(publicKeyDer))),
    ],
  });
  return { commonName, certPem, keyPem: pkcs8(privateKey) };
}

/**
 * A certificate of an end entity, with a fresh P-256 key (PKCS #8) unless the request brings a public key.
 * Throws on an IP address that is none.
 */
export function issueCertificate(authority: Authority, request: CertificateRequest & ForeignKey): { certPem: string };
export function issueCertificate(
  authority: Authority,
  request: CertificateRequest,
): { certPem: string; keyPem: string };
export function issueCertificate(
  authority: Authority,
  request: CertificateRequest & Partial<ForeignKey>,
): { certPem: string; keyPem?: string } {
  if (request.publicKeyDer !== undefined) return { certPem: leaf(authority, request, request.publicKeyDer) };
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { certPem: leaf(authority, request, spki(publicKey)), keyPem: pkcs8(privateKey) };
}

function leaf(authority: Authority, request: CertificateRequest, publicKeyDer: Buffer): string {
  const authorityKey = createPrivateKey(authority.keyPem);
  const authorityKeyIdentifier = keyIdentifier(spki(createPublicKey(authorityKey)));
  return signed(authorityKey, {
    issuer: authority.commonName,
    subject: distinguishedName(request.commonName, request.organizations),
    publicKeyDer,
    notBefore: request.notBefore ?? new Date(Date.now() - hourMs),
    notAfter: request.notAfter ?? new Date(Date.now() + tenYearsMs),
    extensions: [
      critical(oid.basicConstraints, der.sequence()),
      critical(oid.keyUsage, keyUsage(leafKeyUsage(publicKeyDer))),
      extension(oid.extendedKeyUsage, der.sequence(...purposes[request.usage].map(der.objectIdentifier))),
      extension(oid.subjectKeyIdentifier, der.octetString(keyIdentifier(publicKeyDer))),
      extension(oid.authorityKeyIdentifier, der.sequence(der.implicit(0, authorityKeyIdentifier))),
      ...alternativeNames(request),
    ],
  });
}

const purposes = {
  server: [oid.serverAuth],
  client: [oid.clientAuth],
  both: [oid.serverAuth, oid.clientAuth],
} as const;

interface Unsigned {
  issuer: string;
  subject: Buffer;
  publicKeyDer: Buffer;
  notBefore: Date;
  notAfter: Date;
  extensions: readonly Buffer[];
}

function signed(authorityKey: KeyObject, unsigned: Unsigned): string {
  const algorithm = der.sequence(der.objectIdentifier(oid.ecdsaWithSha256));
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serialNumber()),
    algorithm,
    distinguishedName(unsigned.issuer),
    der.sequence(der.time(unsigned.notBefore), der.time(unsigned.notAfter)),
    unsigned.subject,
    unsigned.publicKeyDer,
    der.explicit(3, der.sequence(...unsigned.extensions)),
  );
  return pem(
    "CERTIFICATE",
    der.sequence(toBeSigned, algorithm, der.bitString(sign("sha256", toBeSigned, authorityKey))),
  );
}

function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8() & 0x7f) | 0x40);
  return bytes;
}

function distinguishedName(commonName: string, organizations: readonly string[] = []): Buffer {
  return der.sequence(
    ...organizations.map((name) => attribute(oid.organization, name)),
    attribute(oid.commonName, commonName),
  );
}

function attribute(type: string, value: string): Buffer {
  return der.setOf(der.sequence(der.objectIdentifier(type), der.utf8String(value)));
}

function extension(type: string, value: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(type), der.octetString(value));
}

function critical(type: string, value: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(type), der.derTrue, der.octetString(value));
}

/** A named bit list: DER wants its trailing zero bits left out. */
function keyUsage(bits: number): Buffer {
  let unusedBits = 0;
  while (((bits >> unusedBits) & 1) === 0) unusedBits += 1;
  return der.bitString(Buffer.from([bits]), unusedBits);
}

/** RFC 8410 section 5: an X25519 key agrees on secrets and signs nothing. */
function leafKeyUsage(publicKeyDer: Buffer): number {
  const { asymmetricKeyType } = createPublicKey({ key: publicKeyDer, format: "der", type: "spki" });
  return asymmetricKeyType === "x25519" || asymmetricKeyType === "x448"
    ? keyUsages.keyAgreement
    : keyUsages.digitalSignature;
}

function alternativeNames({ dnsNames = [], ipAddresses = [] }: CertificateRequest): Buffer[] {
  const names = [
    ...dnsNames.map((name) => der.implicit(2, Buffer.from(name, "ascii"))),
    ...ipAddresses.map((address) => der.implicit(7, addressBytes(address))),
  ];
  return names.length === 0 ? [] : [extension(oid.subjectAlternativeName, der.sequence(...names))];
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  if (!isIPv6(address) || address.includes(".") || address.includes("%")) {
    throw new Error(`not an IP address for a certificate: ${JSON.stringify(address)}`);
  }
  const [head = "", tail] = address.split("::");
  const [left, right] = [words(head), words(tail ?? "")];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return Buffer.from([...left, ...zeros, ...right].map((word) => word.padStart(4, "0")).join(""), "hex");
}

function words(part: string): string[] {
  return part === "" ? [] : part.split(":");
}

/** RFC 7093 method 4: any stable digest of the key will do. */
function keyIdentifier(publicKeyDer: Buffer): Buffer {
  return createHash("sha256").update(publicKeyDer).digest().subarray(0, 20);
}

function spki(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

function pkcs8(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" });
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
