import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import t from "tap";
import { until } from "../until.ts";
import { testNamespace, uniqueName } from "./namespace.ts";
import { apiRequest } from "./request.ts";
import { sharedControlPlane } from "./start.ts";

const whoAmI = {
  path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
  body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
};

t.test("a token is its user in exactly its groups", async (t) => {
  const plane = await sharedControlPlane();
  const cases: { token: string; username: string; groups: string[] }[] = [
    { token: plane.admin.token, username: "admin", groups: ["system:masters", "system:authenticated"] },
    { token: plane.token("jim"), username: "jim", groups: ["system:authenticated"] },
    { token: plane.token("jim", "a:b", "ü"), username: "jim", groups: ["a:b", "ü", "system:authenticated"] },
  ];
  for (const { token, username, groups } of cases) {
    const { body } = await apiRequest(plane, { ...whoAmI, token });
    t.match(body, { status: { userInfo: { username, groups } } });
  }
});

t.test("a forged token is refused", async (t) => {
  const plane = await sharedControlPlane();
  const [, signature] = plane.token("jim").split(".");
  const [claim] = plane.admin.token.split(".");
  for (const token of [`${claim}.${signature}`, "jim", "a.b"]) {
    t.equal((await apiRequest(plane, { ...whoAmI, token })).status, 401);
  }
});

t.test("a client certificate is its user in its groups", async (t) => {
  const plane = await sharedControlPlane();
  const certificate = await plane.issueClientCertificate("jim", "backend");
  const sent = request(new URL(whoAmI.path, plane.server), {
    ...certificate,
    ca: plane.ca,
    method: "POST",
    headers: { "Content-Type": "application/json" },
  });
  sent.end(JSON.stringify(whoAmI.body));
  const [response] = await once(sent, "response");
  const answer: unknown = JSON.parse(await text(response));
  t.match(answer, { status: { userInfo: { username: "jim", groups: ["backend", "system:authenticated"] } } });
});

t.test("kubectl works with the kubeconfig and has the server's version", async (t) => {
  const plane = await sharedControlPlane();
  const kubectl = async (...flags: string[]) => {
    const { stdout } = await promisify(execFile)(plane.kubectl, [`--kubeconfig=${plane.kubeconfig}`, ...flags]);
    return stdout.trim();
  };
  t.equal(await kubectl("auth", "whoami", "-o=jsonpath={.status.userInfo.username}"), "admin");
  t.equal(
    await kubectl("auth", "whoami", "--context=jim2", "-o=jsonpath={.status.userInfo.groups}"),
    '["oidc:backend","system:authenticated"]',
  );
  t.match(await kubectl("version"), /Client Version: v1\.36\..*\n(.*\n)*Server Version: v1\.36\./);
});

t.test("a test's namespace has a service account and is deleted after the test", async (t) => {
  const plane = await sharedControlPlane();
  let name = "";
  await t.test("the test", async (t) => {
    name = await testNamespace(plane, t, { labels: { team: "a" } });
    const { body } = await apiRequest(plane, { token: plane.admin.token, path: `/api/v1/namespaces/${name}` });
    t.match(body, { metadata: { labels: { team: "a" } }, status: { phase: "Active" } });
  });
  const { status, body } = await apiRequest(plane, { token: plane.admin.token, path: `/api/v1/namespaces/${name}` });
  if (status !== 404) t.match(body, { status: { phase: "Terminating" } });
});

t.test("the audit log tells who asked for what", async (t) => {
  const plane = await sharedControlPlane();
  const user = uniqueName("audited");
  await apiRequest(plane, { token: plane.token(user), path: "/api/v1/namespaces/default/secrets" });
  await until("the request is in the audit log", () => readFileSync(plane.auditLog, "utf8").includes(user));
  const line = readFileSync(plane.auditLog, "utf8")
    .split("\n")
    .find((candidate) => candidate.includes(user));
  t.match(JSON.parse(line ?? ""), {
    level: "Metadata",
    verb: "list",
    objectRef: { resource: "secrets", namespace: "default" },
    responseStatus: { code: 403 },
  });
});

t.test("a serving certificate is valid for its names and for loopback", async (t) => {
  const { cert, ca } = await (await sharedControlPlane()).issueServingCertificate("operator.mirrord.svc");
  const certificate = new X509Certificate(cert);
  t.ok(certificate.checkIssued(new X509Certificate(ca)));
  t.ok(certificate.checkHost("operator.mirrord.svc"));
  t.ok(certificate.checkIP("127.0.0.1"));
});
