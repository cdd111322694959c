import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import t from "tap";
import { connectCluster } from "../../lib/kube/live/live-cluster.ts";
import type { Cluster, ReviewMethod } from "../../lib/kube/cluster.ts";
import { parseSessionConfig } from "../../lib/mirrord/config/config.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { explainDecision } from "../../lib/preview/explain.ts";
import { smallestFixes } from "../../lib/preview/fix.ts";
import { previewSession, type Preview } from "../../lib/preview/preview.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { installPolicyCrds } from "../operator/policy-crds.ts";
import { defaultSettings } from "../operator/settings.ts";
import { until } from "../until.ts";
import { installOperator } from "../operator/start.ts";
import { root } from "./example-cluster.ts";
import { messageIn } from "./session-client.ts";

// What only a real API server can show: who may ask by which way, and that the commands that are named do what is said.
const NAMESPACE = "dev";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const plane = await startControlPlane({ controllerManager: false, auditLog: false });
const operator = await installOperator(plane, { features: [...defaultSettings.features, "PreviewEnv"] });
await installPolicyCrds(plane);
const stop = new AbortController();
t.teardown(async () => {
  stop.abort();
  await operator.stop();
  await plane.stop();
});

const connectTo = (server: string, token: string): Promise<Cluster> =>
  connectCluster(
    {
      kubeconfig: plane.kubeconfig,
      server,
      token,
      ...(server.startsWith("https") ? { certificateAuthority: plane.caFile } : {}),
    },
    { env: {}, signal: stop.signal, warn: () => {} },
  );
const connectAs = (user: string, ...groups: string[]) => connectTo(plane.server, plane.token(user, ...groups));
const admin = await connectTo(plane.server, plane.admin.token);

async function put(path: string, body: unknown, method?: string): Promise<void> {
  const headers = { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
  const answer = await apiRequest(plane, {
    token: plane.admin.token,
    path,
    body,
    headers,
    ...(method === undefined ? {} : { method }),
  });
  if (answer.status >= 300) throw new Error(`${path}: ${messageIn(answer.body)}`);
}

await put("/api/v1/namespaces", { metadata: { name: NAMESPACE } });
const deployments = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
await put(deployments, {
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "x" }] } },
  },
});
await put(`${deployments}/web/status`, { status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 } }, "PATCH");

const rule = (apiGroup: string, resources: string[], verbs: string[]) => ({ apiGroups: [apiGroup], resources, verbs });
const OPERATOR = "operator.metalbear.co";
const userRules = [
  rule(OPERATOR, ["mirrordoperators"], ["get", "list"]),
  rule(OPERATOR, ["mirrordoperators/certificate", "mirrordclusteroperatorusercredentials"], ["create"]),
];
for (const [name, rules] of Object.entries({
  "mirrord-operator-user-basic": userRules,
  "mirrord-operator-user": [
    ...userRules,
    rule(OPERATOR, ["copytargets", "targets"], ["get", "list", "proxy"]),
    rule(OPERATOR, ["copytargets"], ["create"]),
    rule(OPERATOR, ["sessions"], ["delete", "deletecollection"]),
  ],
}))
  await put(`${RBAC}/clusterroles`, { metadata: { name }, rules });

let roles = 0;
/** Gives a user rights: everywhere, or in the namespace. */
async function give(user: string, rules: object[], place?: "namespace"): Promise<void> {
  const name = `given-${(roles += 1)}`;
  await put(`${RBAC}/clusterroles`, { metadata: { name }, rules });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
  const subjects = [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: user }];
  const path = place === undefined ? `${RBAC}/clusterrolebindings` : `${RBAC}/namespaces/${NAMESPACE}/rolebindings`;
  await put(path, { metadata: { name }, roleRef, subjects });
}

const everything = [
  ...userRules,
  rule(OPERATOR, ["targets", "copytargets"], ["get", "list", "create", "proxy"]),
  rule("", ["pods", "namespaces"], ["get", "list"]),
  rule("apps", ["deployments"], ["get"]),
];

interface Question {
  action?: Action;
  target?: string;
  config?: object;
  as?: string;
  groups?: string[];
  via?: ReviewMethod;
}

function ask(
  cluster: Cluster,
  { action = "mirror", target = "deploy/web", config, as, groups, via }: Question,
  explain = false,
): Promise<Preview> {
  const session =
    config === undefined ? undefined : parseSessionConfig(JSON.stringify(config), { fileName: "m.json", env: {} });
  return previewSession(
    cluster,
    {
      action,
      target: parseTarget(target),
      namespace: NAMESPACE,
      ...(session === undefined ? {} : { config: { session, file: "m.json" } }),
    },
    {
      explain,
      exposure: false,
      now: new Date(),
      ...(as === undefined ? {} : { as: { name: as, groups: groups ?? [], groupsGiven: groups !== undefined } }),
      ...(via === undefined ? {} : { via }),
    },
  );
}

/** The server learns of new rights a moment after they were written. */
function toAnswer(wanted: string, asking: () => Promise<Preview>): Promise<Preview> {
  return until(`the answer is ${wanted}`, async () => {
    const preview = await asking();
    return preview.verdict.answer === wanted && preview;
  });
}

async function shell(line: string): Promise<{ code: unknown; stderr: string }> {
  const path = [join(plane.kubectl, ".."), join(root, "bin"), process.env["PATH"] ?? ""].join(":");
  const child = spawn("sh", ["-c", line], {
    env: { PATH: path, KUBECONFIG: plane.kubeconfig, HOME: dirname(plane.kubeconfig) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stderr = text(child.stderr);
  const [code]: unknown[] = await once(child, "close");
  return { code, stderr: await stderr };
}

const policies = `/apis/policies.mirrord.metalbear.co/v1alpha/namespaces/${NAMESPACE}/mirrordpolicies`;
const clusterPolicies = "/apis/policies.mirrord.metalbear.co/v1alpha/mirrordclusterpolicies";
async function withPolicies(specs: readonly object[]): Promise<void> {
  await apiRequest(plane, { token: plane.admin.token, path: policies, method: "DELETE" });
  for (const [index, spec] of specs.entries())
    await put(policies, {
      apiVersion: "policies.mirrord.metalbear.co/v1alpha",
      kind: "MirrordPolicy",
      metadata: { name: `p${index}` },
      spec: { block: [], ...spec },
    });
}

const steal = (filter?: object) => ({
  target: "deploy/web",
  feature: { network: { incoming: { mode: "steal", ...(filter === undefined ? {} : { http_filter: filter }) } } },
});
const fixed: { name: string; question: Question; given?: object[]; policies?: object[]; kind: string }[] = [
  { name: "no rights at all", question: { action: "steal" }, kind: "grant" },
  { name: "a copy", question: { action: "copy" }, kind: "grant" },
  { name: "no target", question: { action: "targetless", target: "targetless" }, kind: "grant" },
  { name: "a list of sessions", question: { action: "list-sessions", target: "targetless" }, kind: "grant" },
  { name: "the end of sessions", question: { action: "kill-sessions", target: "targetless" }, kind: "role" },
  { name: "a preview", question: { action: "preview" }, kind: "role" },
  {
    name: "a policy against stealing",
    question: { action: "steal" },
    given: everything,
    policies: [{ block: ["mirror", "steal"] }],
    kind: "policy",
  },
  {
    name: "two policies against stealing",
    question: { action: "steal" },
    given: everything,
    policies: [{ block: ["steal", "steal"] }, { block: ["steal-without-filter"] }],
    kind: "policy",
  },
  {
    name: "a policy against mirroring",
    question: {},
    given: everything,
    policies: [{ block: ["mirror"] }],
    kind: "policy",
  },
  {
    name: "a policy against scaling down",
    question: { action: "copy-scale-down" },
    given: everything,
    policies: [{ block: ["copy-target-scale-down"] }],
    kind: "policy",
  },
  { name: "a required profile", question: {}, given: everything, policies: [{ requireProfile: true }], kind: "policy" },
  {
    name: "a header filter that does not match",
    question: { action: "steal", config: steal({ header_filter: "x-other: 1" }) },
    given: everything,
    policies: [{ network: { incoming: { httpFilter: { headerFilter: "^x-user: " } } } }],
    kind: "policy",
  },
  {
    name: "no rights, and a policy besides",
    question: { action: "steal" },
    policies: [{ block: ["steal"] }],
    kind: "grant",
  },
];

for (const [index, { name, question, given, policies: specs = [], kind }] of fixed.entries()) {
  t.test(`${name}: the command that is named makes it a yes`, async (t) => {
    const as = `fixed-${index}`;
    const asking = () => ask(admin, { ...question, as });
    if (given !== undefined) {
      await give(as, given);
      // Only the policies may be what is in the way, so the authorizer has to know of the rights first.
      await toAnswer("yes", asking);
    }
    await withPolicies(specs);
    const before = await toAnswer("no", asking);
    t.equal(before.verdict.answer, "no", before.verdict.reason);
    const [fix] = smallestFixes(before, {
      connection: ["--kubeconfig", plane.kubeconfig],
      manifests: [],
    });
    t.match(fix, { kind, proven: true });
    const commands = [...(fix?.commands ?? []), ...(fix?.policies ?? []).flatMap(({ command }) => command ?? [])];
    t.ok(commands.length > 0);
    for (const command of commands) {
      const ran = await shell(command);
      t.equal(ran.code, 0, ran.stderr);
    }
    const after = await toAnswer("yes", asking);
    t.equal(after.verdict.answer, "yes", `${commands.join("; ")}: ${after.verdict.reason}`);
    await withPolicies([]);
  });
}

t.test("who may not read policies is told unknown, and the named role change lets the answer be known", async (t) => {
  await give("reader", everything);
  const own = await connectAs("reader");
  const before = await toAnswer("unknown", () => ask(own, {}));
  t.match(before.verdict, {
    answer: "unknown",
    reason: /^you may not list mirrordpolicies and mirrordclusterpolicies/,
  });
  const [fix] = smallestFixes(before, { connection: [], manifests: [] });
  t.match(fix, { kind: "role", proven: false, opens: "reading the policies" });
  t.match(fix?.commands, [/^kubectl create clusterrole /, /^kubectl create clusterrolebinding /]);
  for (const command of fix?.commands ?? []) t.equal((await shell(command)).code, 0);
  t.equal((await toAnswer("yes", () => ask(own, {}))).verdict.answer, "yes");
  own.close();
});

t.test("whoever has a plain or a limited grant knows the answer to the own question, policies included", async (t) => {
  for (const [name, limit] of [
    ["granted", []],
    ["limited", ["--target", "deploy/web"]],
  ] as const) {
    const own = await connectAs(name);
    const mirror = () => ask(own, {});
    const stealing = () => ask(own, { action: "steal" });
    const words = ["kubectl", "mirrord", "grant", name, "--ns", NAMESPACE, ...limit];
    const ran = await shell([...words, "--kubeconfig", plane.kubeconfig].join(" "));
    t.equal(ran.code, 0, ran.stderr);
    t.equal((await toAnswer("yes", mirror)).verdict.answer, "yes");
    await put(clusterPolicies, {
      apiVersion: "policies.mirrord.metalbear.co/v1alpha",
      kind: "MirrordClusterPolicy",
      metadata: { name: "no-steal" },
      spec: { block: ["steal"] },
    });
    t.match((await toAnswer("no", stealing)).verdict, { answer: "no", reason: /no-steal/ });
    t.equal((await mirror()).verdict.answer, "yes");
    await apiRequest(plane, { token: plane.admin.token, path: clusterPolicies, method: "DELETE" });
    own.close();
  }
});

t.test("each way of asking about somebody else is used where it may be, and says so where it may not", async (t) => {
  await give("asked", everything);
  await give("by-sar", [rule("authorization.k8s.io", ["subjectaccessreviews"], ["create"])]);
  await give("by-legacy", [{ ...rule("", ["users"], ["impersonate"]), resourceNames: ["asked"] }]);
  await give("by-constrained", [
    { ...rule("authentication.k8s.io", ["users"], ["impersonate:user-info"]), resourceNames: ["asked"] },
    rule("authentication.k8s.io", ["selfsubjectreviews"], ["impersonate-on:user-info:create"]),
    rule("authorization.k8s.io", ["selfsubjectaccessreviews"], ["impersonate-on:user-info:create"]),
  ]);
  await give("by-local", [rule("authorization.k8s.io", ["localsubjectaccessreviews"], ["create"])], "namespace");
  const seesPolicies = [rule("policies.mirrord.metalbear.co", ["*"], ["list"])];
  for (const asker of ["by-sar", "by-legacy", "by-constrained", "by-local", "nobody"]) await give(asker, seesPolicies);

  const ways: { asker: string; via?: ReviewMethod; answer: string; reason: RegExp }[] = [
    { asker: "by-sar", answer: "yes", reason: /^$/ },
    { asker: "by-sar", via: "impersonate", answer: "unknown", reason: /you may not impersonate this identity/ },
    { asker: "by-legacy", answer: "yes", reason: /^$/ },
    { asker: "by-legacy", via: "sar", answer: "unknown", reason: /you may not create subjectaccessreviews/ },
    { asker: "by-constrained", answer: "yes", reason: /^$/ },
    { asker: "by-local", answer: "unknown", reason: /could not be asked/ },
    { asker: "nobody", answer: "unknown", reason: /sar: .*; impersonate: .*; local-sar: / },
  ];
  for (const { asker, via, answer, reason } of ways) {
    const cluster = await connectAs(asker);
    const question: Question = { as: "asked", groups: [], ...(via === undefined ? {} : { via }) };
    const preview = await toAnswer(answer, () => ask(cluster, question));
    t.equal(preview.verdict.answer, answer, `${asker} ${via ?? ""}: ${preview.verdict.reason}`);
    t.match(preview.verdict.reason, reason, asker);
    if (asker === "by-local") {
      const inNamespace = preview.checks.filter(({ attributes }) => "namespace" in attributes);
      t.ok(
        inNamespace.length >= 3 && inNamespace.every((check) => check.answer === "yes"),
        "what is in the namespace could be asked",
      );
    }
    cluster.close();
  }
});

t.test("a proxy that drops the headers of impersonation makes it unknown, not the caller's own yes", async (t) => {
  await give("impersonator", [
    ...everything,
    rule("", ["users"], ["impersonate"]),
    rule("policies.mirrord.metalbear.co", ["*"], ["list"]),
  ]);
  const token = plane.token("impersonator");
  // Nobody sends a token over plain HTTP: such a proxy logs in by itself.
  const proxy = createServer((incoming, outgoing) => {
    const kept = Object.entries(incoming.headers).filter(
      ([name]) => !name.startsWith("impersonate-") && name !== "host",
    );
    const headers = { ...Object.fromEntries(kept), authorization: `Bearer ${token}` };
    const passed = request(
      new URL(incoming.url ?? "/", plane.server),
      { method: incoming.method, headers, ca: plane.ca },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.teardown(() => proxy.closeAllConnections());
  t.teardown(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const through = await connectTo(`http://127.0.0.1:${port}`, token);
  const direct = await connectTo(plane.server, token);
  const question: Question = { as: "stranger", groups: [], via: "impersonate" };
  t.equal((await toAnswer("no", () => ask(direct, question))).verdict.answer, "no", "without the proxy");
  const { verdict } = await ask(through, question);
  t.equal(verdict.answer, "unknown");
  t.match(verdict.reason, /impersonation does not arrive at the server: it sees user "impersonator"/);
  through.close();
  direct.close();
});

t.test("who cannot read RBAC learns from the server's words which binding, role and subject decided", async (t) => {
  await give("reading", everything);
  const own = await connectAs("reading");
  const preview = await toAnswer("unknown", () => ask(own, {}, true));
  const decide = explainDecision(preview, new Date());
  const step = preview.checks.find(({ id }) => id === "connect-proxy");
  const decision = step === undefined ? undefined : decide(step);
  t.match(decision?.text, /^clusterrolebinding\/given-\d+ gives clusterrole\/given-\d+ to user reading$/);
  t.match(decision?.by, [
    {
      binding: { kind: "ClusterRoleBinding" },
      role: { kind: "ClusterRole" },
      subject: { kind: "User", name: "reading" },
    },
  ]);
  const known = await ask(admin, { as: "reading", groups: [] }, true);
  const full = known.checks.map(explainDecision(known, new Date()));
  t.match(full[0]?.by, [{ ruleIndex: 0, subjectIndex: 0 }], "an administrator sees rule and subject");
  own.close();
});

t.test("an operator that fails makes it unknown, and one that is gone a no", async (t) => {
  operator.control.fail({ how: 503 });
  const failing = await ask(admin, { as: "asked", groups: [] });
  operator.control.recover();
  t.equal(failing.verdict.answer, "unknown");
  t.match(failing.verdict.reason, /the mirrord operator does not answer/);
  operator.control.set({ licenseExpiresAt: "2020-01-01" });
  t.match((await ask(admin, { as: "asked", groups: [] })).verdict, {
    answer: "no",
    reason: /licence expired on 2020-01-01/,
  });
  operator.control.set({ licenseExpiresAt: "2099-12-31" });
});
