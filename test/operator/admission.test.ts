import t from "tap";
import { at, startDirect } from "./direct.ts";
import type { Direct } from "./direct.ts";
import type { ConnectOptions } from "./connect.ts";

const web: Partial<ConnectOptions> & { target: string } = { target: "deployment.web" };
const policyBase = "/apis/policies.mirrord.metalbear.co/v1alpha";

function addPolicies(direct: Direct, scope: "namespace" | "cluster", ...specs: Record<string, unknown>[]) {
  const path = scope === "cluster" ? "mirrordclusterpolicies" : "namespaces/dev/mirrordpolicies";
  const items = specs.map((spec, index) => ({
    metadata: { name: `${scope}-${index}` },
    spec: { block: [], ...spec },
  }));
  direct.kube.objects.set(`${policyBase}/${path}`, { items });
}

const nativeChecks: { options: Partial<ConnectOptions> & { target: string }; attributes: Record<string, string> }[] = [
  { options: web, attributes: { verb: "get", group: "apps", resource: "deployments", namespace: "dev", name: "web" } },
  {
    options: { target: "deploy.web.container.nginx" },
    attributes: { verb: "get", group: "apps", resource: "deployments", namespace: "dev", name: "web" },
  },
  {
    options: { target: "pod.web-1" },
    attributes: { verb: "get", group: "", resource: "pods", namespace: "dev", name: "web-1" },
  },
  {
    options: { target: "targetless" },
    attributes: { verb: "get", group: "", resource: "namespaces", namespace: "dev", name: "dev" },
  },
  {
    options: { target: "label", labels: { app: "web" } },
    attributes: { verb: "list", group: "", resource: "pods", namespace: "dev" },
  },
];
for (const { options, attributes } of nativeChecks) {
  t.test(`${options.target} is reviewed as ${attributes["verb"]} ${attributes["resource"]}`, async (t) => {
    const direct = await startDirect(t, { features: ["ProxyApi", "LabelTargeting"] });
    t.ok((await direct.connect(options)).ok);
    t.same(direct.kube.reviews[0]?.["resourceAttributes"], attributes);
    direct.kube.allow = () => false;
    const refused = await direct.connect(options);
    t.match(refused, { ok: false, status: 403, reason: "Forbidden", message: /is forbidden: User "jim" cannot/ });
  });
}

t.test("the review names the whole user", async (t) => {
  const direct = await startDirect(t);
  const headers = {
    "x-remote-user": Buffer.from("jüm").toString("latin1"),
    "x-remote-group": ["a,b", "system:authenticated"],
    "x-remote-uid": "7",
    "x-remote-extra-example.org%2fscope": ["one", "two"],
  };
  await direct.connect({ ...web, headers });
  t.match(direct.kube.reviews[0], {
    user: "jüm",
    groups: ["a,b", "system:authenticated"],
    uid: "7",
    extra: { "example.org/scope": ["one", "two"] },
  });
});

const impossible: { name: string; options: Partial<ConnectOptions> & { target: string }; status: number }[] = [
  { name: "a workload that is not there", options: { target: "deployment.nope" }, status: 404 },
  { name: "a container that is not there", options: { target: "deployment.web.container.nope" }, status: 404 },
  { name: "a namespace that is not there", options: { target: "targetless", namespace: "nope" }, status: 404 },
  { name: "a spelling that is none", options: { target: "deployments.web" }, status: 404 },
  { name: "a job, which must be copied", options: { target: "job.migrate" }, status: 400 },
  { name: "labels on an operator without them", options: { target: "label", labels: { app: "web" } }, status: 400 },
  { name: "a connect that is none", options: { target: "x", parameters: { connect: "false" } }, status: 400 },
  { name: "a malformed session id", options: { ...web, headers: { "x-session-id": "AB12" } }, status: 400 },
  {
    name: "a session id beyond 64 bits",
    options: { ...web, headers: { "x-session-id": "18446744073709551616" } },
    status: 400,
  },
];
for (const { name, options, status } of impossible) {
  t.test(`${name} is refused with ${status}`, async (t) => {
    const direct = await startDirect(t);
    t.match(await direct.connect(options), { ok: false, status });
    t.same(direct.operator.sessions(), []);
  });
}

t.test("a sidecar can be named, and labels that select nothing cannot be targeted", async (t) => {
  const direct = await startDirect(t, { features: ["ProxyApi", "LabelTargeting"] });
  t.ok((await direct.connect({ target: "deployment.web.container.sidecar" })).ok);
  t.match(await direct.connect({ target: "label", labels: { app: "none" } }), { ok: false, status: 404 });
  t.match(await direct.connect({ target: "label" }), { ok: false, status: 400 });
});

t.test("a user who may not read a target learns nothing of it", async (t) => {
  const direct = await startDirect(t);
  direct.kube.allow = () => false;
  t.match(await direct.connect({ target: "deployment.nope" }), { ok: false, status: 403 });
});

t.test("what the operator cannot find out itself is 500, never a yes", async (t) => {
  const direct = await startDirect(t);
  direct.kube.objects.set(`${policyBase}/mirrordclusterpolicies`, 403);
  t.match(await direct.connect(web), { ok: false, status: 500 });
  direct.kube.objects.set("/apis/apps/v1/namespaces/dev/deployments/web", 503);
  t.match(await direct.connect(web), { ok: false, status: 500 });
});

const profiles: { name: string; specs: Record<string, unknown>[]; profile?: string; refusedBy?: string }[] = [
  { name: "no profile where none is asked for", specs: [{}] },
  { name: "no profile where one is required", specs: [{}, { requireProfile: true }], refusedBy: "namespace-1" },
  { name: "any profile where one is required", specs: [{ requireProfile: true }], profile: "p" },
  { name: "no profile with a list of allowed ones", specs: [{ profileAllowlist: ["p"] }] },
  { name: "a listed profile", specs: [{ profileAllowlist: ["p", "dev/q"] }], profile: "dev/q" },
  { name: "an unlisted profile", specs: [{ profileAllowlist: ["p"] }], profile: "q", refusedBy: "namespace-0" },
  {
    name: "a profile that is in one of two lists",
    specs: [{ profileAllowlist: ["p", "q"] }, { profileAllowlist: ["p"] }],
    profile: "q",
    refusedBy: "namespace-1",
  },
  { name: "an empty list", specs: [{ profileAllowlist: [] }], profile: "p", refusedBy: "namespace-0" },
  { name: "a policy for another target", specs: [{ targetPath: "deploy/db", requireProfile: true }] },
  { name: "a policy in the wrong spelling", specs: [{ targetPath: "deployment/web", requireProfile: true }] },
];
for (const { name, specs, profile, refusedBy } of profiles) {
  t.test(`${name} is ${refusedBy === undefined ? "accepted" : "refused"}`, async (t) => {
    const direct = await startDirect(t);
    addPolicies(direct, "namespace", ...specs);
    const connection = await direct.connect({ ...web, ...(profile === undefined ? {} : { profile }) });
    t.equal(connection.ok, refusedBy === undefined);
    if (!connection.ok) t.match(connection, { status: 403, message: `policy \`${refusedBy}\`` });
  });
}

t.test("cluster policies bind as well", async (t) => {
  const direct = await startDirect(t);
  addPolicies(direct, "cluster", { selector: { matchLabels: { tier: "front" } }, requireProfile: true });
  t.match(await direct.connect(web), { ok: false, status: 403, message: /`cluster-0`/ });
});

t.test("parameters may come in a header", async (t) => {
  const direct = await startDirect(t);
  addPolicies(direct, "namespace", { profileAllowlist: ["p"] });
  const header = (query: string) => ({ "x-mirrord-connect-params": Buffer.from(query).toString("base64") });
  t.match(await direct.connect({ ...web, headers: header("connect=true&profile=q") }), { ok: false, status: 403 });
  const connection = await direct.connect({
    ...web,
    headers: header("connect=true&profile=p&key=jim&header_filter=a%3A.b"),
  });
  t.ok(connection.ok);
  t.match(direct.operator.sessions(), [{ key: "jim", http_filter: { headerFilter: "a:.b" } }]);
});

t.test("an operator is connected to by get as well", async (t) => {
  const direct = await startDirect(t);
  t.ok((await direct.connect({ ...web, verb: "get" })).ok);
  t.match(direct.operator.requests().at(-1), {
    path: `${at("namespaces/dev/targets/deployment.web")}?connect=true`,
    status: 101,
  });
});
