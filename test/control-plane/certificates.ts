// X.509 certificates for the tests' servers and clients: Node reads them but cannot sign any, and openssl is not
// there on every machine.
// The library wants this first.
import "reflect-metadata";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Extension, JsonName, X509CertificateCreateParamsBase } from "@peculiar/x509";

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

/** A key of any algorithm, when the caller keeps the private key to itself: it is certified as it came. */
interface ForeignKey {
  publicKey: PublicKey;
}

const hourMs = 3_600_000;
const tenYearsMs = 10 * 365 * 24 * hourMs;

/** A self-signed authority with a fresh P-256 key. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = publicKeyInfo(publicKey);
  const certPem = await signed(privateKey, {
    subject: [{ CN: [commonName] }],
    issuer: [{ CN: [commonName] }],
    publicKey: key,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(key),
    ],
  });
  return { commonName, certPem, keyPem: pkcs8(privateKey) };
}

/**
 * A certificate of an end entity, with a fresh P-256 key (PKCS #8) unless the request brings a public key.
 * Rejects on an IP address that is none.
 */
export function issueCertificate(
  authority: Authority,
  request: CertificateRequest & ForeignKey,
): Promise<{ certPem: string }>;
export function issueCertificate(
  authority: Authority,
  request: CertificateRequest,
): Promise<{ certPem: string; keyPem: string }>;
export async function issueCertificate(
  authority: Authority,
  request: CertificateRequest & Partial<ForeignKey>,
): Promise<{ certPem: string; keyPem?: string }> {
  if (request.publicKey !== undefined) return { certPem: await leaf(authority, request, request.publicKey) };
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { certPem: await leaf(authority, request, publicKeyInfo(publicKey)), keyPem: pkcs8(privateKey) };
}

/** A PKCS #10 request for a client certificate of this user, as CertificateSigningRequests hold it. PEM. */
export async function requestClientCertificate(
  user: string,
  ...groups: string[]
): Promise<{ requestPem: string; keyPem: string }> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [...groups.map((name) => ({ O: [name] })), { CN: [user] }],
    keys: {
      privateKey: privateKey.toCryptoKey(algorithm, false, ["sign"]),
      publicKey: publicKey.toCryptoKey(algorithm, true, ["verify"]),
    },
    signingAlgorithm: { ...algorithm, hash: "SHA-256" },
  });
  return { requestPem: `${request.toString("pem")}\n`, keyPem: pkcs8(privateKey) };
}

async function leaf(authority: Authority, request: CertificateRequest, key: PublicKey): Promise<string> {
  const { commonName, organizations = [], notBefore, notAfter } = request;
  const authorityKey = createPrivateKey(authority.keyPem);
  return signed(authorityKey, {
    subject: [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }],
    issuer: [{ CN: [authority.commonName] }],
    publicKey: key,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(leafKeyUsage(key), true),
      new ExtendedKeyUsageExtension([...purposes[request.usage]]),
      await SubjectKeyIdentifierExtension.create(key),
      await AuthorityKeyIdentifierExtension.create(publicKeyInfo(createPublicKey(authorityKey))),
      ...alternativeNames(request),
    ],
  });
}

const purposes = {
  server: [ExtendedKeyUsage.serverAuth],
  client: [ExtendedKeyUsage.clientAuth],
  both: [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
} as const;

interface Unsigned extends X509CertificateCreateParamsBase {
  subject: JsonName;
  issuer: JsonName;
  publicKey: PublicKey;
  extensions: Extension[];
}

async function signed(authorityKey: KeyObject, unsigned: Unsigned): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const certificate = await X509CertificateGenerator.create({
    notBefore: new Date(Date.now() - hourMs),
    notAfter: new Date(Date.now() + tenYearsMs),
    ...unsigned,
    signingKey: authorityKey.toCryptoKey(algorithm, false, ["sign"]),
    signingAlgorithm: { ...algorithm, hash: "SHA-256" },
  });
  return `${certificate.toString("pem")}\n`;
}

/** RFC 8410 section 5: an X25519 key agrees on secrets and signs nothing. */
function leafKeyUsage({ algorithm }: PublicKey): KeyUsageFlags {
  return algorithm.name === "X25519" ? KeyUsageFlags.keyAgreement : KeyUsageFlags.digitalSignature;
}

function alternativeNames({ dnsNames = [], ipAddresses = [] }: CertificateRequest): Extension[] {
  for (const address of ipAddresses) checkAddress(address);
  const names = [
    ...dnsNames.map((value) => ({ type: "dns", value }) as const),
    ...ipAddresses.map((value) => ({ type: "ip", value }) as const),
  ];
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)];
}

/** The library would take text that is no address for one, or for a part of one. */
function checkAddress(address: string): void {
  if (isIPv4(address) || (isIPv6(address) && !address.includes(".") && !address.includes("%"))) return;
  throw new Error(`not an IP address for a certificate: ${JSON.stringify(address)}`);
}

function publicKeyInfo(publicKey: KeyObject): PublicKey {
  return new PublicKey(new Uint8Array(publicKey.export({ type: "spki", format: "der" })));
}

function pkcs8(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" });
}
