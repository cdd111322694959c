import "reflect-metadata";
import { X509Certificate, createPrivateKey, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:tls";
import { PublicKey } from "@peculiar/x509";
import t from "tap";
import { createAuthority, issueCertificate } from "./certificates.ts";
import type { CertificateRequest } from "./certificates.ts";

const authority = await createAuthority("test authority");

t.test("an authority signs itself and may sign others", async (t) => {
  const certificate = new X509Certificate(authority.certPem);
  t.equal(certificate.subject, "CN=test authority");
  t.equal(certificate.ca, true);
  t.ok(certificate.verify(certificate.publicKey));
  t.ok(certificate.checkPrivateKey(createPrivateKey(authority.keyPem)));
});

t.test("a leaf names its subject, its addresses and its issuer", async (t) => {
  const { certPem, keyPem } = await issueCertificate(authority, {
    commonName: "jim",
    organizations: ["backend", "qa"],
    dnsNames: ["web.dev.svc", "localhost"],
    ipAddresses: ["127.0.0.1", "::1", "2001:db8::a:0:12"],
    usage: "both",
  });
  const certificate = new X509Certificate(certPem);
  t.equal(certificate.subject, "O=backend\nO=qa\nCN=jim");
  t.equal(certificate.issuer, "CN=test authority");
  t.equal(certificate.ca, false);
  t.equal(
    certificate.subjectAltName,
    "DNS:web.dev.svc, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:A:0:12",
  );
  t.strictSame(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  t.ok(certificate.checkIssued(new X509Certificate(authority.certPem)));
  t.ok(certificate.verify(new X509Certificate(authority.certPem).publicKey));
  t.notOk(certificate.verify(new X509Certificate((await createAuthority("another")).certPem).publicKey));
  t.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
});

t.test("validity is as asked, also after 2049", async (t) => {
  const { certPem } = await issueCertificate(authority, {
    commonName: "jim",
    usage: "client",
    notBefore: new Date("2020-02-03T04:05:06Z"),
    notAfter: new Date("2051-02-03T04:05:06Z"),
  });
  const certificate = new X509Certificate(certPem);
  t.equal(certificate.validFromDate.toISOString(), "2020-02-03T04:05:06.000Z");
  t.equal(certificate.validToDate.toISOString(), "2051-02-03T04:05:06.000Z");
});

t.test("a public key that cannot sign, such as X25519, is certified as it came", async (t) => {
  const pair = generateKeyPairSync("x25519");
  const publicKey = new PublicKey(pair.publicKey.export({ type: "spki", format: "pem" }));
  const issued = await issueCertificate(authority, {
    commonName: "developer",
    usage: "client",
    publicKey,
  });
  t.notOk("keyPem" in issued);
  const certificate = new X509Certificate(issued.certPem);
  t.equal(certificate.publicKey.asymmetricKeyType, "x25519");
  t.ok(certificate.verify(new X509Certificate(authority.certPem).publicKey));
});

t.test("what is no IP address is refused", async (t) => {
  for (const address of ["", "localhost", "1.2.3", "::ffff:1.2.3.4", "fe80::1%eth0"]) {
    await t.rejects(issueCertificate(authority, { commonName: "x", usage: "server", ipAddresses: [address] }), {
      message: `not an IP address for a certificate: ${JSON.stringify(address)}`,
    });
  }
});

const handshakes: { name: string; server: CertificateRequest; serverName: string; want: string }[] = [
  {
    name: "the right name passes",
    server: { commonName: "web", dnsNames: ["web.dev.svc"], usage: "server" },
    serverName: "web.dev.svc",
    want: "jim",
  },
  {
    name: "another name is refused",
    server: { commonName: "web", dnsNames: ["web.dev.svc"], usage: "server" },
    serverName: "web.qa.svc",
    want: "ERR_TLS_CERT_ALTNAME_INVALID",
  },
  {
    name: "a client certificate is no server",
    server: { commonName: "web", dnsNames: ["web.dev.svc"], usage: "client" },
    serverName: "web.dev.svc",
    want: "INVALID_PURPOSE",
  },
  {
    name: "an expired one is refused",
    server: {
      commonName: "web",
      dnsNames: ["web.dev.svc"],
      usage: "server",
      notAfter: new Date(Date.now() - 1000),
    },
    serverName: "web.dev.svc",
    want: "CERT_HAS_EXPIRED",
  },
];

for (const { name, server, serverName, want } of handshakes) {
  t.test(`in a TLS handshake with client certificates: ${name}`, async (t) => {
    t.equal(await handshake(server, serverName), want);
  });
}

/** The client's common name as the server saw it, or the code of the client's error. */
async function handshake(server: CertificateRequest, serverName: string): Promise<string> {
  const { certPem, keyPem } = await issueCertificate(authority, server);
  const client = await issueCertificate(authority, { commonName: "jim", usage: "client" });
  const listener = createServer(
    {
      cert: certPem,
      key: keyPem,
      ca: authority.certPem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => socket.end(String(socket.getPeerCertificate().subject.CN)),
  );
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const options = { host: "127.0.0.1", port, servername: serverName, ca: authority.certPem };
  const socket = connect({ ...options, cert: client.certPem, key: client.keyPem });
  try {
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return text;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
    listener.close();
  }
}
