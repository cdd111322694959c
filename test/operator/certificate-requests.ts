// Certificate requests for the tests.
import { generateKeyPairSync, sign } from "node:crypto";

/** Of openssl: P-256, subject O=Acme, CN=mirrord-ci@Acme, with an extension request. */
export const ecRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIIBAzCBqgIBADApMQ0wCwYDVQQKDARBY21lMRgwFgYDVQQDDA9taXJyb3JkLWNp
QEFjbWUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQzS9OMOdsx/TSuMg/dJnpq
sKW9j+KUTI7BZT1O8JbUb2LRF5v0Ll4+wng80OQXgoXmjson2tErQVCXHxggnj0Y
oB8wHQYJKoZIhvcNAQkOMRAwDjAMBgNVHREEBTADggF4MAoGCCqGSM49BAMCA0gA
MEUCIQCUuu1iGAoy4ZXJoqZK5yYxHWN0JJ25CgpzphuJLPl/ngIgH3RnTz6XMVhQ
miA4yRcL6dKu4YSvi7xr+3VveIGA6js=
-----END CERTIFICATE REQUEST-----
`;

/** Of openssl: RSA, subject CN=jims-laptop.local. */
export const rsaRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIICYTCCAUkCAQAwHDEaMBgGA1UEAwwRamltcy1sYXB0b3AubG9jYWwwggEiMA0G
CSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDGhLE/7sZWwJZu3fS9XEF3aLb/fgaA
uKjYebRODBnjCv4PHXjaFxnjsjMsH4h/3q6AEVc7acnzddTqgN7vGL7UVUTY7t/w
yqwPE3MQ+zwBHqmcGlKr7N94X+6jgXqCAsL9whJOgZrmpteFw3GmjXZG41VI70jZ
1E82q2OobV4Qc06gbeqWSlxwB+FAf0IMEZIxoUuI42kg60gZEo8zMGoKuippSRwE
2H8k8QKmDekxrbZgiBgMA4RVaIQCuwQKEG3ovnyvsO3tU+MKGOobxhdrMoG+sJwi
4reRQC9H3qO44C+aqo/6RtfP70qHrXO57WI+Ye62K+wA+kQ6nesi9k6NAgMBAAGg
ADANBgkqhkiG9w0BAQsFAAOCAQEAGbTwyM2E5WB0FHbxPNaM1YzmHrYXBwEpnl5/
P9YduvevaLMgUd6rOD0WwfczTGxvYGHvIaKl6N2Ld8o0UWZncsEBqwGnz+ZkjpKM
wvUCWWQhL1XHwFR//Drd9vbROVwGsaW1jzzk5m8ngv4hhT5O5f3hv2cLU+M2GaW9
nEuqj1e2pFCBcPJKf2SN9PtRrWe5EttLsAi3pOZlr+Od3AZOmOeO5bF421cP2KGu
ynyfMC3zopFl7CxVviQDYygTECrqWigA5V7rS0jCDdV2mykm9lIH50uXGzp/ALDk
OO52nVWA3nm8NHW4deOSx35ilPTNFryWYejruSpXjyns2zLI2w==
-----END CERTIFICATE REQUEST-----
`;

/** 1.3.101.110 with a NULL parameter, which RFC 8410 does not allow. */
const x25519 = Buffer.from([0x06, 0x03, 0x2b, 0x65, 0x6e, 0x05, 0x00]);
const ed25519 = Buffer.from([0x06, 0x03, 0x2b, 0x65, 0x70]);
const commonName = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x03]);

/** As mirrord 3.250 makes it: the Ed25519 key is called X25519, by a name that Node refuses, and the signature is Ed25519's. */
export function mirrordRequest(name: string | undefined): { pem: string; rawKey: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const rawKey = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const subject =
    name === undefined ? [] : [element(0x31, element(0x30, commonName, element(0x0c, Buffer.from(name))))];
  const information = element(
    0x30,
    Buffer.from([0x02, 0x01, 0x00]),
    element(0x30, ...subject),
    element(0x30, element(0x30, x25519), element(0x03, Buffer.from([0]), rawKey)),
    element(0xa0),
  );
  const signature = element(0x03, Buffer.from([0]), sign(null, information, privateKey));
  return { pem: inPem(element(0x30, information, element(0x30, ed25519), signature)), rawKey };
}

function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

export function inPem(bytes: Buffer): string {
  return `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
}
