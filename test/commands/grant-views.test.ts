import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { bound, clusterRole } from "../access/rbac-objects.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, grantObjectsIn, namespace, runGrant } from "./grant-world.ts";

const bind = (name: string, space: string | undefined, role: string, subject: object): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: space === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name, ...(space === undefined ? {} : { namespace: space }) },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
  subjects: [subject],
});
const clusterAdmin = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
const group = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name });

interface Row {
  id: string;
  subject: string;
  status: string;
  namespaces: string[];
  findings: { kind: string; text: string; namespace?: string }[];
}

async function rows(cluster: MemoryCluster, ...words: string[]): Promise<Row[]> {
  const run = await runGrant(["list", ...words, "-o", "json"], { cluster });
  if (run.error !== undefined) throw run.error;
  return (JSON.parse(run.stdout) as { items: Row[] }).items;
}

async function example(): Promise<MemoryCluster> {
  const cluster = exampleMemory(bind("by-hand", "qa", "mirrord-operator-user", group("oidc:backend")));
  for (const words of [
    ["jim", "--ns", "dev", "--ns", "qa", "--reason", "=INC-42"],
    ["ana", "--ns", "dev", "--target", "deploy/web", "--for", "8h"],
    ["group:oidc:web", "-l", "env=test", "--accept-label-risk", "--role", "view"],
    ["sa:ci/runner", "-A", "-y", "--role", "minimal"],
  ]) {
    const run = await runGrant(words, { cluster });
    if (run.code !== 0) throw new Error(run.stderr);
  }
  return cluster;
}

t.test("list filters by subject, namespace, role and by when a grant ends", async (t) => {
  const cluster = await example();
  const subjects = async (...words: string[]) =>
    (await rows(cluster, ...words)).map(({ subject }) => subject).toSorted();
  t.same(await subjects(), ["ana", "group:oidc:backend", "group:oidc:web", "jim", "sa:ci/runner"]);
  t.same(await subjects("jim"), ["jim"]);
  t.same(await subjects("-n", "dev"), ["ana", "group:oidc:web", "jim", "sa:ci/runner"]);
  t.same(await subjects("--role", "view"), ["group:oidc:web"]);
  t.same(await subjects("--role", "mirrord-operator-user"), ["group:oidc:backend"]);
  t.same(await subjects("--expiring-within", "9h"), ["ana"]);
  t.same(await subjects("--expiring-within", "7h"), []);
  t.ok(
    (await rows(cluster)).every(
      ({ status, subject }) => status === (subject === "group:oidc:backend" ? "unmanaged" : "ok"),
    ),
  );
});

t.test("bindings made by hand are unmanaged, and the operator's own are nobody's access", async (t) => {
  const cluster = exampleMemory(
    bind("by-hand", undefined, "mirrord-operator-user", group("web")),
    bind("view", "dev", "view", group("web")),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "own", namespace: "dev" },
      rules: [{ apiGroups: ["operator.metalbear.co"], resources: ["targets"], verbs: ["proxy"] }],
    },
    {
      ...bind("to-role", "dev", "own", { kind: "ServiceAccount", name: "bot" }),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "own" },
    },
  );
  const found = await rows(cluster);
  t.same(found.map(({ subject, namespaces }) => `${subject} ${namespaces.join()}`).toSorted(), [
    "group:web *",
    "sa:dev/bot dev",
  ]);
});

t.test("CSV quotes formulas; table, wide and name are what kubectl users expect", async (t) => {
  const cluster = await example();
  const csv = await runGrant(["list", "-o", "csv"], { cluster });
  t.match(csv.stdout, /^ID,SUBJECT,ROLE,/);
  t.match(csv.stdout, /,'=INC-42,/);
  const table = await runGrant(["list", "jim"], { cluster });
  t.match(
    table.stdout,
    /^ID +SUBJECT +ROLE +NAMESPACES +TARGETS +STATUS +EXPIRES +AGE\n\w{20} +jim +user +dev,qa +<all> +ok +<never>/,
  );
  const names = await runGrant(["list", "jim", "-o", "name"], { cluster });
  t.match(names.stdout, /^clusterrolebinding\.rbac\.authorization\.k8s\.io\/mirrord:grant:jim-dev-qa-\w{20}\n$/);
  t.match((await runGrant(["list", "nobody"], { cluster })).stderr, /No grants found/);
  t.equal((await runGrant(["list", "jim", "-A", "-o", "name"], { cluster })).stdout, names.stdout);
  t.match(await runGrant(["list", "-A", "-n", "dev"], { cluster }), {
    code: 2,
    stderr: /--all-namespaces and --namespace exclude/,
  });
});

t.test("what is not as it was granted is found, and sync repairs it", async (t) => {
  const faults: [name: string, kind: string, status: string, break_: (cluster: MemoryCluster) => unknown][] = [
    ["a binding is gone", "missing", "incomplete", (cluster) => drop(cluster, "RoleBinding", "dev", /jim-dev-qa-\w+$/)],
    [
      "a subject was added",
      "detached",
      "DETACHED",
      (cluster) => change(cluster, "RoleBinding", "dev", /jim-.*reads/, { subjects: [group("eve")] }),
    ],
    [
      "the role was changed",
      "detached",
      "DETACHED",
      (cluster) =>
        change(cluster, "RoleBinding", "qa", /jim-dev-qa-\w+$/, {
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
        }),
    ],
    [
      "the main binding is to another role",
      "detached",
      "DETACHED",
      (cluster) => change(cluster, "ClusterRoleBinding", undefined, /jim/, { roleRef: clusterAdmin }),
    ],
    [
      "the owner was stripped",
      "detached",
      "DETACHED",
      (cluster) => reown(cluster, "jim", [{ manager: "kubectl-mirrord", operation: "Apply" }]),
    ],
    [
      "it came from a file",
      "unadopted",
      "unadopted",
      (cluster) => reown(cluster, "jim", [{ manager: "argocd", operation: "Apply" }]),
    ],
    [
      "a stranger wears the label",
      "detached",
      "DETACHED",
      (cluster) => {
        const grant = cluster
          .objects()
          .find(({ kind, metadata }) => kind === "RoleBinding" && /jim/.test(metadata.name ?? ""));
        cluster.put({
          ...bind("stranger", "prod", "mirrord-operator-user", group("eve")),
          metadata: { name: "stranger", namespace: "prod", labels: grant?.metadata.labels ?? {} },
        });
      },
    ],
    [
      "a container was added",
      "outdated",
      "outdated",
      (cluster) => {
        const web = cluster
          .objects()
          .find(
            ({ kind, metadata }) => kind === "Deployment" && metadata.name === "web" && metadata.namespace === "dev",
          );
        cluster.put({
          ...(web as KubernetesObject),
          spec: { template: { spec: { containers: [{ name: "nginx" }, { name: "late" }] } } },
        });
      },
    ],
    ["a namespace came", "missing", "incomplete", (cluster) => cluster.put(namespace("new", { env: "test" }))],
    [
      "a namespace changed its labels",
      "detached",
      "DETACHED",
      (cluster) => cluster.apply(nativeResources.namespaces, namespace("qa", { env: "prod" })),
    ],
    [
      "a namespace was made anew",
      "namespace-anew",
      "namespace anew",
      (cluster) => {
        drop(cluster, "RoleBinding", "qa", /jim/);
        cluster.put(namespace("qa", { env: "test" }));
      },
    ],
    ["an anchor is gone", "unanchored", "UNANCHORED", (cluster) => drop(cluster, "Job", "dev", /.*/)],
    [
      "an anchor is somebody else's to complete",
      "unanchored",
      "UNANCHORED",
      (cluster) =>
        change(cluster, "Job", "dev", /.*/, {
          spec: { completions: 0, parallelism: 0, ttlSecondsAfterFinished: 28800, managedBy: "example.com/nobody" },
        }),
    ],
    [
      "an anchor was lengthened",
      "expiry-not-enforced",
      "EXPIRY NOT ENFORCED",
      (cluster) =>
        change(cluster, "Job", "dev", /.*/, {
          spec: { completions: 0, parallelism: 0, ttlSecondsAfterFinished: 99999999 },
        }),
    ],
    [
      "the end was taken away",
      "unanchored",
      "UNANCHORED",
      (cluster) => {
        const binding = cluster
          .objects()
          .find(({ kind, metadata }) => kind === "ClusterRoleBinding" && /ana/.test(metadata.name ?? ""));
        const { "kubectl-mirrord.io/expires-at": _gone, ...annotations } = binding?.metadata.annotations ?? {};
        cluster.put({ ...(binding as KubernetesObject), metadata: { ...binding?.metadata, annotations } });
      },
    ],
  ];
  for (const [name, kind, status, act] of faults) {
    const cluster = await example();
    await act(cluster);
    const found = (await rows(cluster)).filter((row) => row.findings.length > 0);
    t.ok(
      found.length > 0 &&
        found.every(
          (row) =>
            row.findings.some((finding) => finding.kind === kind) ||
            row.findings.some(({ kind: k }) => k === "detached" || k === "unanchored"),
        ),
      `${name}: ${JSON.stringify(found)}`,
    );
    t.ok(
      found.some((row) => row.status === status),
      `${name}: ${found.map((row) => row.status).join()}`,
    );
    const checked = kind === "namespace-anew" ? 4 : 1;
    t.equal((await runGrant(["sync", "--check"], { cluster })).code, checked, `${name}: sync --check says so`);
    const synced = await runGrant(["sync", "-y"], { cluster });
    t.equal(synced.code, 0, `${name}: ${synced.stderr}`);
    const writes = cluster.writes.length;
    t.equal((await runGrant(["sync", "-y"], { cluster })).code, 0);
    t.equal(cluster.writes.length, writes, `${name}: a second sync writes nothing`);
    t.ok(
      (await rows(cluster)).every((row) => row.findings.length === 0),
      `${name}: all is well`,
    );
  }
});

function find(cluster: MemoryCluster, kind: string, space: string | undefined, name: RegExp): KubernetesObject {
  const found = cluster
    .objects()
    .find(
      (object) =>
        object.kind === kind &&
        object.metadata.namespace === space &&
        object.metadata.labels?.["kubectl-mirrord.io/grant"] !== undefined &&
        name.test(object.metadata.name ?? ""),
    );
  if (found === undefined) throw new Error(`no ${kind} in ${space ?? "the cluster"}`);
  return found;
}

function drop(cluster: MemoryCluster, kind: string, space: string, name: RegExp): void {
  const found = find(cluster, kind, space, name);
  const type = { group: "", version: "v1", resource: "", kind, namespaced: true };
  void cluster.delete(type, found.metadata.name ?? "", space);
}

function change(cluster: MemoryCluster, kind: string, space: string | undefined, name: RegExp, fields: object): void {
  const found = find(cluster, kind, space, name);
  const { uid, ...metadata } = found.metadata;
  cluster.put({ ...found, ...fields, metadata });
  const stored = find(cluster, kind, space, name);
  if (uid !== undefined) stored.metadata.uid = uid;
}

function reown(cluster: MemoryCluster, subject: string, managedFields: object[]): void {
  for (const object of cluster.objects()) {
    if (object.kind !== "RoleBinding" || !(object.metadata.name ?? "").includes(`:${subject}-`)) continue;
    delete object.metadata.ownerReferences;
    object.metadata["managedFields"] = managedFields;
  }
}

t.test("sync leaves alone what it cannot read, and takes away what has no grant any more", async (t) => {
  const cluster = await example();
  const ana = cluster
    .objects()
    .find(({ kind, metadata }) => kind === "ClusterRoleBinding" && /ana/.test(metadata.name ?? ""));
  if (ana?.metadata.annotations !== undefined) ana.metadata.annotations["kubectl-mirrord.io/intent"] = '{"version":2}';
  const skipped = await runGrant(["sync", "-y"], { cluster });
  t.equal(skipped.code, 0);
  t.match(skipped.stderr, /is left alone: its intent was changed by hand/);
  const type = { group: "", version: "v1", resource: "", kind: "ClusterRoleBinding", namespaced: false };
  const jim = cluster
    .objects()
    .find(({ kind, metadata }) => kind === "ClusterRoleBinding" && /jim/.test(metadata.name ?? ""));
  await cluster.delete(type, jim?.metadata.name ?? "", undefined);
  const plan = await runGrant(["sync", "--dry-run"], { cluster });
  t.equal(plan.stdout.split("\n").filter((line) => /jim.*deleted \(dry run\)/.test(line)).length, 4);
  const guarded = await runGrant(["sync", "-y"], { cluster });
  t.equal(guarded.code, 0, guarded.stderr);
  t.equal(grantObjectsIn(cluster).filter((object) => object.includes("jim")).length, 0, "nothing of the grant is left");
});

t.test(
  "sync does not prune nearly everything unless told the exact number, and ends what is over in any case",
  async (t) => {
    const cluster = exampleMemory();
    for (const name of ["a", "b", "c", "d"])
      await runGrant([name, "-l", "env=test", "--accept-label-risk"], { cluster });
    await runGrant(["eve", "--ns", "prod", "--for", "1h"], { cluster });
    await runGrant(["kim", "--ns", "prod"], { cluster });
    for (let at = 0; at < 25; at += 1) cluster.put(junk(at));
    for (const name of ["dev", "qa"]) cluster.put(namespace(name));
    const later = () => Date.parse("2026-11-22T14:00:00Z");
    cluster.now = later;
    const shown = await runGrant(["sync", "--dry-run"], { cluster, now: later });
    t.match(
      shown.stdout,
      /\/mirrord:grant:a-env-test\S* in namespace dev deleted \(dry run\)/,
      "what it is about is shown",
    );

    const refused = await runGrant(["sync", "-y"], { cluster, now: later });
    t.equal(refused.code, 2);
    t.match(refused.stderr, /16 of 23 bindings would be deleted[\s\S]*--yes-prune=16/);
    const left = grantObjectsIn(cluster);
    t.notOk(
      left.some((name) => name.includes("eve")),
      "what is over is gone",
    );
    t.notOk(
      left.some((name) => name.includes("junk")),
      "and so is what has no grant",
    );
    const before = cluster.writes.length;
    t.equal((await runGrant(["sync", "-y", "--yes-prune", "15"], { cluster, now: later })).code, 2);
    t.equal(cluster.writes.length, before, "nothing else was written");
    t.equal((await runGrant(["sync", "-y", "--yes-prune", "16"], { cluster, now: later })).code, 0);
    t.same(
      grantObjectsIn(cluster).filter((name) => name.startsWith("RoleBinding")),
      ["RoleBinding prod/mirrord:grant:kim-prod", "RoleBinding prod/mirrord:grant:kim-prod:reads"],
    );
  },
);

/** A binding under our labels that is part of no grant: anybody who may write bindings in a namespace can make it. */
const junk = (at: number): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: {
    name: `junk-${at}`,
    namespace: "prod",
    labels: {
      "kubectl-mirrord.io/grant": `aaaa${"abcdefghijklmnopqrstuvwxy".charAt(at)}`,
      "app.kubernetes.io/managed-by": "kubectl-mirrord",
    },
  },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  subjects: [],
});

t.test("without the access model's policy sync asks, and without a terminal needs --yes", async (t) => {
  const cluster = await example();
  cluster.put(namespace("new", { env: "test" }));
  const asks = await runGrant(["sync"], { cluster, change: { ask: { ...never, confirm: async () => false } } });
  t.equal(asks.code, 1);
  t.match(asks.stderr, /in namespace new created \(dry run\)/);
  const admission = (kind: string, spec: object): KubernetesObject => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name: "kubectl-mirrord-grants" },
    spec,
  });
  cluster.put(
    admission("ValidatingAdmissionPolicy", {}),
    admission("ValidatingAdmissionPolicyBinding", { validationActions: ["Audit"] }),
  );
  t.equal(
    (await runGrant(["sync"], { cluster, change: { ask: { ...never, confirm: async () => false } } })).code,
    1,
    "a policy that only notes guards nothing",
  );
  cluster.put(admission("ValidatingAdmissionPolicyBinding", { validationActions: ["Deny"] }));
  t.equal((await runGrant(["sync"], { cluster })).code, 0, "guarded: nobody else can have written them");
});

const never = {
  confirm: () => Promise.reject(new Error("nobody to ask")),
  select: () => Promise.reject(new Error("nobody to ask")),
  input: () => Promise.reject(new Error("nobody to ask")),
};

t.test("sync stops before any write when a list is refused", async (t) => {
  const cluster = await example();
  cluster.put(namespace("new", { env: "test" }));
  const before = cluster.writes.length;
  const { list } = cluster;
  for (const kind of ["Namespace", "RoleBinding", "ClusterRoleBinding"]) {
    cluster.list = async function* (type, options) {
      if (type.kind === kind) throw apiFailure(403, "Forbidden", "no");
      yield* list(type, options);
    };
    t.not((await runGrant(["sync", "-y"], { cluster })).code, 0, kind);
  }
  t.equal(cluster.writes.length, before, "nothing was written");
});

t.test("a namespace that fails does not keep the others from being synced", async (t) => {
  const cluster = await example();
  cluster.put(namespace("new1", { env: "test" }), namespace("new2", { env: "test" }));
  cluster.beforeWrite = (_count, what) => {
    if (what.includes("new1/")) throw apiFailure(403, "Forbidden", "namespace new1 is being terminated");
  };
  const run = await runGrant(["sync", "-y"], { cluster });
  t.equal(run.code, 4);
  t.match(run.stderr, /new1 is being terminated; only part was done/);
  t.ok(grantObjectsIn(cluster).some((object) => object.includes("new2/")));
});

t.test("two syncs at once end in the same state", async (t) => {
  const cluster = await example();
  cluster.put(namespace("new", { env: "test" }));
  const runs = await Promise.all([1, 2].map(() => runGrant(["sync", "-y"], { cluster })));
  t.same(
    runs.map(({ code }) => code),
    [0, 0],
  );
  t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0);
});

t.test("an id may be shortened, until it could be two", async (t) => {
  const cluster = exampleMemory();
  const ids: string[] = [];
  for (let index = 0; ids.length < 2 && index < 4000; index += 1) {
    const run = await runGrant([`u${index}`, "--ns", "dev", "--no-reads", "--dry-run=client", "-o", "name"], {
      cluster: empty,
    });
    const id = /-([a-z2-7]{20})$/m.exec(run.stdout)?.[1] ?? "";
    if (index === 0 || id.startsWith((ids[0] ?? "").slice(0, 1))) {
      if (!ids.includes(id)) ids.push(id);
      await runGrant([`u${index}`, "--ns", "dev", "--no-reads"], { cluster });
    }
  }
  const [first = ""] = ids;
  t.equal((await runGrant(["describe", first.slice(0, 8)], { cluster })).code, 0);
  const { findGrants } = await import("../../lib/commands/grant/choose.ts");
  const stored = (id: string) => ({ id, intent: undefined, binding: undefined, expiresAt: undefined, objects: [] });
  t.throws(() => findGrants([stored("abcd2"), stored("abcd3")], "abcd", []), {
    message: /begins 2 ids: abcd2, abcd3/,
    kind: "usage",
  });
  const none = await runGrant(["revoke", "zzzz"], { cluster });
  t.equal(none.code, 0, "asking shows that there is no access");
  t.match(none.stderr, /no grant of zzzz was found/);
});
const empty = exampleMemory();

t.test("revoke deletes what was stripped of its owner and what is left without a grant", async (t) => {
  const cluster = await example();
  reown(cluster, "jim", []);
  const [{ id } = { id: "" }] = await rows(cluster, "jim");
  const binding = cluster
    .objects()
    .find(({ kind, metadata }) => kind === "ClusterRoleBinding" && /jim/.test(metadata.name ?? ""));
  await cluster.delete(
    { group: "", version: "v1", resource: "", kind: "ClusterRoleBinding", namespaced: false },
    binding?.metadata.name ?? "",
    undefined,
  );
  const run = await runGrant(["revoke", id], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.notOk(grantObjectsIn(cluster).some((object) => object.includes("jim")));
});

t.test("revoke names every other way that still gives the access", async (t) => {
  const cluster = await example();
  cluster.put(
    bind("old", "dev", "mirrord-operator-user", { ...group("jim"), kind: "User" }),
    bind("basic", undefined, "mirrord-operator-user-basic", { ...group("jim"), kind: "User" }),
    bind("reads", "dev", "view", { ...group("jim"), kind: "User" }),
    bind("web", "qa", "mirrord-operator-user", group("web")),
  );
  cluster.put({
    ...(cluster
      .objects()
      .find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "view") as KubernetesObject),
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] }],
  });
  const run = await runGrant(["revoke", "jim"], { cluster });
  t.equal(run.code, 1, run.stdout);
  t.match(run.stdout, /In namespace dev jim can still use mirrord, through rolebinding\/old/);
  t.match(
    run.stdout,
    /In namespace qa .*may remain through group oidc:backend \(rolebinding\/by-hand\), group web \(rolebinding\/web\)/,
  );
});

t.test("revoke --dry-run shows and writes nothing; without a word it refuses", async (t) => {
  const cluster = await example();
  const before = cluster.writes.length;
  const run = await runGrant(["revoke", "jim", "--dry-run"], { cluster });
  t.equal(run.stdout.split("\n").filter((line) => line.endsWith("deleted (dry run)")).length, 5);
  t.equal(cluster.writes.length, before, "nothing was written");
  t.equal((await runGrant(["revoke"], { cluster })).code, 2);
  t.equal((await runGrant(["revoke", "jim", "--all-expired"], { cluster })).code, 2);
  t.match((await runGrant(["revoke", "--all-expired"], { cluster })).stderr, /Nothing to revoke/);
  t.equal(
    (await runGrant(["revoke", "sa:ci/runner", "--ns", "dev"], { cluster })).code,
    2,
    "everywhere cannot be narrowed",
  );
});

t.test("explain is the way from subject to rule, with the grant that made it", async (t) => {
  const cluster = await example();
  const yes = await runGrant(["explain", "jim", "deploy/web", "-n", "dev", "-o", "json"], { cluster });
  t.equal(yes.code, 0, yes.stderr);
  const { steps } = JSON.parse(yes.stdout) as { steps: Record<string, string>[] };
  t.match(
    steps.find(({ request }) => request?.startsWith("proxy")),
    {
      subject: "user jim",
      binding: /^rolebinding\/mirrord:grant:jim-dev-qa-\w+ \(dev\)$/,
      role: "clusterrole/mirrord-operator-user",
      rule: /"targets"/,
      grant: /^[a-z2-7]{20}$/,
    },
  );
  const no = await runGrant(["explain", "eve", "deploy/web", "-n", "dev"], { cluster });
  t.equal(no.code, 1);
  const byGroup = await runGrant(["explain", "eve", "deploy/web", "-n", "qa", "--as-group", "oidc:backend"], {
    cluster,
  });
  t.match(byGroup.stdout, /rolebinding\/by-hand \(qa\) gives .* to group oidc:backend \(.*\), made by hand/);
  t.match(no.stdout, /^no - eve cannot mirror deployment\/web in dev\n/);
  t.match(no.stdout, /\n {2}no {8}list pods in dev\n[^]*\n\nNothing allows these steps\.\n/);
  t.match(no.stdout, /\n {2}kubectl mirrord grant eve --ns dev --target deployment\/web\n$/);
  const wide = await runGrant(["explain", "jim", "deploy/web", "-n", "dev"], {
    cluster,
    change: { isTerminal: { stdin: false, stdout: true, stderr: true } },
  });
  t.match(wide.stdout, "yes - jim can mirror deployment/web in dev\n");
  for (const line of wide.stdout.split("\n")) t.ok(line.length <= 80, line);
  t.notMatch(wide.stdout, /APIGroups|\[|\{/, "rules in words");
});

t.test("what explain is asked about and is not there is said alone", async (t) => {
  const cluster = await example();
  const absent: [words: string[], reason: string][] = [
    [["deploy/wbe", "-n", "dev"], 'there is no deployment "wbe" in dev (did you mean "web"?)'],
    [["deploy/web", "-n", "nope"], 'there is no namespace "nope"'],
  ];
  for (const [words, reason] of absent) {
    t.match(await runGrant(["explain", "jim", ...words], { cluster }), { code: 1, stdout: `no - ${reason}\n` });
    const { stdout } = await runGrant(["explain", "jim", ...words, "-o", "json"], { cluster });
    t.match(JSON.parse(stdout), { answer: "no", reason, steps: { length: 0 } });
  }
});

t.test("matrix has a line for each subject and a column for each namespace", async (t) => {
  const cluster = await example();
  const run = await runGrant(["matrix"], { cluster });
  t.match(run.stdout, /^SUBJECT +<all> +dev +qa\nana +- +user:deployment\/web +-\n/);
  t.match(run.stdout, /group:oidc:backend +- +- +\[clusterrole\/mirrord-operator-user\]/);
});

t.test("whoami says who, what was granted, and whether one may grant", async (t) => {
  const cluster = await example();
  cluster.identity = async () => ({ name: "ana", groups: ["oidc:web", "system:authenticated"] });
  cluster.review = async (questions) => questions.map(() => ({ answer: "no", reason: "" }));
  const run = await runGrant(["whoami"], { cluster });
  t.match(run.stdout, /Username: +ana\nGroups: +oidc:web, system:authenticated\nTeams: +none\nMay grant: +no\n/);
  t.match(run.stdout, /group:oidc:web {2}view in dev,qa/);
});

t.test("list -f compares files with a cluster", async (t) => {
  const folder = exampleFolder(t);
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev", "--manifests", folder]);
  const files = join(folder, "mirrord-access");
  const listed = await runGrant(["list", "-f", files], { cluster });
  t.match(listed.stdout, /jim +user +dev/);
  const differs = await runGrant(["list", "-f", files, "--diff"], { cluster });
  t.equal(differs.code, 1);
  t.match(differs.stdout, /\+ .*kind: RoleBinding/);
  for (const file of readdirSync(files)) t.ok(readFileSync(join(files, file), "utf8").length > 0);
  const { parseDocuments } = await import("../../lib/yaml.ts");
  for (const file of readdirSync(files)) {
    cluster.put(...(parseDocuments(readFileSync(join(files, file), "utf8"), { source: file }) as KubernetesObject[]));
  }
  t.equal((await runGrant(["list", "-f", files, "--diff"], { cluster })).code, 0, "the same");
  await runGrant(["ana", "--ns", "qa"], { cluster });
  const more = await runGrant(["list", "-f", files, "--diff"], { cluster });
  t.equal(more.code, 1);
  t.match(more.stdout, /- .*name: ana/, "what the files do not have");
  t.equal((await runGrant(["list", "--diff"], { cluster })).code, 2);
});

const schemas = join(import.meta.dirname, "../../docs/schema");
t.test("every JSON output is as its schema says", async (t) => {
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  const validators = new Map(
    readdirSync(schemas)
      .filter((file) => file.startsWith("grant"))
      .map((file) => {
        const schema = JSON.parse(readFileSync(join(schemas, file), "utf8")) as {
          properties: { kind: { const: string } };
        };
        return [schema.properties.kind.const, ajv.compile(schema)] as const;
      }),
  );
  const commands: [kind: string, ...words: string[]][] = [
    ["Grant", "jim", "--ns", "dev"],
    ["Grant", "eve", "--ns", "dev", "--for", "1h", "--target", "deploy/web", "--allow-copy"],
    ["GrantList", "list"],
    ["GrantDescription", "describe", "ana"],
    ["GrantExplanation", "explain", "jim", "deploy/web", "-n", "dev"],
    ["GrantExtension", "extend", "ana", "--for", "9h"],
    ["GrantSync", "sync", "--check"],
    ["GrantMatrix", "matrix"],
    ["WhoAmI", "whoami"],
    ["Revocation", "revoke", "jim"],
    ["CollectionChange", "collection", "create", "prod/web", "--description", "What customers see"],
    ["CollectionList", "collection", "list"],
    ["RoleChange", "role", "create", "dba", "--dangerous", "--allow", "get:secrets,nodes", "--allow", "get:/healthz"],
    ["RoleList", "role", "list"],
    ["RoleDescription", "role", "describe", "dba"],
    ["AdministratorChange", "admin", "add", "ann"],
    ["AdministratorList", "admin", "list"],
  ];
  const cluster = await example();
  cluster.put(clusterRole("mirrord-access-admin"), bound("hand", "mirrord:role:dba", "eve", "qa"));
  for (const [kind, ...words] of commands) {
    const run = await runGrant([...words, "-o", "json"], { cluster });
    const value = JSON.parse(run.stdout) as { kind: string };
    t.equal(value.kind, kind);
    const validate = validators.get(kind);
    t.ok(validate?.(value), `${words.join(" ")}: ${JSON.stringify(validate?.errors)}`);
    t.notOk(validate?.({ ...value, surprise: 1 }), "and nothing else");
  }
});

t.test("hostile objects are shown escaped and break nothing", async (t) => {
  const cluster = exampleMemory(
    bind("x\u001b[31m", "dev", "mirrord-operator-user", { kind: "User", name: "eve\u202e\u001b[2J" }),
    {
      ...bind("odd", undefined, "mirrord-operator-user", {}),
      metadata: {
        name: "odd",
        labels: { "kubectl-mirrord.io/grant": "abc", "app.kubernetes.io/managed-by": "kubectl-mirrord" },
        annotations: { "kubectl-mirrord.io/intent": "{" },
      },
    },
  );
  const run = await runGrant(["list", "-o", "wide"], { cluster });
  t.equal(run.code, 0);
  // oxlint-disable-next-line no-control-regex -- that none is left is the point
  t.notMatch(run.stdout, /[\u0000-\u0008\u001b\u202e]/);
  t.match(run.stdout, /unreadable/);
});

t.test("what is over, and how much is left, is told by the server's clock", async (t) => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const cluster = exampleMemory();
  t.equal((await runGrant(["jim", "--ns", "dev", "--for", "1h"], { cluster, now: () => now })).code, 0);
  const ahead = () => now + 2 * 60 * 60 * 1000;
  const told = { ...cluster, serverTime: () => now };
  const silent = { ...cluster, serverTime: () => undefined };
  const list = (given: Cluster) => runGrant(["list", "jim"], { cluster: given, now: ahead });
  t.match((await list(told)).stdout, / ok +60m/);
  t.match((await list(silent)).stdout, /EXPIRED, still bound +ended/, "where the server does not say, this machine's");
  t.match((await runGrant(["describe", "jim"], { cluster: told, now: ahead })).stdout, /Status: +ok/);
  const late = { ...cluster, serverTime: ahead };
  t.match((await list(late)).stdout, /EXPIRED, still bound +ended/);
  t.match((await runGrant(["describe", "jim"], { cluster: late, now: () => now })).stdout, /EXPIRED, still bound/);
  t.match((await runGrant(["list", "jim", "--expiring-within", "2h"], { cluster: told, now: ahead })).stdout, /jim/);
});

t.test("a temporary grant in files is UNANCHORED: nothing ends it before a sync in a cluster", async (t) => {
  const folder = exampleFolder(t);
  t.equal((await runGrant(["jim", "--ns", "dev", "--for", "1h", "--manifests", folder])).code, 0);
  t.equal((await runGrant(["ana", "--ns", "dev", "--manifests", folder])).code, 0);
  for (const source of ["--manifests", "-f"]) {
    const listed = (await runGrant(["list", source, folder, "-o", "wide"])).stdout;
    t.match(listed, /jim .*UNANCHORED +60m.*nothing ends it/);
    t.match(listed, /ana .* ok +<never>/);
  }
});

t.test("sync begins with how much there is to do, and fits a terminal", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev"], { cluster });
  const first = cluster.objects().find(({ kind, metadata }) => kind === "RoleBinding" && metadata.namespace === "dev");
  await cluster.delete(nativeResources.roleBindings, first?.metadata.name ?? "", "dev");
  const onTerminal = { isTerminal: { stdin: false, stdout: true, stderr: true } };
  const check = await runGrant(["sync", "--check"], { cluster, change: onTerminal });
  t.match(
    check.stdout,
    /^1 change to make, so that the cluster is what its grants say\.\n\n {2}rolebinding\S+\n? .*created/,
  );
  for (const line of check.stdout.split("\n")) t.ok(line.length <= 80 || line.trim().split(" ").length === 1, line);
  const done = await runGrant(["sync", "-y"], { cluster });
  t.match(
    done.stdout,
    /^1 change made, so that the cluster is what its grants say\.\n\n {2}rolebinding\S+ in namespace dev created\n$/,
  );
});

const inMany = async (count: number): Promise<MemoryCluster> =>
  exampleMemory(
    ...Array.from({ length: count }, (_, at) =>
      bind(`by-hand-${at}`, `many-${at}`, "mirrord-operator-user", group("oidc:backend")),
    ),
  );

t.test("a table of the matrix has a column for each of 50 namespaces, and lines where there are more", async (t) => {
  const few = await runGrant(["matrix"], { cluster: await inMany(50) });
  t.match(few.stdout, /^SUBJECT +many-0 +many-1 +many-10 /);
  for (const words of [[], ["-o", "wide"]]) {
    const many = await runGrant(["matrix", ...words], { cluster: await inMany(51) });
    const [head, line] = many.stdout.split("\n");
    t.match(head, /^SUBJECT +NAMESPACES +ROLES$/);
    t.match(line, /^group:oidc:backend +many-0,many-1,many-10,\S+,many-9 +\[clusterrole\/mirrord-operator-user\]$/);
  }
});

t.test("a spreadsheet has a column for each namespace, however many there are", async (t) => {
  const { stdout } = await runGrant(["matrix", "-o", "csv"], { cluster: await inMany(51) });
  t.equal(stdout.split("\r\n")[0]?.split(",").length, 52);
});
