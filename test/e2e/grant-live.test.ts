import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { root, startExampleCluster } from "./example-cluster.ts";
import { until } from "../until.ts";
import { grantProbe } from "./grants.ts";

// Grants on a real API server with its controllers, with the real kubectl beside us.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, json, labelled, api, settled, remove } = grantProbe(cluster);
const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-grants-"));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

interface Listed {
  items: { id: string; status: string; subject: string; namespaces: string[]; findings: { kind: string }[] }[];
}

async function listStatus(subject: string): Promise<string> {
  const { items } = await json<Listed>("list", subject);
  return items.map(({ status }) => status).join();
}

const makeNamespace = (name: string, labels: Record<string, string>) =>
  api("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });

t.test("a manifest is applied by kubectl, works at once, and sync adopts it", async (t) => {
  for (const [subject, more] of [
    ["jim", []],
    ["ana", ["--for", "1h"]],
  ] as const) {
    const file = join(folder, `${subject}.yaml`);
    const printed = await grant(subject, "--ns", "dev", ...more, "--dry-run=client", "-o", "yaml");
    t.equal(printed.code, 0, printed.stderr);
    t.notMatch(printed.stdout, /ownerReferences|uid:|kind: Job/);
    writeFileSync(file, printed.stdout);
    const applied = await cluster.kubectl("admin", "apply", "-f", file);
    t.equal(applied.code, 0, applied.stderr);
    await settled("yes", subject, "dev");
    t.equal(await listStatus(subject), subject === "ana" ? "UNANCHORED" : "unadopted");
    t.match(await grant("list", "-f", folder, "--diff"), { code: 0, stdout: "" }, "the files are in the cluster");
    const diff = await grant(subject, "--ns", "dev", ...more, "--diff");
    t.match(diff, { code: 1, stdout: /\n\+ {3}ownerReferences:\n/ }, diff.stderr);
    t.notMatch(diff.stdout, /last-applied|managedFields|resourceVersion/, "only what would be different");
    const removed = diff.stdout.split("\n").filter((line) => line.startsWith("-") && !line.includes("expires-at"));
    t.same(removed, [], "applying on top takes nothing away");
  }
  t.equal((await grant("sync", "--check")).code, 1);
  const asks = await grant("sync");
  t.equal(asks.code, 2, "nobody guards who writes grants, and there is nobody to ask");
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  t.equal(await listStatus("jim"), "ok");
  t.equal(await listStatus("ana"), "ok");
  t.match(await grant("jim", "--ns", "dev", "--diff"), { code: 0, stdout: "" });
  t.equal((await grant("sync", "--check")).code, 0);
  const again = await cluster.kubectl("admin", "apply", "-f", join(folder, "jim.yaml"));
  t.equal(again.code, 0, again.stderr);
  t.equal((await grant("sync", "--check")).code, 0, "applying the file again takes nothing away");

  const same = await grant("list", "-f", folder, "--diff");
  t.equal(same.code, 0, same.stdout);
  const names = (await labelled("clusterrolebindings")).map(({ metadata }) => metadata.name ?? "");
  for (const name of names) await cluster.kubectl("admin", "delete", "clusterrolebinding", name);
  await until("the children go with their owner", async () => (await labelled("rolebindings")).length === 0);
  t.equal((await grant("list", "-f", folder, "--diff")).code, 1);
});

t.test("a folder of files is applied by kubectl as it is", async (t) => {
  const files = join(folder, "gitops");
  await cluster.shell("admin", `cp -r ${join(root, "examples")} ${files}`);
  const written = await grant("jim", "--ns", "dev", "--manifests", files);
  t.equal(written.code, 0, written.stderr);
  const applied = await cluster.kubectl("admin", "apply", "-f", join(files, "mirrord-access"));
  t.equal(applied.code, 0, applied.stderr);
  await settled("yes", "jim", "dev");
  t.equal((await grant("sync", "-y")).code, 0);
  t.equal(await listStatus("jim"), "ok");
  await remove();
});

t.test("a binding that somebody made again has lost its children: sync restores them", async (t) => {
  t.equal((await grant("jim", "--ns", "dev")).code, 0);
  const [binding] = await labelled("clusterrolebindings");
  const { name = "", labels = {}, annotations = {} } = binding?.metadata ?? {};
  await cluster.kubectl("admin", "delete", "clusterrolebinding", name);
  await until("the children are gone", async () => (await labelled("rolebindings")).length === 0);
  await api("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name, labels, annotations },
    roleRef: binding?.["roleRef"],
    subjects: binding?.["subjects"],
  });
  t.equal(await listStatus("jim"), "incomplete");
  t.equal((await grant("sync", "-y")).code, 0);
  t.equal(await listStatus("jim"), "ok");
  await settled("yes", "jim", "dev");
  await remove();
});

t.test("subjects that somebody added are taken out by sync, although kubectl manages the field now", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--no-reads")).code, 0);
  const [binding] = await labelled("rolebindings");
  const eve = [
    ...((binding?.["subjects"] ?? []) as object[]),
    { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "eve" },
  ];
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings/${binding?.metadata.name ?? ""}`;
  await api("PUT", `${path}?fieldManager=kubectl-edit`, { ...binding, subjects: eve });
  await settled("yes", "eve", "dev");
  t.equal(await listStatus("jim"), "DETACHED");
  const again = await grant("jim", "--ns", "dev", "--no-reads");
  t.equal(again.code, 4, "a conflict is shown, and not fought");
  t.match(again.stderr, /conflict with "kubectl-edit".*subjects/);
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  await settled("no", "eve", "dev");
  await settled("yes", "jim", "dev");
  await remove();
});

t.test("revoke deletes what was stripped of its owner", async (t) => {
  t.equal((await grant("jim", "--ns", "dev")).code, 0);
  for (const { metadata } of await labelled("rolebindings")) {
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings/${metadata.name ?? ""}`;
    await api("PATCH", path, { metadata: { ownerReferences: null } }, "application/merge-patch+json");
  }
  t.equal(await listStatus("jim"), "DETACHED");
  const revoked = await grant("revoke", "jim");
  t.equal(revoked.code, 0, revoked.stderr);
  t.match(revoked.stdout, /jim can no longer use mirrord/);
  t.equal((await labelled("rolebindings")).length, 0, "no binding stays");
});

t.test("two grants of the same thing at once end as one", async (t) => {
  for (const more of [[], ["--for", "1h"]]) {
    const runs = await Promise.all([1, 2].map(() => grant("jim", "--ns", "dev", ...more)));
    t.same(
      runs.map(({ code }) => code),
      [0, 0],
      runs.map(({ stderr }) => stderr).join(),
    );
  }
  t.equal((await labelled("clusterrolebindings")).length, 2, "a permanent and a temporary one");
  t.equal((await grant("sync", "-y")).code, 0);
  t.equal((await labelled("jobs")).length, 1, "the temporary one has one anchor");
  t.equal(await listStatus("jim"), "ok,ok");
  await remove();
});

t.test("a namespace administrator is refused before anything is written, and told what to do", async (t) => {
  await cluster.kubectl(
    "admin",
    "create",
    "rolebinding",
    "nora-admin",
    "-n",
    "dev",
    "--clusterrole=admin",
    "--user=nora",
  );
  const asNora = (...words: string[]) => grant(...words, "--token", cluster.plane.token("nora"));
  const early = await asNora("jim", "--ns", "dev");
  t.equal(early.code, 3, "may not even list grants");
  const printed = await asNora("jim", "--ns", "dev", "--dry-run=client", "-o", "name");
  t.equal(printed.code, 0, printed.stderr);
  await cluster.kubectl(
    "admin",
    "create",
    "clusterrole",
    "reader",
    "--verb=get,list",
    "--resource=clusterrolebindings,clusterroles,rolebindings,roles,namespaces,jobs.batch",
  );
  await cluster.kubectl("admin", "create", "clusterrolebinding", "nora-reads", "--clusterrole=reader", "--user=nora");
  const refused = await asNora("jim", "--ns", "dev");
  t.equal(refused.code, 4, refused.stdout);
  t.match(
    refused.stderr,
    /Forbidden[\s\S]*Nothing was written[\s\S]*kubectl mirrord grant jim --ns dev --dry-run=client -o yaml/,
  );
  t.equal((await labelled("clusterrolebindings")).length, 0, "no grant is left");
  await cluster.kubectl(
    "admin",
    "create",
    "clusterrole",
    "binder",
    "--verb=create,patch",
    "--resource=clusterrolebindings,rolebindings,clusterroles",
  );
  await cluster.kubectl("admin", "create", "clusterrolebinding", "nora-binds", "--clusterrole=binder", "--user=nora");
  const escalates = await asNora("jim", "--ns", "dev", "--role", "minimal");
  t.equal(escalates.code, 4, escalates.stdout);
  t.match(escalates.stderr, /attempting to grant RBAC permissions not currently held/);
  t.equal((await labelled("clusterrolebindings")).length, 0, "no grant is left");
});

t.test("sync --watch follows namespaces, restores what is deleted, and ends with Ctrl-C", async (t) => {
  await makeNamespace("shop-1", { team: "shop" });
  t.equal((await grant("group:shop", "-l", "team=shop", "--accept-label-risk", "--no-reads")).code, 0);
  const bound = async () => (await labelled("rolebindings")).map(({ metadata }) => metadata.namespace ?? "").toSorted();
  t.same(await bound(), ["shop-1"]);
  const child = spawn(join(root, "bin/kubectl-mirrord"), ["grant", "sync", "--watch", "-y"], {
    env: { ...process.env, KUBECONFIG: cluster.plane.kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until("it watches", async () => said.includes("Watching"));
  await makeNamespace("shop-2", { team: "shop" });
  await until("a new namespace is granted", async () => (await bound()).length === 2);
  await api(
    "PATCH",
    "/api/v1/namespaces/shop-1",
    { metadata: { labels: { team: "other" } } },
    "application/merge-patch+json",
  );
  await until("one that left is taken back", async () => (await bound()).join() === "shop-2");
  const [binding] = await labelled("rolebindings");
  await cluster.kubectl("admin", "delete", "rolebinding", "-n", "shop-2", binding?.metadata.name ?? "");
  await until("what was deleted comes back", async () => (await bound()).join() === "shop-2");
  child.kill("SIGINT");
  t.equal(await ended, 130, said);
  await cluster.kubectl("admin", "delete", "namespace", "shop-2", "--wait=false");
  t.equal((await grant("sync", "-y")).code, 0, "a namespace that goes is no place for a grant");
  await remove();
});

t.test("killed at any moment, a grant is finished by the same command again", async (t) => {
  for (let index = 0; index < 30; index += 1) await makeNamespace(`many-${index}`, { many: "" });
  const words = ["grant", "jim", "-l", "many", "--accept-label-risk", "--for", "1h"];
  const env = { ...process.env, KUBECONFIG: cluster.plane.kubeconfig };
  const wanted: Record<string, number> = { clusterrolebindings: 1, rolebindings: 60, jobs: 30 };
  for (const bindings of [1, 10, 25, 40, 55]) {
    const child = spawn(join(root, "bin/kubectl-mirrord"), words, { env, stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    await until(`${bindings} bindings are written`, async () => (await labelled("rolebindings")).length >= bindings);
    child.kill("SIGKILL");
    await ended;
    const again = await grant(...words.slice(1));
    t.equal(again.code, 0, again.stderr);
    for (const [plural, count] of Object.entries(wanted)) t.equal((await labelled(plural)).length, count, plural);
    t.equal((await grant("sync", "--check")).code, 0);
    await remove();
    await until("all is gone", async () => (await labelled("rolebindings")).length === 0);
  }
});

t.test("live sessions are listed after revoke, and ended on request", async (t) => {
  t.equal((await grant("jim", "--ns", "dev")).code, 0);
  const mine = cluster.operator.control.addSession({ namespace: "dev", target: "deployment.web", user: "jim" });
  cluster.operator.control.addSession({ namespace: "qa", target: "deployment.web", user: "jim" });
  cluster.operator.control.addSession({ namespace: "dev", target: "deployment.web", user: "jimmy" });
  const listed = await grant("revoke", "jim");
  t.match(listed.stdout, new RegExp(`session ${mine} of jim/jim@laptop on \\S+ in namespace dev goes on\\.`));
  t.equal(listed.stdout.match(/goes on/g)?.length, 1, "only those of jim, where the grant was");
  t.equal((await grant("jim", "--ns", "dev")).code, 0);
  const killed = await grant("revoke", "jim", "--kill-sessions");
  t.equal(killed.code, 0, killed.stdout + killed.stderr);
  t.match(killed.stdout, new RegExp(`session ${mine} .* was ended`));
  t.equal(cluster.operator.sessions().length, 2);
  t.ok(
    cluster.operator.requests().some(({ path }) => path === `/apis/operator.metalbear.co/v1/sessions/${mine}`),
    "by the cluster-wide path",
  );
});

t.test("a limit holds for every spelling, and follows a container that is added later", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--target", "deploy/web")).code, 0);
  for (const target of [
    "deployment.web",
    "deploy.web",
    "deployment.web.container.nginx",
    "deploy.web.container.metrics",
  ]) {
    await settled("yes", "jim", "dev", target);
  }
  for (const target of ["deployment.cart", "pod.web-1", "label", "targetless", "deployment.web.container.late"]) {
    await settled("no", "jim", "dev", target);
  }
  const container = { spec: { template: { spec: { containers: [{ name: "late", image: "late" }] } } } };
  await api(
    "PATCH",
    "/apis/apps/v1/namespaces/dev/deployments/web",
    container,
    "application/strategic-merge-patch+json",
  );
  t.equal(await listStatus("jim"), "outdated");
  t.equal((await grant("sync", "-y")).code, 0);
  await settled("yes", "jim", "dev", "deployment.web.container.late");
  t.equal(await listStatus("jim"), "ok");
  await remove();
});

t.test("writes are server-side applies of our manager", async (t) => {
  t.equal((await grant("jim", "--ns", "dev")).code, 0);
  const objects: KubernetesObject[] = [...(await labelled("clusterrolebindings")), ...(await labelled("rolebindings"))];
  for (const { metadata } of objects) {
    const managers = (metadata["managedFields"] as { manager: string; operation: string }[]).map(
      ({ manager, operation }) => `${manager} ${operation}`,
    );
    t.same(managers, ["kubectl-mirrord Apply"]);
  }
  t.match(readFileSync(cluster.plane.auditLog, "utf8"), /dryRun=All/);
  await remove();
});
