import { execFile, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import t from "tap";
import { testNamespace, uniqueName } from "./namespace.ts";
import { isRunningWith } from "./processes.ts";
import { apiRequest } from "./request.ts";
import { sharedControlPlane, startControlPlane } from "./start.ts";
import type { ControlPlane } from "./start.ts";
import type { ControlPlaneDescription } from "./supervisor.ts";

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
  const certificate = plane.issueClientCertificate("jim", "backend");
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
  await eventually(() => readFileSync(plane.auditLog, "utf8").includes(user));
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
  const { cert, ca } = (await sharedControlPlane()).issueServingCertificate("operator.mirrord.svc");
  const certificate = new X509Certificate(cert);
  t.ok(certificate.checkIssued(new X509Certificate(ca)));
  t.ok(certificate.checkHost("operator.mirrord.svc"));
  t.ok(certificate.checkIP("127.0.0.1"));
});

t.test("several run at once, and stop leaves nothing of them", async (t) => {
  const [one, other] = await Promise.all([startControlPlane(), startControlPlane({ controllerManager: false })]);
  t.not(one.server, other.server);
  t.equal((await apiRequest(other, { ...whoAmI, token: one.admin.token })).status, 401, "tokens are one's own");

  const slow = uniqueName("paused");
  const [namespaces, path] = ["/api/v1/namespaces", `/api/v1/namespaces/${slow}/serviceaccounts/default`];
  one.pauseControllerManager();
  await apiRequest(one, { token: one.admin.token, path: namespaces, body: { metadata: { name: slow } } });
  t.equal((await apiRequest(one, { token: one.admin.token, path })).status, 404, "paused controllers do nothing");
  one.resumeControllerManager();
  await eventually(async () => (await apiRequest(one, { token: one.admin.token, path })).status === 200);
  t.throws(() => other.pauseControllerManager(), "there is none to pause");

  one.pauseControllerManager();
  for (const plane of [one, other]) {
    const description = descriptionOf(plane.descriptionFile);
    t.strictSame(partsAlive(description), plane === one ? [...always, "kube-controller-manager"].toSorted() : always);
    await plane.stop();
    t.strictSame(partsAlive(description), []);
    t.notOk(existsSync(description.folder));
  }
});

t.test("nothing is left when the process that started it is killed", async (t) => {
  const { starter, description } = await startElsewhere();
  t.strictSame(partsAlive(description), always);
  starter.kill("SIGKILL");
  await eventually(() => partsAlive(description).length === 0 && !existsSync(description.folder));
  t.pass("processes and files are gone");
});

t.test("when its supervisor is killed the parts end, and the next start removes the files", async (t) => {
  const folders = t.testdir();
  const { starter, description } = await startElsewhere(folders);
  process.kill(description.supervisorPid, "SIGKILL");
  if (process.env["KUBEBUILDER_ASSETS"] === undefined) {
    await eventually(() => partsAlive(description).length === 0);
  }
  t.ok(existsSync(description.folder));
  starter.kill("SIGKILL");
  const next = await startElsewhere(folders);
  t.strictSame(partsAlive(description), []);
  t.notOk(existsSync(description.folder));
  next.starter.kill();
  await eventually(() => !existsSync(next.description.folder));
});

t.test("a part that does not start is reported with what it said, at once", async (t) => {
  await t.rejects(startControlPlane({ apiServerFlags: ["--no-such-flag"] }), {
    message: /kube-apiserver ended \(exit 1\):[^]*unknown flag: --no-such-flag/,
  });
});

const always = ["etcd", "kube-apiserver", "supervisor"];

/** A control plane that belongs to a process of its own, and sweeps only the folders in `temporary`. */
async function startElsewhere(temporary = tmpdir()): Promise<{
  starter: ReturnType<typeof spawn>;
  description: ControlPlaneDescription;
}> {
  const program = `import { startControlPlane } from ${JSON.stringify(import.meta.resolve("./start.ts"))};
    const plane = await startControlPlane({ controllerManager: false });
    process.stdout.write(plane.descriptionFile + "\\n");
    process.stdin.resume();`;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, TMPDIR: temporary },
  });
  const [file]: string[] = await once(createInterface({ input: starter.stdout }), "line");
  return { starter, description: descriptionOf(file ?? "") };
}

function descriptionOf(file: ControlPlane["descriptionFile"]): ControlPlaneDescription {
  const description: ControlPlaneDescription = JSON.parse(readFileSync(file, "utf8"));
  return description;
}

/** Names of what runs, sorted. */
function partsAlive(description: ControlPlaneDescription): string[] {
  const nonce = description.folder.split("-").at(-1) ?? "";
  const pids = {
    etcd: description.etcdPid,
    "kube-apiserver": description.apiServerPid,
    "kube-controller-manager": description.controllerManagerPid,
    supervisor: description.supervisorPid,
  };
  return Object.entries(pids)
    .flatMap(([name, pid]) => (pid !== undefined && isRunningWith(pid, nonce) ? [name] : []))
    .toSorted();
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not so after a minute: ${String(condition)}`);
    await delay(20);
  }
}
