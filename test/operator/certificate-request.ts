// The library of `@peculiar/x509` wants this first.
import "reflect-metadata";
import { PemConverter, Pkcs10CertificateRequest } from "@peculiar/x509";
import type { PublicKey } from "@peculiar/x509";

/** What a certificate is made from: the key exactly as it was sent, whatever its algorithm. */
export interface CertificateSigningRequest {
  commonName: string;
  publicKey: PublicKey;
}

const maxPemLength = 64 * 1024;

/**
 * Reads a PKCS #10 request in PEM. Its signature is not verified, on purpose: mirrord's client signs with Ed25519 but
 * names its key X25519 (1.3.101.110) with a NULL parameter, and nothing verifies that: Node does not even read the
 * key. Throws on anything malformed.
 * Source: RFC 2986 section 4.
 */
export function readCertificateRequest(pem: string): CertificateSigningRequest {
  if (pem.length > maxPemLength) throw new Error("request is too long");
  const block = PemConverter.decodeWithHeaders(pem).find(({ type }) => type.endsWith("CERTIFICATE REQUEST"));
  if (block === undefined) throw new Error("no certificate request in PEM");
  const request = new Pkcs10CertificateRequest(block.rawData);
  const [commonName] = request.subjectName.getField("CN");
  if (commonName === undefined) throw new Error("request has no common name");
  return { commonName, publicKey: request.publicKey };
}
