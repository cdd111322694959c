import t from "tap";
import { createPublicKey } from "node:crypto";
import { readCertificateRequest } from "./certificate-request.ts";
import { ecRequest, inPem, mirrordRequest, rsaRequest } from "./certificate-requests.ts";

t.test("an X25519 key with a NULL parameter under an Ed25519 signature is taken as it is", async (t) => {
  const { pem, rawKey } = mirrordRequest("jims-laptop");
  const { commonName, publicKey } = readCertificateRequest(pem);
  t.equal(commonName, "jims-laptop");
  const key = Buffer.from(publicKey.rawData);
  t.equal(key.toString("hex"), `302c300706032b656e0500032100${rawKey.toString("hex")}`);
  t.throws(() => createPublicKey({ key, format: "der", type: "spki" }), "Node alone would refuse it");
});

t.test("requests of openssl are read, CRLF line ends included", async (t) => {
  const ec = readCertificateRequest(ecRequest);
  t.equal(ec.commonName, "mirrord-ci@Acme");
  t.equal(createPublicKey(ec.publicKey.toString("pem")).asymmetricKeyType, "ec");
  const rsa = readCertificateRequest(rsaRequest.replaceAll("\n", "\r\n"));
  t.equal(rsa.commonName, "jims-laptop.local");
  t.equal(createPublicKey(rsa.publicKey.toString("pem")).asymmetricKeyType, "rsa");
});

t.test("a request of any damage is refused, never misread into a crash", async (t) => {
  const bytes = Buffer.from(ecRequest.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  for (let length = 0; length < bytes.length; length += 1) {
    t.throws(() => readCertificateRequest(inPem(bytes.subarray(0, length))), Error);
  }
});

const malformed: { name: string; pem: string }[] = [
  { name: "nothing", pem: "" },
  { name: "text", pem: "hello" },
  { name: "another kind of PEM", pem: ecRequest.replaceAll("CERTIFICATE REQUEST", "CERTIFICATE") },
  { name: "an indefinite length", pem: inPem(Buffer.from([0x30, 0x80, 0, 0])) },
  { name: "a length beyond everything", pem: inPem(Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])) },
  { name: "no common name", pem: mirrordRequest(undefined).pem },
  { name: "far too much", pem: ecRequest + " ".repeat(100_000) },
];
for (const { name, pem } of malformed) {
  t.test(`${name} is no certificate request`, async (t) => t.throws(() => readCertificateRequest(pem), Error));
}
