import t from "tap";
import { until } from "../until.ts";
import { at, startDirect } from "./direct.ts";
import type { Direct } from "./direct.ts";
import { listAt } from "./json.ts";

const path = at("namespaces/dev/copytargets");

function creation(spec: Record<string, unknown>) {
  return { method: "POST", body: { metadata: { name: "deploy.web" }, spec: { idle_ttl: 30, ...spec } } };
}

const web = { target: { deployment: "web", container: null }, scale_down: false };

function addPolicy(direct: Direct, spec: Record<string, unknown>) {
  const policies = "/apis/policies.mirrord.metalbear.co/v1alpha/namespaces/dev/mirrordpolicies";
  direct.kube.objects.set(policies, { items: [{ metadata: { name: "p" }, spec: { block: [], ...spec } }] });
}

t.test("a copy comes back ready, with its maker's session", async (t) => {
  const direct = await startDirect(t);
  const created = await direct.call(path, creation({ ...web, session_key: "jim" }));
  t.equal(created.code, 201);
  t.match(created.json, {
    apiVersion: "operator.metalbear.co/v1",
    kind: "CopyTarget",
    metadata: { name: "copy-1", namespace: "dev" },
    spec: { ...web, idle_ttl: 30, exclude_containers: { length: 0 }, exclude_init_containers: { length: 0 } },
    status: {
      creator_session: { id: String, user: "unknown/jim@unknown", key: "jim" },
      phase: "Ready",
      failure_message: null,
    },
  });
  t.same((await direct.call(`${path}/copy-1`)).json, created.json);
  t.match((await direct.call(path)).json, { kind: "CopyTargetList", items: [{ metadata: { name: "copy-1" } }] });
  t.match((await direct.call(at("copytargets"))).json, { items: [{}] });
  t.same(direct.operator.sessions(), [], "the maker's session is not running yet");
});

t.test("a copy may take some polls, or fail", async (t) => {
  const direct = await startDirect(t, { copyTargets: { phase: "Ready", polls: 2 } });
  t.match((await direct.call(path, creation(web))).json, { status: { phase: "InProgress" } });
  t.match(await direct.connect({ target: "copy-1", resource: "copytargets" }), { ok: false, status: 409 });
  for (const phase of ["InProgress", "InProgress", "Ready"]) {
    t.match((await direct.call(`${path}/copy-1`)).json, { status: { phase } });
  }
  direct.operator.control.set({ copyTargets: { phase: "Failed", message: "no room" } });
  t.match((await direct.call(path, creation(web))).json, { status: { phase: "Failed", failure_message: "no room" } });
});

const refusals: { name: string; spec: Record<string, unknown>; code: number }[] = [
  { name: "an unknown kind", spec: { target: { daemon_set: "x" } }, code: 422 },
  { name: "targetless", spec: { target: null }, code: 422 },
  { name: "labels", spec: { target: { labels: { app: "web" } } }, code: 422 },
  { name: "a service", spec: { target: { service: "web" } }, code: 422 },
  { name: "a workload that is not there", spec: { target: { deployment: "nope" } }, code: 404 },
];
for (const { name, spec, code } of refusals) {
  t.test(`${name} cannot be copied`, async (t) => {
    const direct = await startDirect(t);
    t.equal((await direct.call(path, creation(spec))).code, code);
    t.match((await direct.call(path)).json, { items: { length: 0 } });
  });
}

t.test("a copy needs the native read of its original, to make and to use", async (t) => {
  const direct = await startDirect(t);
  direct.kube.allow = () => false;
  t.match((await direct.call(path, creation({ target: { job: "migrate" } }))).json, {
    code: 403,
    message:
      'jobs.batch "migrate" is forbidden: User "jim" cannot get resource "jobs" in API group "batch" in the namespace "dev"',
  });
  direct.kube.allow = () => true;
  await direct.call(path, creation({ target: { job: "migrate" } }));
  t.ok((await direct.connect({ target: "copy-1", resource: "copytargets" })).ok);
  direct.kube.allow = () => false;
  t.match(await direct.connect({ target: "copy-1", resource: "copytargets" }), { ok: false, status: 403 });
});

t.test("scaling down is refused by policy, copying without it is not", async (t) => {
  const direct = await startDirect(t);
  addPolicy(direct, { block: ["copy-target-scale-down"], targetPath: "deploy/web" });
  const refused = await direct.call(path, creation({ ...web, scale_down: true }));
  t.match(refused.json, { code: 403, message: "Operation was blocked by policy `p`" });
  t.equal((await direct.call(path, creation(web))).code, 201);
});

t.test("policies bind a copy's session only when they say that they apply to copies", async (t) => {
  const direct = await startDirect(t);
  await direct.call(path, creation(web));
  const steal = { subscribe: "steal", port: 80 } as const;
  const connection = await direct.connect({ target: "copy-1", resource: "copytargets" });
  addPolicy(direct, { block: ["steal"] });
  if (connection.ok) t.same(await connection.subscribe(steal), { ok: true });
  addPolicy(direct, { block: ["steal"], appliesToCopyTargets: true });
  if (connection.ok) t.match(await connection.subscribe(steal), { ok: false, policy: "p" });
  t.ok(connection.ok);
});

t.test("an idle copy goes after its time, a used one stays", async (t) => {
  let now = new Date("2026-01-01T00:00:00Z");
  const direct = await startDirect(t, { clock: () => now });
  await direct.call(path, creation(web));
  await direct.call(path, creation(web));
  const connection = await direct.connect({ target: "copy-2", resource: "copytargets" });
  const wait = (seconds: number) => void (now = new Date(now.getTime() + seconds * 1000));
  const count = async () => listAt((await direct.call(path)).json, "items").length;
  wait(30);
  t.equal(await count(), 2);
  wait(1);
  t.equal(await count(), 1);
  t.equal((await direct.call(`${path}/copy-2`)).code, 200);
  if (connection.ok) await connection.close();
  await t.resolves(untilIdle(direct));
  wait(31);
  t.equal(await count(), 0);
});

async function untilIdle({ operator }: Direct): Promise<void> {
  await until("the session is over", () => operator.sessions().length === 0);
}

t.test("deleting a copy ends its sessions", async (t) => {
  const direct = await startDirect(t);
  for (const [name, remove] of [
    ["copy-1", `${path}/copy-1`],
    ["copy-2", path],
    ["copy-3", at("copytargets?fieldSelector=metadata.name%3Dcopy-3")],
  ] as const) {
    await direct.call(path, creation(web));
    const connection = await direct.connect({ target: name, resource: "copytargets" });
    t.equal((await direct.call(remove, { method: "DELETE" })).code, 200);
    if (connection.ok) t.match(await connection.closed, { code: 1001 });
    t.ok(connection.ok);
    t.equal((await direct.call(`${path}/${name}`)).code, 404);
  }
  t.match(await direct.connect({ target: "copy-1", resource: "copytargets" }), { ok: false, status: 404 });
});
