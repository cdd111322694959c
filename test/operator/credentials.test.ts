import "reflect-metadata";
import { Pkcs10CertificateRequest, X509Certificate } from "@peculiar/x509";
import t from "tap";
import { ecRequest, mirrordRequest, rsaRequest } from "./certificate-requests.ts";
import { at, jim, startDirect } from "./direct.ts";
import { objectAt, textAt } from "./json.ts";

const path = at("mirrordclusteroperatorusercredentials");
const kind = "MirrordClusterOperatorUserCredential";

function credential(csr: unknown, spec: Record<string, unknown> = {}) {
  const metadata = { generateName: "mirrord-operator-regular-cred-" };
  return { apiVersion: "operator.metalbear.co/v1", kind, metadata, spec: { csr, kind: "regular", ...spec } };
}

t.test("every kind of key gets a certificate with the request's own name and key", async (t) => {
  const { call } = await startDirect(t);
  const cases = [
    { pem: mirrordRequest("jims-laptop").pem, name: "CN=jims-laptop" },
    { pem: ecRequest, name: "CN=mirrord-ci@Acme" },
    { pem: rsaRequest, name: "CN=jims-laptop.local" },
  ];
  for (const { pem, name } of cases) {
    const { code, json } = await call(path, { method: "POST", body: credential(pem) });
    t.equal(code, 201);
    t.match(json, { kind, metadata: { name: /^mirrord-operator-regular-cred-[0-9a-f]{5}$/ }, spec: { csr: pem } });
    const certificate = new X509Certificate(textAt(objectAt(json, "status"), "certificate") ?? "");
    t.equal(certificate.subject, name);
    t.equal(certificate.publicKey.toString(), new Pkcs10CertificateRequest(pem).publicKey.toString());
    t.ok(certificate.notAfter.getTime() > Date.now());
    t.ok(certificate.notBefore.getTime() < Date.now());
  }
});

t.test("the key of the certificate is what names the user of a session", async (t) => {
  const direct = await startDirect(t);
  const { pem, rawKey } = mirrordRequest("jims-laptop");
  const { json } = await direct.call(path, { method: "POST", body: credential(pem) });
  const certificate = new X509Certificate(textAt(objectAt(json, "status"), "certificate") ?? "");
  const headers = { "x-client-der": certificate.toString("base64") };
  const connection = await direct.connect({ target: "deployment.web", headers });
  t.ok(connection.ok);
  const wanted = rawKey.toString("base64").replaceAll("=", "");
  t.equal(direct.operator.sessions()[0]?.user_id, wanted);
  t.match(await direct.connect({ target: "deployment.web", headers: { "x-client-der": "AAAA" } }), {
    ok: false,
    status: 400,
  });
});

t.test("the older way takes PEM, bare or as a JSON string, and answers a JSON string", async (t) => {
  const { call } = await startDirect(t);
  const { pem } = mirrordRequest("jims-laptop");
  for (const body of [pem, JSON.stringify(pem)]) {
    const { code, json } = await call(at("mirrordoperators/operator/certificate"), { method: "POST", body });
    t.equal(code, 200);
    t.equal(new X509Certificate(String(json)).subject, "CN=jims-laptop");
  }
});

const refused: { name: string; body: unknown; code: number }[] = [
  { name: "no JSON", body: "x", code: 400 },
  { name: "no request", body: credential(undefined), code: 422 },
  { name: "a request that is none", body: credential("hello"), code: 422 },
  { name: "a request without a name", body: credential(mirrordRequest(undefined).pem), code: 422 },
  { name: "a cut request", body: credential(ecRequest.slice(0, 200)), code: 422 },
  { name: "an unknown kind", body: credential(ecRequest, { kind: "robot" }), code: 422 },
];
for (const { name, body, code } of refused) {
  t.test(`${name} gets no credential`, async (t) => {
    const { call } = await startDirect(t);
    const answer = await call(path, { method: "POST", body, headers: jim });
    t.equal(answer.code, code);
    t.match(answer.json, { kind: "Status", status: "Failure", code });
  });
}

t.test("the older way refuses what is no request", async (t) => {
  const { call } = await startDirect(t);
  const answer = await call(at("mirrordoperators/operator/certificate"), { method: "POST", body: "hello" });
  t.match(answer.json, { kind: "Status", code: 400 });
});
