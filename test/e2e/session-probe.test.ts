import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { harmful, schemaErrors } from "../commands/session-cluster.ts";
import { createAuthority } from "../control-plane/certificates.ts";
import { apiRequest } from "../control-plane/request.ts";
import { until } from "../until.ts";
import { startExampleCluster, type CommandResult } from "./example-cluster.ts";

// An operator that does not answer, asked by itself: the API server connects to a pod through a kubelet, which passes on
// to the stand-in for the operator. What is broken differs, and so does the verdict.
t.setTimeout(600_000);

const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { plane, operator, kubelet } = cluster;
const { token } = plane.admin;

const status = (as: string, ...words: string[]): Promise<CommandResult> =>
  cluster.kubectl(as, "mirrord", "session", "status", ...words);

const servicePath = "/api/v1/namespaces/mirrord/services/mirrord-operator";
const registrationPath = "/apis/apiregistration.k8s.io/v1/apiservices/v1.operator.metalbear.co";

async function patch(path: string, body: object): Promise<void> {
  const headers = { "Content-Type": "application/merge-patch+json" };
  const answer = await apiRequest(plane, { token, method: "PATCH", path, headers, body });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

async function operatorPod(): Promise<string> {
  const { body } = await apiRequest(plane, { token, path: "/api/v1/namespaces/mirrord/pods" });
  const { items } = body as { items: { metadata: { name: string } }[] };
  return items[0]?.metadata.name ?? "";
}
await until("the operator has a pod", async () => (await operatorPod()) !== "");
const pod = await operatorPod();

const ports = (targetPort: number): object => ({
  spec: { ports: [{ name: "https", port: operator.port, targetPort }] },
});

/** The verdict of `--probe -o json`, whose form is that of its schema, and the exit code. */
async function verdict(as: string, ...words: string[]): Promise<{ code: number; verdict: string; stderr: string }> {
  const { code, stdout, stderr } = await status(as, "--probe", "-o", "json", ...words);
  if (stdout === "") return { code, verdict: "", stderr };
  if (schemaErrors("session-status.json", stdout) !== "No errors") {
    throw new Error(`${schemaErrors("session-status.json", stdout)}: ${stdout}`);
  }
  const { probe } = JSON.parse(stdout) as { probe: { verdict: string } };
  return { code, verdict: probe.verdict, stderr };
}

t.test("an operator that answers both ways works", async (t) => {
  const { code, stdout, stderr } = await status("admin", "--probe");
  t.equal(code, 0, stderr);
  t.match(stdout, /^Operator version: +3\.187\.0\n/);
  t.match(
    stdout,
    new RegExp(
      `^Pod: +${pod}: ready\nGET /health of the pod: +200\nVerdict: +the operator answers, by itself and`,
      "m",
    ),
  );
  t.match(await verdict("admin"), { code: 0, verdict: "works" });
});

t.test("the last lines of the log, whatever they hold", async (t) => {
  const key = `mirrord/${pod}/mirrord-operator`;
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  const hostile = "\u001b[2J\u202egnp.exe\u009b31m\rforged";
  kubelet.logs.set(key, {
    text: `${[...lines, `\u001b[32m INFO\u001b[0m\tstarted`, hostile].join("\n")}\n`,
    previous: "panicked\n",
  });
  const { code, stdout, stderr } = await status("admin", "--logs");
  t.equal(code, 0, stderr);
  const [, log = ""] = stdout.split(`\nLog of pod mirrord/${pod}, container mirrord-operator:\n`);
  const shown = log.trimEnd().split("\n");
  t.equal(shown.length, 50, "without --tail, the last fifty lines");
  t.equal(shown[0], "line 13");
  t.equal(shown[48], " INFO    started");
  t.notMatch(stdout, harmful);
  t.match((await status("admin", "--logs", "--tail", "1")).stdout, /:\n\^\[\[2J[^\n]*forged\n$/);
  t.match((await status("admin", "--logs", "--tail=-1")).stdout, /:\nline 1\nline 2\n/);
  t.match((await status("admin", "--logs", "--previous")).stdout, /, before its restart:\npanicked\n$/);

  const json = await status("admin", "--logs", "-o", "json", "--tail", "2");
  t.equal(schemaErrors("session-status.json", json.stdout), "No errors");
  t.match(JSON.parse(json.stdout), { logs: { name: pod, lines: ["\u001b[32m INFO\u001b[0m\tstarted", hostile] } });
});

t.test(
  "audit usage reads the log that the operator writes, whole and followed, as far as the caller may",
  async (t) => {
    const event = (message: string, more: object = {}) =>
      JSON.stringify({
        timestamp: new Date().toISOString(),
        level: "INFO",
        fields: { message, client_user: "jim", target: "deployment/web", target_namespace: "dev", ...more },
        target: "operator_context::event::functional_log",
      });
    const text = ["starting", event("Session Start"), event("Port Steal", { port: 80 }), ""].join("\n");
    kubelet.logs.set(`mirrord/${pod}/mirrord-operator`, { text });
    const usage = (as: string, ...words: string[]): Promise<CommandResult> =>
      cluster.kubectl(as, "mirrord", "audit", "usage", "--operator", ...words);
    const whole = await usage("admin", "--since", "24h", "-o", "json");
    t.equal(whole.code, 0, whole.stderr);
    t.match(JSON.parse(whole.stdout), {
      items: [{ user: "jim", target: "deployment/web", sessions: 1, unfiltered: 1 }],
    });
    const followed = await usage("admin", "-f");
    t.match(
      followed.stdout,
      /^\S+  jim  session begins  deployment\/web in dev\n\S+  jim  steals a port .*, unfiltered\n$/,
    );
    t.match(await usage("jim"), { code: 3, stdout: "" });
  },
);

t.test("audit unused of several clusters judges each by the log of its own operator", async (t) => {
  const folder = t.testdir({});
  const kubeconfig = join(folder, "config");
  const entries = { here: plane.server, down: "https://127.0.0.1:1" };
  const contexts = Object.entries({ here: "admin", stranger: "jim", down: "admin" });
  const tokens = { admin: token, jim: plane.token("jim", "system:authenticated") };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: Object.entries(entries).map(([name, server]) => ({
        name,
        cluster: { server, "certificate-authority": plane.caFile },
      })),
      users: Object.entries(tokens).map(([name, value]) => ({ name, user: { token: value } })),
      contexts: contexts.map(([name, user]) => ({
        name,
        context: { cluster: name === "down" ? "down" : "here", user },
      })),
    }),
    { mode: 0o600 },
  );
  t.equal((await cluster.kubectl("admin", "mirrord", "grant", "ida", "--ns", "dev", "-y")).code, 0);
  t.teardown(() => cluster.kubectl("admin", "delete", "clusterrolebindings", "-l", "kubectl-mirrord.io/grant"));
  const line = (daysAgo: number, fields: object) =>
    JSON.stringify({ timestamp: new Date(Date.now() - daysAgo * 86_400_000).toISOString(), level: "INFO", fields });
  const session = { message: "Session Start", client_user: "jim", target: "deployment/web", target_namespace: "dev" };
  kubelet.logs.set(`mirrord/${pod}/mirrord-operator`, {
    text: [line(95, { message: "started" }), line(1, session), ""].join("\n"),
  });
  const { code, stdout, stderr } = await cluster.kubectl(
    "admin",
    ..."mirrord audit unused --operator --all-contexts -o json --kubeconfig".split(" "),
    kubeconfig,
  );
  t.equal(code, 3, stderr);
  const report: { complete: boolean; clusters: object[]; items: { cluster: string; subject: string }[] } =
    JSON.parse(stdout);
  t.match(report.clusters, [
    { name: "down", complete: false, error: /connection .*refused|Unable to connect/i },
    { name: "here", logs: { operator: { covered: 90, of: 90 } } },
    { name: "stranger", complete: false, error: /jim/ },
  ]);
  t.match(
    report.items.filter(({ subject }) => subject === "ida"),
    [{ cluster: "here", verdict: "unknown", why: /^it was granted at .*, within that time$/ }],
  );
  t.ok(report.items.every(({ cluster: name }) => name === "here"));
});

t.test("a log that there is none of, or that the caller may not read, is an error beside the status", async (t) => {
  kubelet.logs.clear();
  const none = await status("admin", "--logs", "--previous");
  t.match(none, { code: 2, stdout: "" });
  t.match(none.stderr, /previous terminated container "mirrord-operator" in pod/);
  t.match((await status("admin", "--logs")).stdout, /container mirrord-operator:\n<none>\n$/);

  const forbidden = await status("jim", "--logs");
  t.match(forbidden, { code: 3, stdout: "" });
  t.match(forbidden.stderr, /^Error from server .*mirrordoperators/);
});

t.test("flags of the log without it, and a number that is none, are refused", async (t) => {
  t.match(await status("admin", "--tail", "3"), { code: 2, stderr: /--tail is about the log\nAdd --logs/ });
  t.match(await status("admin", "--previous"), { code: 2, stderr: /--previous is about the log/ });
  for (const lines of ["ten", "-2", "1.5", ""]) {
    t.match(await status("admin", "--logs", `--tail=${lines}`), { code: 2, stderr: /--tail takes a number of lines/ });
  }
});

t.test("a way that is blocked", async (t) => {
  await patch(servicePath, { spec: { externalName: "unreachable.invalid" } });
  t.teardown(() => patch(servicePath, { spec: { externalName: "localhost" } }));
  await until("the APIService is not available", async () => {
    const { body } = await apiRequest(plane, { token, path: registrationPath });
    return JSON.stringify(body).includes("unreachable.invalid");
  });
  const { code, stdout, stderr } = await status("admin", "--probe");
  t.equal(code, 3);
  t.match(stdout, /^APIService: +Available=False .*unreachable\.invalid/m);
  t.match(stdout, /^Through the API server: +the mirrord operator does not answer as it should: .*unavailable/m);
  t.match(
    stdout,
    /^GET \/health of the pod: +200\nVerdict: +the operator answers, but the API server does not get there/m,
  );
  t.match(stdout, new RegExp(`^Next: +Let the API server reach port ${operator.port} of the pod`, "m"));
  t.match(stderr, /^error: the mirrord operator does not answer as it should/);
  t.match(await verdict("admin"), { code: 3, verdict: "unreachable" });
  t.match(await status("admin", "--logs"), { code: 3, stdout: /^Log of pod/, stderr: /^error: the mirrord operator/ });
});

t.test("a certificate that the API server does not trust", async (t) => {
  const caBundle = (pem: string): object => ({ spec: { caBundle: Buffer.from(pem).toString("base64") } });
  await patch(registrationPath, caBundle((await createAuthority("other")).certPem));
  t.teardown(() => patch(registrationPath, caBundle(plane.ca)));
  const path = "/apis/operator.metalbear.co/v1/mirrordoperators/operator";
  await until("the operator does not answer", async () => (await apiRequest(plane, { token, path })).status === 503);
  const { stdout } = await status("admin", "--probe");
  t.match(stdout, /^Verdict: +the operator answers, but the API server does not trust its certificate: no authority/m);
  t.equal((await verdict("admin")).verdict, "untrusted");
});

async function listening(t: { teardown(work: () => void): void }, serve: Parameters<typeof createServer>[1]) {
  const server: Server = createServer({}, serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

t.test("a pod whose port does not answer: it is the operator", async (t) => {
  t.teardown(() => patch(servicePath, ports(operator.port)));
  const closed = await listening(t, (socket) => void socket.destroy());
  const silent = await listening(t, (socket) => void socket.on("error", () => {}));
  const plain = await listening(t, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  });
  const cases: [port: number, says: RegExp][] = [
    [1, /on port 1: error forwarding port 1 to pod .* ECONNREFUSED/],
    [closed, /: the connection was closed before an answer came$/m],
    [silent, /: no answer within 2 s$/m],
    [plain, /: what listens there does not speak TLS$/m],
  ];
  for (const [port, says] of cases) {
    await patch(servicePath, ports(port));
    const { code, stdout } = await status("admin", "--probe", "--request-timeout", "2s");
    t.equal(code, 3);
    t.match(stdout, says);
    t.match(stdout, /^Next: +See why: kubectl mirrord session status --logs$/m);
  }
  t.equal((await verdict("admin")).verdict, "silent");
});

t.test("Ctrl-C ends the wait for a pod at once", async (t) => {
  t.teardown(() => patch(servicePath, ports(operator.port)));
  let connected = (): void => {};
  const connection = new Promise<void>((resolve) => (connected = resolve));
  const silent = await listening(t, (socket) => {
    socket.on("error", () => {});
    connected();
  });
  await patch(servicePath, ports(silent));
  const pidFile = join(t.testdir(), "pid");
  const command = "kubectl mirrord session status --probe --request-timeout 60s";
  const ended = cluster.shell("admin", `echo $$ > '${pidFile}'; exec ${command}`);
  await connection;
  process.kill(Number(readFileSync(pidFile, "utf8")), "SIGINT");
  t.match(await ended, { code: 130, stdout: "" });
});

t.test("an operator that answers with an error", async (t) => {
  operator.control.fail({ match: { pathIncludes: "/health" }, how: 503 });
  t.teardown(() => operator.control.recover());
  t.match(await verdict("admin"), { code: 3, verdict: "unhealthy" });
  t.match((await status("admin", "--probe")).stdout, /^Verdict: +the operator itself answers, but with 503$/m);
});

const role = (name: string, rules: object[]): object => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name },
  rules,
});

t.test("whoever may not is told what is missing, and not that the operator is at fault", async (t) => {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const reads = [
    { apiGroups: ["operator.metalbear.co"], resources: ["mirrordoperators"], verbs: ["get"] },
    { apiGroups: [""], resources: ["services"], verbs: ["get"] },
  ];
  const name = "probes";
  await apiRequest(plane, { token, path: `${rbac}/clusterroles`, body: role(name, reads) });
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "eve" }],
  };
  await apiRequest(plane, { token, path: `${rbac}/clusterrolebindings`, body: binding });
  await until("eve may see the operator", async () => (await status("eve")).code === 0);
  t.match((await status("eve", "--probe")).stdout, /could not be asked: .*"eve" cannot list resource "pods"/);

  const may = async (resource: string, verb: string): Promise<void> => {
    reads.push({ apiGroups: [""], resources: [resource], verbs: [verb] });
    await patch(`${rbac}/clusterroles/${name}`, { rules: reads });
  };
  await may("pods", "list");
  const refused = (want: RegExp) => async () => want.test((await status("eve", "--probe")).stdout);
  await until(
    "eve may list pods",
    refused(/Verdict: +the operator itself could not be asked: .*"eve" cannot get resource "pods\/portforward"/),
  );
  await may("pods/portforward", "get");
  await until(
    "eve may get port-forwards",
    refused(/^Verdict: .* is forbidden: \nNext: +It takes get and create on pods\/portforward in namespace mirrord$/m),
  );
  t.match(await verdict("eve"), { code: 3, verdict: "unknown" });
  await may("pods/portforward", "create");
  await until("eve may open connections", refused(/^Verdict: +the operator answers, by itself and/m));
  t.match((await status("admin", "--probe", "--as", "eve")).stdout, /the operator answers, by itself and/);
});

t.test("an API server that does not answer is neither", async (t) => {
  const { code, stdout, stderr } = await status("admin", "--probe", "--server", "http://127.0.0.1:1");
  t.match({ code, stdout }, { code: 3, stdout: "" });
  t.match(stderr, /^error: The connection to the server 127\.0\.0\.1:1 was refused|^The connection/);
});

t.test("impersonated groups cannot be sent, so the question is refused", async (t) => {
  for (const words of [
    ["--as-group", "x"],
    ["--as-uid", "1"],
    ["--as-user-extra", "a=b"],
  ]) {
    const { code, stdout, stderr } = await status("admin", "--probe", "--as", "admin", ...words);
    t.match({ code, stdout }, { code: 2, stdout: "" });
    t.match(stderr, /cannot send them\nLeave --as-group/);
  }
  const logs = await status("admin", "--logs", "--as", "someone", "--as-group", "system:masters");
  t.equal(logs.code, 0, "a log needs no connection");
});

t.test("only a probe loads the library that opens connections", async (t) => {
  const hook = `import { registerHooks } from "node:module";
    registerHooks({ resolve(name, context, next) {
      if (name.includes("client-node")) process.stderr.write("LOADED\\n");
      return next(name, context);
    } });`;
  const loads = async (words: string): Promise<boolean> => {
    const options = `--import=data:text/javascript;base64,${Buffer.from(hook).toString("base64")}`;
    return (await cluster.shell("admin", `NODE_OPTIONS='${options}' ${words}`)).stderr.includes("LOADED");
  };
  t.equal(await loads("kubectl mirrord session status --probe"), true);
  for (const words of [
    "session status --logs",
    "session status --help",
    "can-i steal deploy/web -n dev",
    "session list -A",
  ])
    t.equal(await loads(`kubectl mirrord ${words}`), false, words);
});

t.test("a pod that is not ready, and why", async (t) => {
  const message = "back-off 5m0s restarting failed container\nVerdict: all is well";
  await patch(`/api/v1/namespaces/mirrord/pods/${pod}/status`, {
    status: {
      conditions: [{ type: "Ready", status: "False", reason: "ContainersNotReady" }],
      containerStatuses: [
        {
          name: "mirrord-operator",
          image: "x",
          imageID: "",
          ready: false,
          restartCount: 7,
          state: { waiting: { reason: "CrashLoopBackOff", message } },
        },
      ],
    },
  });
  const { code, stdout } = await status("admin", "--probe");
  t.equal(code, 3);
  t.match(stdout, /^Verdict: +it is the operator: its pod is not ready: CrashLoopBackOff: back-off .*\\nVerdict: all/m);
  t.equal(stdout.match(/^Verdict:/gm)?.length, 1);
  t.equal((await verdict("admin")).verdict, "not-ready");
});

t.test("a node that does not answer says nothing about the operator", async (t) => {
  await kubelet.disconnect();
  await patch("/apis/apps/v1/namespaces/mirrord/deployments/mirrord-operator", {
    spec: { template: { metadata: { annotations: { restarted: "once" } } } },
  });
  await until("the new pod is there", async () => (await verdict("admin")).verdict === "unknown");
  t.match(
    (await status("admin", "--probe")).stdout,
    /could not be asked: .*dial tcp 127\.0\.0\.1:\d+: connect: connection refused/,
  );
  const logs = await status("admin", "--logs");
  t.match(logs, { code: 3, stdout: "", stderr: /connection refused/ });
});

t.test("no pod, no Service, no registration", async (t) => {
  await patch("/apis/apps/v1/namespaces/mirrord/deployments/mirrord-operator", { spec: { replicas: 0 } });
  await until("the pods are gone", async () => (await verdict("admin")).verdict === "not-running");
  t.match(
    (await status("admin", "--probe")).stdout,
    /but no pod in namespace mirrord is selected by app=mirrord-operator/,
  );
  t.match(await status("admin", "--logs"), { code: 3, stderr: /the operator has no logs: no pod/ });
  await apiRequest(plane, { token, method: "DELETE", path: servicePath });
  t.match((await status("admin", "--probe")).stdout, /but there is no Service mirrord-operator in namespace mirrord/);
  await apiRequest(plane, { token, method: "DELETE", path: registrationPath });
  await until("the registration is gone", async () => (await verdict("admin")).verdict === "not-registered");
});
