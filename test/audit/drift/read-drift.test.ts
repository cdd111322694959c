import t from "tap";
import { annotations, GRANT_LABEL } from "../../../lib/access/names.ts";
import { readDeclarations } from "../../../lib/audit/drift/declarations.ts";
import { readDrift, type ReadDrift } from "../../../lib/audit/drift/read-drift.ts";
import { objectIn } from "../../../lib/json.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { deployment, exampleMemory, runGrant } from "../../commands/grant-world.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";

const local = Date.parse("2026-11-22T12:00:00Z");
const options = { local, connection: ["--context", "c"], paths: ["./access"] };

async function grants(cluster: MemoryCluster, ...all: string[][]): Promise<MemoryCluster> {
  for (const words of all) {
    const { code, stderr } = await runGrant([...words, "--yes"], { cluster });
    if (code !== 0) throw new Error(stderr);
  }
  return cluster;
}
const granted = (...all: string[][]) => grants(exampleMemory(), ...all);

/** What a folder has of that cluster: no uids, no owners, nothing that runs. */
function folder(cluster: MemoryCluster, isKept: (object: KubernetesObject) => boolean = isDeclared): MemoryCluster {
  const objects = cluster.objects().filter((object) => isKept(object) && object.kind !== "Job");
  const kept = objects.map(({ metadata: { name, namespace, labels, annotations: notes }, ...object }) => ({
    ...object,
    metadata: { name, namespace, labels, annotations: notes },
  }));
  return Object.assign(memoryCluster(...(JSON.parse(JSON.stringify(kept)) as KubernetesObject[])), { offline: true });
}
const isDeclared = ({ kind, metadata }: KubernetesObject) =>
  kind === "Organization" || metadata.labels?.[GRANT_LABEL] !== undefined;

const find = (cluster: MemoryCluster, kind: string, name: RegExp): KubernetesObject => {
  const found = cluster.objects().find((object) => object.kind === kind && name.test(object.metadata.name ?? ""));
  if (found === undefined) throw new Error(`no ${kind} ${name.source}`);
  return found;
};
const remove = async (cluster: MemoryCluster, { kind, metadata: { name = "", namespace } }: KubernetesObject) =>
  await cluster.delete({ group: "", version: "", resource: "", kind, namespaced: true }, name, namespace);
const user = (name: string) => ({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name });
const main = /^mirrord:grant:jim-[a-z-]*[a-z2-7]{20}$/;

/** `rule Kind namespace: message -> commands`, without the id. */
const texts = ({ items }: ReadDrift) =>
  items.map(({ rule, subject: { kind, namespace }, message, commands }) =>
    `${rule.slice("drift-".length)} ${kind} ${namespace ?? "-"}: ${message} -> ${commands.join(" && ")}`
      .replaceAll(/(mirrord:grant:)?(jim|ann)[a-z-]*-?[a-z2-7]{20}/g, "$2")
      .replaceAll(/\b[a-z2-7]{20}\b/g, "ID"),
  );
const access = ({ sessions }: ReadDrift) =>
  sessions.map(
    ({ subject: { name }, change, actions: [action], namespaces }) =>
      `${name} ${change} ${action} ${namespaces.join()}`,
  );
const SYNC = "kubectl mirrord grant sync --context c";

t.test("nothing was changed: nothing differs, for grants of every kind", async (t) => {
  const cluster = await granted(
    ["jim", "--ns", "dev", "--ns", "qa"],
    ["ann", "--ns", "dev", "--target", "deploy/web", "--for", "1h"],
    ["group:oidc:web", "-A"],
    ["bob", "--role", "view", "--ns", "dev"],
  );
  t.same(await readDrift(cluster, options), { items: [], sessions: [], rights: [], skipped: [], warnings: [] });
});

t.test("a binding that was changed by hand: who has it and who lacks it", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"]);
  cluster.put({ ...find(cluster, "RoleBinding", main), subjects: [user("mallory")] });
  const found = await readDrift(cluster, options);
  t.same(texts(found), [
    `changed RoleBinding dev: subjects has mallory; lacks jim: mallory gains clusterrole/mirrord-operator-user in dev; jim loses clusterrole/mirrord-operator-user in dev -> ${SYNC}`,
  ]);
  t.match(found.items, [{ field: "subjects", severity: "error", grant: /^[a-z2-7]{20}$/ }]);
  t.ok(access(found).includes("jim loses mirror and steal dev"), access(found).join());
});

t.test("a binding that was taken away, one that was added to the grant, and one to another role", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"]);
  const binding = find(cluster, "RoleBinding", main);
  await remove(cluster, binding);
  cluster.put({ ...binding, metadata: { ...binding.metadata, namespace: "prod" } });
  const reads = find(cluster, "RoleBinding", /:reads$/);
  cluster.put({ ...reads, roleRef: { ...objectIn(reads["roleRef"]), name: "cluster-admin" } });
  t.same(texts(await readDrift(cluster, options)).toSorted(), [
    `changed RoleBinding dev: roleRef has clusterrole/cluster-admin; lacks clusterrole/mirrord:role:reads: jim gains clusterrole/cluster-admin in dev; jim loses clusterrole/mirrord:role:reads in dev -> ${SYNC}`,
    `extra RoleBinding prod: It is no part of its grant: jim gains clusterrole/mirrord-operator-user in prod -> ${SYNC}`,
    `missing RoleBinding dev: It is not there: jim loses clusterrole/mirrord-operator-user in dev -> ${SYNC}`,
  ]);
});

t.test("copies under other names: of mirrord's roles, and of whatever a grant binds", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"], ["ann", "--ns", "dev", "--role", "clusterrole/view"]);
  const copy = (binding: KubernetesObject, name: string, more: object = {}) =>
    cluster.put({ ...binding, ...more, metadata: { name, namespace: binding.metadata.namespace ?? "" } });
  copy(find(cluster, "RoleBinding", main), "copy", { subjects: [user("eve")] });
  copy(find(cluster, "RoleBinding", /^mirrord:grant:ann-.*[a-z2-7]{20}$/), "-view");
  cluster.put({
    ...find(cluster, "RoleBinding", main),
    metadata: { name: "control-plane", namespace: "dev" },
    subjects: [{ kind: "ServiceAccount", name: "addon", namespace: "kube-system" }],
  });
  t.same(texts(await readDrift(cluster, options)), [
    "extra RoleBinding dev: No grant declares it: eve gains clusterrole/mirrord-operator-user in dev -> kubectl delete rolebinding -n dev --context c copy",
    "extra RoleBinding dev: No grant declares it: ann gains clusterrole/view in dev -> kubectl delete rolebinding -n dev --context c -- -view",
  ]);
});

t.test("the role of a limited grant", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--target", "deploy/web"]);
  const role = find(cluster, "Role", main);
  cluster.put({ ...role, rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }] });
  const found = await readDrift(cluster, options);
  t.match(texts(found), [/^changed Role dev: rules has get secrets; lacks /]);
  t.match(found.rights, [
    { subject: { name: "jim" }, change: "gains", rules: [{ resources: ["secrets"] }] },
    { change: "loses" },
  ]);
});

t.test("a limit counts for its targets, where the grant holds", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--target", "deploy/web"]);
  await remove(cluster, find(cluster, "RoleBinding", main));
  const [lost] = (await readDrift(cluster, options)).sessions;
  t.match(lost, { change: "loses", namespaces: ["dev"], targets: ["deployment/web"] });
});

t.test("an end that was moved, a Job that is gone, and an owner", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--for", "1h"]);
  const job = find(cluster, "Job", /./);
  cluster.put({ ...job, spec: { ...objectIn(job["spec"]), ttlSecondsAfterFinished: 99_999_999 } });
  t.match(texts(await readDrift(cluster, options)), [
    /^changed Job dev: spec.ttlSecondsAfterFinished has 99999999; lacks 3600 /,
  ]);
  await remove(cluster, job);
  const gone = texts(await readDrift(cluster, options));
  t.ok(
    gone.some((text) => text.startsWith("missing Job dev: It is not there -> ")),
    gone.join("\n"),
  );
});

t.test("what is left of a grant that is over, was revoked, or has no intent any more", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--for", "1h"]);
  const later = local + 7_200_000;
  cluster.serverTime = () => later;
  const over = texts(await readDrift(cluster, { ...options, local: later }));
  cluster.serverTime = () => local;
  t.ok(
    over.length > 2 && over.every((text) => /^extra \w+ \S+: Its grant ended at 2026-11-22T13:00:00Z/.test(text)),
    over.join("\n"),
  );
  const binding = find(cluster, "ClusterRoleBinding", main);
  const notes = { ...binding.metadata.annotations, [annotations.revokedAt]: "2026-11-22T12:00:00Z" };
  cluster.put({ ...binding, metadata: { ...binding.metadata, annotations: notes } });
  t.match(texts(await readDrift(cluster, options)), [/Its grant was revoked/]);
  await remove(cluster, binding);
  await remove(cluster, find(cluster, "Job", /./));
  t.match(texts(await readDrift(cluster, options)), [/^extra .*Nothing carries the intent of its grant/]);
});

t.test("an intent that was changed by hand is left alone, and this is drift", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"]);
  const binding = find(cluster, "ClusterRoleBinding", main);
  const notes = { ...binding.metadata.annotations };
  const intent = notes[annotations.intent]?.replace('"dev"', '"prod"') ?? "";
  cluster.put({
    ...binding,
    metadata: { ...binding.metadata, annotations: { ...notes, [annotations.intent]: intent } },
  });
  const found = await readDrift(cluster, options);
  t.same(texts(found), [
    "unsettled ClusterRoleBinding -: Its grant is left alone: its intent was changed by hand, or written by a newer version -> kubectl mirrord grant revoke ID --context c",
  ]);
  t.same(found.warnings, []);
});

t.test("what grant would refuse, and a namespace that was made anew", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"], ["ann", "--ns", "mirrord", "--allow-system"]);
  await remove(cluster, find(cluster, "RoleBinding", /ann.*:reads$/));
  t.match(texts(await readDrift(cluster, options)), [
    /^unsettled .*the operator's own.* -> kubectl mirrord grant revoke ID --context c$/,
  ]);
  await grants(cluster, ["revoke", "ann"]);
  await remove(cluster, find(cluster, "RoleBinding", main));
  await remove(cluster, find(cluster, "RoleBinding", /jim.*:reads$/));
  const dev = find(cluster, "Namespace", /^dev$/);
  await remove(cluster, dev);
  cluster.put(dev);
  t.match(texts(await readDrift(cluster, options)), [
    /^unsettled .*made anew.* -> kubectl mirrord grant sync --yes --context c$/,
  ]);
});

const acme = (...members: string[]): KubernetesObject => ({
  apiVersion: "access.kubectl-mirrord.io/v1alpha1",
  kind: "Organization",
  metadata: { name: "acme" },
  spec: { teams: [{ name: "web", members }] },
});

t.test("an organization that was changed by hand: its bindings do not follow by themselves", async (t) => {
  const cluster = await grants(exampleMemory(acme("ann")), ["team:acme/web", "--ns", "dev"]);
  cluster.put(acme("bob"));
  const found = texts(await readDrift(cluster, options));
  t.equal(found.length, 3, found.join("\n"));
  t.ok(
    found.every((text) => /subjects has ann; lacks bob.* -> kubectl mirrord grant sync --context c$/.test(text)),
    found.join("\n"),
  );
  await remove(cluster, acme());
  t.match(texts(await readDrift(cluster, options)), [
    /team:acme\/web does not exist.* -> kubectl mirrord grant sync --yes-prune=3 --context c$/,
  ]);
});

t.test("organizations of a folder count in place of the cluster's", async (t) => {
  const cluster = await grants(exampleMemory(acme("ann", "mallory")), ["team:acme/web", "--ns", "dev"]);
  const declared = await readDeclarations(
    folder(await grants(exampleMemory(acme("ann")), ["team:acme/web", "--ns", "dev"])),
  );
  const found = await readDrift(cluster, { ...options, declared });
  const command = "kubectl mirrord grant team remove acme/web mallory --context c";
  t.same(texts(found)[0], `organization Organization -: spec.teams[web].members has mallory -> ${command}`);
  t.equal(found.items.length, 4);
  t.ok(
    found.items.every(({ commands }) => commands.join() === command),
    "the bindings follow by the same command",
  );
});

t.test("grants of a folder: one that is missing, one that is extra, one that differs", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"], ["ann", "--ns", "qa", "--no-reads"]);
  const declared = await readDeclarations(
    folder(await granted(["ann", "--ns", "qa"], ["bob", "--ns", "dev", "--until", "2026-11-22T18:00:00Z"])),
  );
  const found = texts(await readDrift(cluster, { ...options, declared }));
  const about = (what: RegExp) => found.filter((text) => what.test(text));
  t.equal(
    about(/^extra .*: Nothing declares its grant.* -> kubectl mirrord grant revoke ID --context c$/).length,
    3,
    found.join("\n"),
  );
  t.ok(about(/^missing .* -> kubectl mirrord grant ann --ns qa --context c$/).length > 0);
  t.match(about(/^changed ClusterRoleBinding/), [
    /metadata.annotations has .*"reads":false.* -> kubectl mirrord grant ann --ns qa --context c$/,
  ]);
  t.ok(
    about(/^missing .* -> kubectl mirrord grant bob --ns dev --until 2026-11-22T18:00:00Z --context c$/).length >= 3,
  );
});

t.test("an end that is not the folder's, and a grant that the cluster is taking back", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--until", "2026-11-22T18:00:00Z"]);
  const declared = await readDeclarations(folder(cluster));
  t.same((await readDrift(cluster, { ...options, declared })).items, []);
  await grants(cluster, ["extend", "jim", "--until", "2026-11-22T19:00:00Z"]);
  const later = texts(await readDrift(cluster, { ...options, declared }));
  t.ok(
    later.length > 0 &&
      later.every((text) =>
        text.endsWith("-> kubectl mirrord grant extend ID --until 2026-11-22T18:00:00Z --context c"),
      ),
    later.join("\n"),
  );
  const binding = find(cluster, "ClusterRoleBinding", main);
  const notes = { ...binding.metadata.annotations, [annotations.revokedAt]: "2026-11-22T12:00:00Z" };
  cluster.put({ ...binding, subjects: [], metadata: { ...binding.metadata, annotations: notes } });
  const revoked = texts(await readDrift(cluster, { ...options, declared }));
  t.ok(
    revoked.some((text) => /subjects lacks jim.* -> kubectl mirrord grant jim --ns dev --until/.test(text)),
    revoked.join("\n"),
  );
});

t.test("bindings that a folder has besides are declared", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"]);
  const handMade = (name: string, who: string) => ({
    ...find(cluster, "RoleBinding", main),
    metadata: { name, namespace: "dev" },
    subjects: [user(who)],
  });
  const declared = await readDeclarations(
    folder(Object.assign(await granted(["jim", "--ns", "dev"]), {}), (object) => isDeclared(object)),
  );
  cluster.put(handMade("same", "eve"), handMade("other", "eve"));
  const rbac = [...declared.rbac, handMade("same", "eve"), handMade("other", "bob"), handMade("missing", "joe")];
  t.same(texts(await readDrift(cluster, { ...options, declared: { ...declared, rbac } })), [
    "changed RoleBinding dev: subjects has eve; lacks bob: eve gains clusterrole/mirrord-operator-user in dev; bob loses clusterrole/mirrord-operator-user in dev -> kubectl apply -f ./access --context c",
    "missing RoleBinding dev: It is not there: joe loses clusterrole/mirrord-operator-user in dev -> kubectl apply -f ./access --context c",
  ]);
});

t.test("what came from files and nobody has adopted yet is no drift", async (t) => {
  const source = folder(
    await granted(["jim", "--ns", "dev"]),
    (object) => isDeclared(object) || object.kind === "ClusterRole",
  );
  const cluster = exampleMemory(...source.objects().map((object) => ({ ...object, metadata: { ...object.metadata } })));
  t.same(texts(await readDrift(cluster, options)), []);
});

/** Where lists of a type are refused. */
function refusing(cluster: MemoryCluster, resource: string): MemoryCluster {
  const { list, get } = cluster;
  cluster.list = (type, given) => {
    if (type.resource === resource) throw apiFailure(403, "Forbidden", "no");
    return list(type, given);
  };
  cluster.get = async (type, name, namespace) => {
    if (type.resource === resource) throw apiFailure(403, "Forbidden", "no");
    return await get(type, name, namespace);
  };
  return cluster;
}

t.test("what may not be listed: of bindings nothing can be said, of the rest what is not compared", async (t) => {
  const make = () => granted(["jim", "--ns", "dev", "--for", "1h"]);
  await t.rejects(readDrift(refusing(await make(), "rolebindings"), options), {
    kind: "undetermined",
    message: "you may not list rolebindings, so nobody can say what is bound",
  });
  const withoutJobs = await readDrift(refusing(await make(), "jobs"), options);
  t.same(withoutJobs.items, []);
  t.match(withoutJobs.skipped, [/^you may not list jobs/]);
  const limited = await granted(["jim", "--ns", "dev", "--target", "deploy/web"]);
  const withoutWorkloads = await readDrift(refusing(limited, "deployments"), options);
  t.same(withoutWorkloads.items, []);
  t.match(withoutWorkloads.skipped, [/^you may not read deployments/, /is not compared: the containers/]);
  const team = await grants(exampleMemory(acme("ann")), ["team:acme/web", "--ns", "dev"]);
  const declared = await readDeclarations(folder(team));
  const refused = refusing(team, "organizations");
  const own = await readDrift(refused, options);
  t.same(own.items, []);
  t.match(own.skipped, [/^you may not list organizations: who belongs/, /is not compared: you may not list/]);
  const unlisted = await readDrift(refused, { ...options, declared });
  t.match(unlisted.skipped, [/^you may not list organizations: they are not compared/]);
  t.same(unlisted.items, []);
});

t.test("a folder without grants or organizations declares none", async (t) => {
  const { rbac, ...declared } = await readDeclarations(folder(exampleMemory(deployment("dev", "x", "x")), () => true));
  t.same(declared, { grants: undefined, organizations: undefined });
  t.ok(rbac.length > 0);
});
