// What ends a grant in a namespace is a Job. Another one under its label, or another owner of what it owns, must not keep access.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld } from "../e2e/secure-defaults-world.ts";
import { until } from "../until.ts";
import { attack, firstSteps, type Step } from "./first-steps.ts";

const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
const { grant, json, labelled, api, may, settled, remove } = grantProbe(cluster);
// Everything in the namespace: a label of a binding is not changed without holding what it gives.
const mallory = world.user("mallory");
await world.bind(mallory, "cluster-admin", "dev");

const HOUR = 3_600_000;

interface Listed {
  items: { status: string; expiresAt?: string; findings: { kind: string; object?: string; text: string }[] }[];
}

async function only(subject: string) {
  const { items } = await json<Listed>("list", subject);
  t.equal(items.length, 1);
  return items[0];
}

/** When the anchor goes, in milliseconds since 1970. */
function anchorEnd(job: KubernetesObject | undefined): number {
  const { status, spec } = job as unknown as {
    status?: { conditions?: { type: string; lastTransitionTime: string }[] };
    spec: { ttlSecondsAfterFinished: number };
  };
  const complete = status?.conditions?.find(({ type }) => type === "Complete")?.lastTransitionTime ?? "";
  return Date.parse(complete) + spec.ttlSecondsAfterFinished * 1000;
}

t.test("a job that never completes neither takes the place of a sound anchor nor stays", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--for", "1h")).code, 0);
  const [sound] = await labelled("jobs", "dev");
  await api("POST", "/api/v1/namespaces/dev/pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "orphan", labels: { forge: "me" } },
    spec: {
      restartPolicy: "Never",
      nodeName: "n1",
      terminationGracePeriodSeconds: 315_360_000,
      containers: [{ name: "c", image: "x" }],
    },
  });
  if (sound === undefined) throw new Error("no anchor");
  await attack(world, mallory, firstSteps.forgeAnchor(sound, "aaa"));
  const item = await only("jim");
  t.equal(item?.status, "DETACHED");
  t.match(item?.findings, [{ kind: "detached", object: "job/aaa" }]);
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  await until("the forged job is gone", async () => (await labelled("jobs", "dev")).length === 1);
  const [left] = await labelled("jobs", "dev");
  t.equal(left?.metadata.uid, sound?.metadata.uid, "the sound anchor stays");
  t.equal((await only("jim"))?.status, "ok");
  t.equal(await may("jim", "dev"), true);
  await remove();
});

t.test("two ends given at once leave one anchor, and the later end", async (t) => {
  for (const [at, lifetimes] of [
    ["1h", "2h"],
    ["3h", "2h"],
    ["1h", "2h"],
  ].entries()) {
    const subject = `twice${at}`;
    const runs = await Promise.all(lifetimes.map((lifetime) => grant(subject, "--ns", "dev", "--for", lifetime)));
    t.same(
      runs.map(({ code }) => code),
      [0, 0],
      runs.map(({ stderr }) => stderr).join("\n"),
    );
    const jobs = (await labelled("jobs", "dev")).filter(({ metadata }) => metadata.name?.includes(subject));
    t.equal(jobs.length, 1);
    const { expiresAt = "", status } = (await only(subject)) ?? {};
    t.equal(status, "ok");
    t.ok(Math.abs(anchorEnd(jobs[0]) - Date.parse(expiresAt)) < 20_000, "which ends when the grant does");
    const later = Math.max(...lifetimes.map((lifetime) => Number.parseInt(lifetime, 10)));
    t.equal(Math.ceil((Date.parse(expiresAt) - Date.now()) / HOUR), later, "and that is the later end");
    t.equal((await grant("sync", "--check")).code, 0, "a sync finds nothing to do");
  }
  await remove();
});

t.test("a suspended anchor ends its grant like another", async (t) => {
  t.equal((await grant("sue", "--ns", "dev", "--for", "10s")).code, 0);
  await settled("yes", "sue", "dev");
  const [job] = await labelled("jobs", "dev");
  if (job === undefined) throw new Error("no anchor");
  await attack(world, mallory, firstSteps.suspendAnchor(job));
  await settled("no", "sue", "dev");
  t.equal((await grant("sync", "-y")).code, 0);
  await remove();
});

const routes: [how: string, step: (anchor: KubernetesObject) => Step][] = [
  ["its end is moved", (anchor) => firstSteps.moveEnd(anchor, 2_000_000_000)],
  ["it is held by way of its status", (anchor) => firstSteps.holdByStatus(anchor, "example.com/keep")],
];
for (const [how, step] of routes) {
  t.test(`an anchor that somebody changed is found, and a sync mends it: ${how}`, async (t) => {
    t.equal((await grant("pia", "--ns", "dev", "--for", "1h")).code, 0);
    const [job] = await labelled("jobs", "dev");
    if (job === undefined) throw new Error("no anchor");
    await attack(world, mallory, step(job));
    t.not((await only("pia"))?.status, "ok");
    t.equal((await grant("sync", "-y")).code, 0);
    const { status, expiresAt = "" } = (await only("pia")) ?? {};
    t.equal(status, "ok");
    const jobs = await labelled("jobs", "dev");
    t.equal(jobs.length, 1);
    t.ok(Math.abs(anchorEnd(jobs[0]) - Date.parse(expiresAt)) < 20_000, "which ends when the grant does");
    t.equal((await grant("sync", "--check")).code, 0);
    await remove();
  });
}

t.test("an owner that somebody added is taken off once, and would not have kept the access", async (t) => {
  t.equal((await grant("user:ola", "--ns", "dev")).code, 0);
  const map = (await api("POST", "/api/v1/namespaces/dev/configmaps", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "stays" },
  })) as KubernetesObject;
  const stays = { ...map, apiVersion: "v1", kind: "ConfigMap" };
  for (const binding of await labelled("rolebindings", "dev"))
    await attack(world, mallory, firstSteps.addOwner(binding, stays));
  t.equal((await only("user:ola"))?.status, "DETACHED");
  const first = await grant("sync", "-y");
  t.equal(first.code, 0, first.stderr);
  t.match(first.stdout, /rolebinding\S+ in namespace dev configured/);
  for (const { metadata } of await labelled("rolebindings", "dev"))
    t.match(metadata.ownerReferences, [{ kind: "ClusterRoleBinding" }], "one owner");
  t.equal((await only("user:ola"))?.status, "ok");
  t.match((await grant("sync", "-y")).stderr, /In sync/, "and a second sync writes nothing");
  await remove();
});

t.test("what is left of a grant without the binding that carries its intent is found by name", async (t) => {
  t.equal((await grant("una", "--ns", "dev")).code, 0);
  const [main] = await labelled("clusterrolebindings");
  // As somebody leaves it who takes the owners off before the intent goes.
  for (const binding of await labelled("rolebindings", "dev"))
    await attack(world, mallory, firstSteps.takeOwnersOff(binding));
  await api("DELETE", `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${main?.metadata.name ?? ""}`);
  t.equal(await may("una", "dev"), true);
  const item = await only("una");
  t.equal(item?.status, "unreadable");
  const described = await grant("describe", "una");
  t.equal(described.code, 0, described.stderr);
  t.match(described.stdout, /Subject: +una/);
  const revoked = await grant("revoke", "una");
  t.equal(revoked.code, 0, revoked.stderr);
  t.equal((await labelled("rolebindings", "dev")).length, 0);
  await settled("no", "una", "dev");
});
