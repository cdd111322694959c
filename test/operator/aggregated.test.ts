import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";
import type { Test } from "tap";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { connect } from "./connect.ts";
import type { ConnectOptions } from "./connect.ts";
import { at } from "./direct.ts";
import { installPolicyCrds } from "./policy-crds.ts";
import { installOperator } from "./start.ts";
import { until } from "../until.ts";

// Its own, because an API group and its CRDs are there once per control plane.
const plane = await startControlPlane();
const operator = await installOperator(plane);
t.teardown(async () => {
  await operator.stop();
  await plane.stop();
});

const run = promisify(execFile);
const kubectl = async (...args: string[]) =>
  (await run(plane.kubectl, ["--kubeconfig", plane.kubeconfig, ...args])).stdout;
const admin = (path: string, body?: unknown, method?: string) =>
  apiRequest(plane, {
    token: plane.admin.token,
    path,
    ...(body === undefined ? {} : { body }),
    ...(method === undefined ? {} : { method }),
  });

async function create(path: string, body: unknown): Promise<void> {
  const { status, body: answer } = await admin(path, body);
  if (status !== 201) throw new Error(`${path}: ${JSON.stringify(answer)}`);
}

/** A namespace with Deployment `web`. */
async function namespaceWithWeb(t: Test): Promise<string> {
  const namespace = await testNamespace(plane, t);
  const labels = { app: "web" };
  await create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
    metadata: { name: "web", labels },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "nginx", image: "nginx" }] } },
    },
  });
  return namespace;
}

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

const proxyWeb: Rule = {
  apiGroups: ["operator.metalbear.co"],
  resources: ["targets"],
  verbs: ["proxy"],
  resourceNames: ["deployment.web"],
};
const readWeb: Rule = { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"], resourceNames: ["web"] };

async function allow(namespace: string, subject: { kind: "User" | "Group"; name: string }, ...rules: Rule[]) {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const metadata = { name: uniqueName("allow") };
  await create(`${rbac}/roles`, { metadata, rules });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name };
  const subjects = [{ ...subject, apiGroup: "rbac.authorization.k8s.io" }];
  await create(`${rbac}/rolebindings`, { metadata, roleRef, subjects });
}

function dial(options: Partial<ConnectOptions> & { namespace: string }) {
  return connect({ server: plane.server, ca: plane.ca, target: "deployment.web", ...options });
}

const jim = { kind: "User", name: "jim" } as const;

t.test("the API server serves the operator's group to kubectl", async (t) => {
  const resources = await kubectl("api-resources", "--api-group=operator.metalbear.co", "-o", "name");
  t.match(resources, /^mirrordoperators\.operator\.metalbear\.co$/m);
  t.match(resources, /^sessions\.operator\.metalbear\.co$/m);
  const shown: unknown = JSON.parse(await kubectl("get", "mirrordoperators", "operator", "-o", "json"));
  t.match(shown, { kind: "MirrordOperator", spec: { operator_version: "3.187.0" } });
});

t.test("a caller who is not the API server is refused, a user's certificate included", async (t) => {
  const path = at("mirrordoperators/operator");
  const { ca } = await plane.issueServingCertificate("x");
  const server = `https://127.0.0.1:${operator.port}`;
  const headers = { "x-remote-user": "admin", "x-remote-group": "system:masters" };
  t.match(await apiRequest({ server, ca }, { path, headers }), { status: 401, body: { reason: "Unauthorized" } });
  const clientCertificate = await plane.issueClientCertificate("admin", "system:masters");
  const answer = await connect({ server, ca, namespace: "dev", target: "targetless", clientCertificate, headers });
  t.match(answer, { ok: false, status: 401 });
});

t.test("without rights the API server refuses, and the operator hears nothing of it", async (t) => {
  const namespace = await namespaceWithWeb(t);
  const refused = await dial({ namespace, token: plane.token("jim") });
  t.match(refused, {
    ok: false,
    status: 403,
    message: `targets.operator.metalbear.co "deployment.web" is forbidden: User "jim" cannot proxy resource "targets" in API group "operator.metalbear.co" in the namespace "${namespace}"`,
  });
  t.notOk(operator.requests().some(({ path }) => path.includes(namespace)));
});

t.test("with the right to connect alone the operator's native check refuses; with both it is a session", async (t) => {
  const namespace = await namespaceWithWeb(t);
  await allow(namespace, jim, proxyWeb);
  const token = plane.token("jim");
  t.match(await dial({ namespace, token }), {
    ok: false,
    status: 403,
    message: `deployments.apps "web" is forbidden: User "jim" cannot get resource "deployments" in API group "apps" in the namespace "${namespace}"`,
  });
  await allow(namespace, jim, readWeb);
  const connection = await dial({ namespace, token });
  t.ok(connection.ok);
  if (connection.ok) t.same(await connection.subscribe({ subscribe: "steal", port: 80 }), { ok: true });
  t.match(await admin(at(`namespaces/${namespace}/sessions`)), {
    body: { items: [{ spec: { session: { target: "deployment/web", locked_ports: [{ port: 80, kind: "steal" }] } } }] },
  });
  t.match(await dial({ namespace, token, target: "deployment.web.container.nginx" }), {
    ok: false,
    status: 403,
    message: /cannot proxy resource/,
  });
  if (connection.ok) await connection.close();
  await until("the session is over", () => operator.sessions().every((session) => session.namespace !== namespace));
});

t.test("groups reach the native check, each on its own", async (t) => {
  const namespace = await namespaceWithWeb(t);
  const group = { kind: "Group", name: uniqueName("group") } as const;
  await allow(namespace, group, proxyWeb, readWeb);
  const { token } = plane.admin;
  const groups = ["first,second", group.name];
  t.ok((await dial({ namespace, token: plane.token("jim", ...groups) })).ok, "by token");
  t.ok((await dial({ namespace, token, impersonate: { user: "jim", groups } })).ok, "by impersonation");
  t.notOk((await dial({ namespace, token, impersonate: { user: "jim", groups: ["first,second"] } })).ok);
  const seen = operator.requests().find(({ path }) => path.includes(namespace));
  t.same(seen?.groups, [...groups, "system:authenticated"]);
});

t.test("targetless needs the namespace itself, which a Role can grant", async (t) => {
  const namespace = await testNamespace(plane, t);
  const token = plane.token("jim");
  await allow(namespace, jim, { ...proxyWeb, resourceNames: ["targetless"] });
  t.match(await dial({ namespace, token, target: "targetless" }), {
    ok: false,
    status: 403,
    message: /cannot get resource "namespaces"/,
  });
  await allow(namespace, jim, { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] });
  t.ok((await dial({ namespace, token, target: "targetless" })).ok);
  t.match(await dial({ namespace: uniqueName("none"), token: plane.admin.token, target: "targetless" }), {
    ok: false,
    status: 404,
  });
});

t.test("policies of the cluster refuse at connect and at subscription", async (t) => {
  const namespace = await namespaceWithWeb(t);
  const token = plane.admin.token;
  const before = await dial({ namespace, token });
  t.ok(before.ok, "there are no policies while their CRDs are missing");
  await installPolicyCrds(plane);
  const policies = `/apis/policies.mirrord.metalbear.co/v1alpha/namespaces/${namespace}/mirrordpolicies`;
  await create(policies, {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "filters-only" },
    spec: { targetPath: "deploy/web", block: ["steal-without-filter"] },
  });
  if (before.ok) {
    t.match(await before.subscribe({ subscribe: "steal", port: 80 }), { ok: false, policy: "filters-only" });
    t.match(await before.subscribe({ subscribe: "steal", port: 80, filter: { header: "a" } }), { ok: true });
  }
  await create(policies, {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "profile" },
    spec: { selector: { matchLabels: { app: "web" } }, block: [], requireProfile: true, profileAllowlist: ["safe"] },
  });
  t.match(await dial({ namespace, token }), { ok: false, status: 403, message: /policy `profile`/ });
  t.match(await dial({ namespace, token, profile: "other" }), { ok: false, status: 403, message: /policy `profile`/ });
  t.ok((await dial({ namespace, token, profile: "safe" })).ok);
});

t.test("a copy is made, connected to and gone through the API server", async (t) => {
  const namespace = await namespaceWithWeb(t);
  const copies = at(`namespaces/${namespace}/copytargets`);
  const spec = { target: { deployment: "web" }, idle_ttl: 30, scale_down: false };
  const metadata = { name: "deploy.web" };
  const made = await admin(copies, { apiVersion: "operator.metalbear.co/v1", kind: "CopyTarget", metadata, spec });
  t.match(made, { status: 201, body: { metadata: { name: /^copy-\d+$/ }, status: { phase: "Ready" } } });
  const name = JSON.stringify(made.body).match(/copy-\d+/)?.[0] ?? "";
  const connection = await dial({ namespace, token: plane.admin.token, target: name, resource: "copytargets" });
  await kubectl("delete", "copytargets", name, "-n", namespace);
  t.ok(connection.ok);
  if (connection.ok) t.match(await connection.closed, { code: 1001 });
});

t.test("kubectl deletes one session, and all of a namespace", async (t) => {
  const namespace = await namespaceWithWeb(t);
  const other = await namespaceWithWeb(t);
  const open = (place: string, id: string) =>
    dial({ namespace: place, token: plane.admin.token, headers: { "x-session-id": id } });
  const [one, two, spared] = await Promise.all([
    open(namespace, "43794"),
    open(namespace, "43795"),
    open(other, "43796"),
  ]);
  t.ok(one.ok && two.ok && spared.ok);
  await kubectl("delete", "sessions.operator.metalbear.co", "AB12", "-n", namespace);
  if (one.ok) t.match(await one.closed, { code: 1001, reason: "session stopped" });
  await kubectl("delete", "sessions.operator.metalbear.co", "--all", "-n", namespace);
  if (two.ok) t.match(await two.closed, { code: 1001, reason: "session stopped" });
  t.match(
    operator.sessions().filter(({ id }) => ["AB12", "AB13", "AB14"].includes(id)),
    [{ namespace: other }],
  );
});

t.test("a namespace with live sessions and copies is deleted, and they end with it", async (t) => {
  const namespace = await namespaceWithWeb(t);
  const connection = await dial({ namespace, token: plane.admin.token });
  const metadata = { name: "deploy.web" };
  await admin(at(`namespaces/${namespace}/copytargets`), { metadata, spec: { target: { deployment: "web" } } });
  t.ok(connection.ok);
  await admin(`/api/v1/namespaces/${namespace}`, undefined, "DELETE");
  await until("the namespace is gone", async () => (await admin(`/api/v1/namespaces/${namespace}`)).status === 404);
  if (connection.ok) t.match(await connection.closed, { code: 1001 });
  t.match(await admin(at("copytargets")), { body: { items: { length: 0 } } });
});
