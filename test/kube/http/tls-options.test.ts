import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import t from "tap";
import { tlsOptions } from "../../../lib/kube/http/tls-options.ts";
import { createAuthority, issueCertificate } from "../../control-plane/certificates.ts";
import { connectionTo } from "../fake-api.ts";

const authority = await createAuthority("tls");
const { certPem, keyPem } = await issueCertificate(authority, { commonName: "jim", usage: "client" });
const elliptic = createPrivateKey(keyPem);
const connection = connectionTo("https://127.0.0.1:1", { certificateAuthority: authority.certPem });

/** PEM with a label that the caller chooses. */
function labelled(key: KeyObject, type: "pkcs8" | "sec1", label: string): string {
  const der = key.export({ format: "der", type: type as "pkcs8" });
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

const labels: { name: string; key: string }[] = [
  { name: "PKCS #8 under its own label", key: keyPem },
  { name: "SEC 1 under its own label", key: labelled(elliptic, "sec1", "EC PRIVATE KEY") },
  { name: "SEC 1 as PRIVATE KEY", key: labelled(elliptic, "sec1", "PRIVATE KEY") },
  { name: "PKCS #8 as EC PRIVATE KEY", key: labelled(elliptic, "pkcs8", "EC PRIVATE KEY") },
  { name: "PKCS #8 as RSA PRIVATE KEY", key: labelled(elliptic, "pkcs8", "RSA PRIVATE KEY") },
];
for (const { name, key } of labels) {
  t.test(`a key is read by what is inside, as Go does: ${name}`, async (t) => {
    t.ok(tlsOptions(connection, { cert: certPem, key }).secureContext);
  });
}

t.test("a key that is not the certificate's is refused, whatever its label", async (t) => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const refusal = { name: "UserError", kind: "usage", message: /^tls: / };
  for (const key of [
    labelled(privateKey, "sec1", "PRIVATE KEY"),
    labelled(privateKey, "pkcs8", "PRIVATE KEY"),
    "-----BEGIN PRIVATE KEY-----\nbm90aGluZw==\n-----END PRIVATE KEY-----\n",
  ]) {
    t.throws(() => tlsOptions(connection, { cert: certPem, key }), refusal);
  }
});
