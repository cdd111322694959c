import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { objectIn } from "../../lib/json.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { until } from "../until.ts";
import { grantProbe } from "./grants.ts";

// Design section 3.2, line by line, on a real API server with its real controllers.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, json, labelled, api, may, settled, remove } = grantProbe(cluster);

interface Listed {
  items: { id: string; status: string; expiresAt?: string; findings: { kind: string; text: string }[] }[];
}

async function only(subject: string) {
  const { items } = await json<Listed>("list", subject);
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error(`${items.length} grants of ${subject}`);
  return item;
}

const ttlSeconds = (job: KubernetesObject | undefined) => objectIn(job?.["spec"])["ttlSecondsAfterFinished"];
const parseEnd = (expiresAt: string | undefined) => Date.parse(expiresAt ?? "");

t.test("access ends by itself, with none of our processes running", async (t) => {
  const granted = await grant("jim", "--ns", "dev", "--ns", "qa", "--for", "20s", "-o", "wide");
  t.equal(granted.code, 0, granted.stderr);
  t.match(granted.stdout, /jim can now mirror and steal/);
  t.match(
    granted.stdout,
    /^ {2}stays {8}after \S+ \S+ UTC: reading the operator's status, watching events, creating credentials$/m,
  );
  await settled("yes", "jim", "dev");

  const [binding] = await labelled("clusterrolebindings");
  const jobs = await labelled("jobs", "dev");
  t.equal(jobs.length, 1, "one anchor in the namespace");
  const [job] = jobs;
  t.match(job?.metadata.name, /^mirrord-expiry-jim-dev-qa-[a-z0-9]{5}$/, "a name that the server made up");
  t.match(granted.stdout, `\n  job.batch/${job?.metadata.name} in namespace dev created\n`, "and the one that is told");
  t.match(job?.metadata.ownerReferences, [{ kind: "ClusterRoleBinding", uid: binding?.metadata.uid }]);
  t.equal(job?.metadata.ownerReferences?.[0]?.blockOwnerDeletion, undefined);
  t.ok(Number(ttlSeconds(job)) <= 21 && Number(ttlSeconds(job)) >= 1);
  for (const child of await labelled("rolebindings", "dev")) {
    t.match(child.metadata.ownerReferences, [{ kind: "Job", uid: job?.metadata.uid }]);
    t.equal(child.metadata.ownerReferences?.length, 1, "the anchor alone owns it");
  }
  const { items: pods } = (await api(
    "GET",
    "/api/v1/namespaces/dev/pods?labelSelector=batch.kubernetes.io/job-name",
  )) as {
    items: unknown[];
  };
  t.equal(pods.length, 0, "no pod is ever made");
  const standing = await only("jim");
  // On a busy machine its seconds are over before it is listed.
  t.ok(standing.status === "ok" || Date.now() >= Date.parse(standing.expiresAt ?? ""), standing.status);

  await until("the access is over", async () => !(await may("jim", "dev")) && !(await may("jim", "qa")));
  await until("the anchors are gone", async () => (await labelled("jobs")).length === 0);
  t.equal((await labelled("rolebindings")).length, 0, "no binding is left");
  t.match(await only("jim"), { status: "expired", findings: [{ kind: "expired" }] }, "the cluster-wide part is left");
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  t.equal((await labelled("clusterrolebindings")).length, 0, "until a sync");
});

t.test("with the controllers stopped access does not end, and list says so", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--for", "4s")).code, 0);
  cluster.plane.pauseControllerManager();
  const { expiresAt } = await only("jim");
  await until("the time is over", async () => Date.now() > parseEnd(expiresAt) + 500);
  t.equal(await may("jim", "dev"), true);
  t.match(await only("jim"), { status: "EXPIRED, still bound" });
  cluster.plane.resumeControllerManager();
  await until("the access is over", async () => !(await may("jim", "dev")));
  t.equal((await grant("revoke", "--all-expired")).code, 0);
  t.equal((await labelled("clusterrolebindings")).length, 0, "no grant is left");
});

t.test("a repeat extends and never shortens; extend does either", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--for", "1h")).code, 0);
  const before = await only("jim");
  const [job] = await labelled("jobs");

  const shorter = await grant("jim", "--ns", "dev", "--for", "30m");
  t.equal(shorter.code, 0, shorter.stderr);
  t.match(shorter.stdout, /Nothing was changed/);
  t.match(shorter.stdout, /lasts until .* already, which is later/);
  t.equal((await only("jim")).expiresAt, before.expiresAt);

  const longer = await grant("jim", "--ns", "dev", "--for", "2h");
  t.equal(longer.code, 0, longer.stderr);
  t.ok(parseEnd((await only("jim")).expiresAt) > parseEnd(before.expiresAt) + 3_500_000);
  const [same] = await labelled("jobs");
  t.equal(same?.metadata.uid, job?.metadata.uid, "the same anchor");
  t.ok(
    Number(ttlSeconds(same)) >= 7200 && Number(ttlSeconds(same)) <= 7260,
    `the ttl is counted from its completion: ${String(ttlSeconds(same))}`,
  );

  const cut = await grant("extend", before.id.slice(0, 8), "--for", "10m", "--yes");
  t.equal(cut.code, 0, cut.stderr);
  t.match(await only("jim"), { status: "ok" });
  t.ok(parseEnd((await only("jim")).expiresAt) < Date.now() + 601_000);
  t.ok(Number(ttlSeconds((await labelled("jobs"))[0])) <= 660);
  t.equal((await grant("jim", "--ns", "dev")).code, 0, "a permanent grant is another one");
  t.equal((await json<Listed>("list", "jim")).items.length, 2);
  const permanent = await grant("extend", "jim", "--for", "1h");
  t.equal(permanent.code, 2, "which of the two is not said");
  await remove();
});

t.test("deleting the binding takes anchor and access along at once", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--for", "1h")).code, 0);
  const [binding] = await labelled("clusterrolebindings");
  await cluster.kubectl("admin", "delete", "clusterrolebinding", binding?.metadata.name ?? "");
  await until(
    "all is gone",
    async () => (await labelled("jobs")).length + (await labelled("rolebindings")).length === 0,
  );
  await settled("no", "jim", "dev");
});

t.test("who may write jobs or rolebindings could defeat it: refused, or said", async (t) => {
  await cluster.kubectl("admin", "create", "rolebinding", "jim-edit", "-n", "dev", "--clusterrole=edit", "--user=jim");
  const refused = await grant("jim", "--ns", "dev", "--for", "1h");
  t.equal(refused.code, 2);
  t.match(refused.stderr, /EXPIRY NOT ENFORCED.*may change jobs or rolebindings in dev[\s\S]*--accept-weak-expiry/);
  t.equal((await labelled("clusterrolebindings")).length, 0, "nothing was written");

  const accepted = await grant("jim", "--ns", "dev", "--for", "1h", "--accept-weak-expiry");
  t.equal(accepted.code, 0, accepted.stderr);
  t.match(accepted.stderr, /EXPIRY NOT ENFORCED/);
  t.match(await only("jim"), { status: "EXPIRY NOT ENFORCED" });

  const [job] = await labelled("jobs");
  const lengthened = await cluster.kubectl(
    "jim",
    "patch",
    "job",
    "-n",
    "dev",
    job?.metadata.name ?? "",
    "-p",
    '{"spec":{"ttlSecondsAfterFinished":2000000000}}',
  );
  t.equal(lengthened.code, 0, lengthened.stderr);
  const { findings } = await only("jim");
  t.ok(
    findings.some(({ text }) => /ends at 20[89]\d.* and not when the grant does/.test(text)),
    JSON.stringify(findings),
  );
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  t.ok(Number(ttlSeconds((await labelled("jobs"))[0])) <= 3601, "sync sets it right");
  await cluster.kubectl("admin", "delete", "rolebinding", "jim-edit", "-n", "dev");
  t.match(await only("jim"), { status: "ok" });
  await remove();

  const byRole = await grant("jim", "--ns", "dev", "--for", "1h", "--role", "clusterrole/edit");
  t.equal(byRole.code, 2, "the role that is granted counts too");
  t.match(byRole.stderr, /EXPIRY NOT ENFORCED|lets its holder gain more rights/);
});

const syncer = ["--serviceaccount=mirrord-access:default"];
const asSyncer = ["--as=system:serviceaccount:mirrord-access:default"];

t.test("a grant everywhere cannot end by itself, unless a sync runs", async (t) => {
  const refused = await grant("jim", "-A", "--for", "1h");
  t.equal(refused.code, 2);
  t.match(refused.stderr, /cannot end by itself/);
  t.equal((await labelled("clusterrolebindings")).length, 0, "no grant is left");
  const pod = { spec: { restartPolicy: "Never", containers: [{ name: "sync", image: "sync" }] } };
  await api("POST", "/api/v1/namespaces", { metadata: { name: "mirrord-access" } });
  await cluster.kubectl("admin", "create", "clusterrolebinding", "sync", "--clusterrole=cluster-admin", ...syncer);
  await api("POST", "/apis/batch/v1/namespaces/mirrord-access/cronjobs", {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "mirrord-access" },
    spec: { schedule: "*/10 * * * *", jobTemplate: { spec: { template: pod } } },
  });
  await until("the authorizer knows the account", async () => {
    const asked = await cluster.kubectl("admin", "auth", "can-i", "delete", "clusterrolebindings", "-A", ...asSyncer);
    return asked.stdout.startsWith("yes");
  });
  const granted = await grant("jim", "-A", "-y", "--for", "3s");
  t.equal(granted.code, 0, granted.stderr);
  t.match(granted.stdout, /next run of cronjob mirrord-access in namespace mirrord-access.*sa:mirrord-access\/default/);
  await settled("yes", "jim", "dev");
  const { expiresAt } = await only("jim");
  await until("the time is over", async () => Date.now() > parseEnd(expiresAt));
  t.match(await only("jim"), { status: "EXPIRED, still bound" });
  t.equal((await grant("sync", "-y")).code, 0);
  await settled("no", "jim", "dev");
  await api("DELETE", "/apis/batch/v1/namespaces/mirrord-access/cronjobs/mirrord-access");
});

t.test("anchors that were orphaned, squatted or deleted by hand are seen, and sync repairs them", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--ns", "qa", "--for", "1h")).code, 0);
  const [inDev] = await labelled("jobs", "dev");
  await cluster.kubectl("admin", "delete", "job", "-n", "dev", "--cascade=orphan", inDev?.metadata.name ?? "");
  await until("the anchor is gone", async () => (await labelled("jobs", "dev")).length === 0);
  await until("what it owned is orphaned", async () =>
    (await labelled("rolebindings", "dev")).every(({ metadata }) => metadata.ownerReferences === undefined),
  );
  t.equal(await may("jim", "dev"), true, "the access stays, for ever");
  const { findings, status } = await only("jim");
  t.equal(status, "DETACHED");
  t.ok(findings.some(({ kind }) => kind === "unanchored"));

  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  t.match(await only("jim"), { status: "ok" });
  const [anchor] = await labelled("jobs", "dev");
  t.not(anchor?.metadata.uid, inDev?.metadata.uid);
  t.ok(Number(ttlSeconds(anchor)) <= Number(ttlSeconds(inDev)), "for the rest of its time");
  t.ok(Number(ttlSeconds(inDev)) <= 3600, "and never for more than was asked for");

  const { metadata, spec } = anchor as KubernetesObject & { spec: Record<string, unknown> };
  await api("POST", "/apis/batch/v1/namespaces/qa/jobs", {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "squatter", labels: metadata.labels, ownerReferences: metadata.ownerReferences },
    spec: {
      completions: 0,
      parallelism: 0,
      managedBy: "example.com/nobody",
      ttlSecondsAfterFinished: 10,
      template: podTemplate(spec),
    },
  });
  const real = (await labelled("jobs", "qa")).find((job) => job.metadata.name !== "squatter");
  await api("DELETE", `/apis/batch/v1/namespaces/qa/jobs/${real?.metadata.name ?? ""}?propagationPolicy=Background`);
  await until("the access in qa is over with its anchor", async () => !(await may("jim", "qa")));
  const squatted = await only("jim");
  t.equal(squatted.status, "DETACHED");
  t.ok(squatted.findings.some(({ text }) => /is not what ends it: it is managed by "example.com\/nobody"/.test(text)));
  t.ok(squatted.findings.some(({ kind }) => kind === "missing"));
  const again = await grant("sync", "-y");
  t.equal(again.code, 0, again.stderr);
  const jobs = await labelled("jobs", "qa");
  t.equal(jobs.length, 1, "the squatted anchor is gone, and one of ours is in its place");
  t.not(jobs[0]?.metadata.name, "squatter", "a job that never completes is nothing to hang access on");
  await settled("yes", "jim", "qa");
  await remove();
});

function podTemplate(spec: Record<string, unknown>) {
  const { spec: pod } = spec["template"] as { spec: unknown };
  return { spec: pod };
}

t.test("a quota on jobs refuses before the first write, and the manifest is offered", async (t) => {
  await cluster.kubectl("admin", "create", "quota", "no-jobs", "-n", "qa", "--hard=count/jobs.batch=0");
  await until("the quota counts", async () => {
    const { status } = (await api("GET", "/api/v1/namespaces/qa/resourcequotas/no-jobs")) as {
      status?: { hard?: object };
    };
    return status?.hard !== undefined;
  });
  const refused = await grant("jim", "--ns", "dev", "--ns", "qa", "--for", "1h");
  t.equal(refused.code, 4, refused.stdout);
  t.match(refused.stderr, /exceeded quota[\s\S]*kubectl mirrord grant jim .*-o yaml/);
  t.equal((await labelled("clusterrolebindings")).length, 0, "no grant is left");
  t.equal((await labelled("jobs")).length, 0, "no anchor is left");
  await cluster.kubectl("admin", "delete", "quota", "no-jobs", "-n", "qa");
});

t.test("a namespace with Pod Security restricted takes the anchor", async (t) => {
  await api("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: "strict",
      labels: { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted" },
    },
  });
  const granted = await grant("jim", "--ns", "strict", "--for", "1h");
  t.equal(granted.code, 0, granted.stderr);
  t.notMatch(granted.stderr, /PodSecurity/);
  await remove();
});

t.test("the limited role of a temporary grant hangs on the anchor too", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--target", "deploy/web", "--for", "5s")).code, 0);
  const [job] = await labelled("jobs");
  const [role] = await labelled("roles");
  t.match(role?.metadata.ownerReferences, [{ kind: "Job", uid: job?.metadata.uid }]);
  await until("all is over", async () => (await labelled("roles")).length === 0 && !(await may("jim", "dev")));
  await remove();
});
