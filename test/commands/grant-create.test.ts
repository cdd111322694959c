import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import t from "tap";
import { collectionLabels } from "../../lib/access/collection.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { deployment, exampleFolder, exampleMemory, grantObjectsIn, namespace, runGrant } from "./grant-world.ts";

const bind = (name: string, role: string, subject: object, space?: string): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: space === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name, ...(space === undefined ? {} : { namespace: space }) },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
  subjects: [subject],
});
const user = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name });

const refused: [what: string, words: string[], says: RegExp][] = [
  ["a subject with a control character", ["ji\u0007m", "--ns", "dev"], /a control character/],
  ["a subject with a right-to-left mark", ["\u202ejim", "--ns", "dev"], /\\u202ejim.*nobody sees/],
  ["a subject with a trailing blank", ["jim ", "--ns", "dev"], /a blank at its start or end/],
  ["a word close to a verb", ["revok", "--ns", "dev"], /too close to the verb "revoke".*\n?.*user:revok/],
  ["a system group without --dangerous", ["group:system:authenticated", "--ns", "dev"], /--dangerous/],
  ["an unknown namespace", ["jim", "--ns", "nowhere"], /namespace "nowhere" was not found/],
  ["an impossible namespace", ["jim", "--ns", "a/b"], /cannot be nested/],
  ["no resource set", ["jim"], /missing: namespaces/],
  ["two namespaces in one flag", ["jim", "--ns", "dev,qa"], /Name each: --ns dev --ns qa\./],
  ["a system namespace", ["jim", "--ns", "kube-system"], /--allow-system/],
  ["the operator's namespace", ["jim", "--ns", "mirrord"], /the operator's own[\s\S]*--allow-system/],
  ["everywhere and somewhere", ["jim", "-A", "--ns", "dev"], /--all-namespaces and --namespace exclude each other/],
  ["an unknown role", ["jim", "--ns", "dev", "--role", "root"], /there is no role "root"/],
  [
    "a role that does not exist",
    ["jim", "--ns", "dev", "--role", "clusterrole/none"],
    /clusterrole "none" was not found/,
  ],
  [
    "a role that can do everything",
    ["jim", "--ns", "dev", "--role", "clusterrole/cluster-admin"],
    /gain more rights[\s\S]*--dangerous/,
  ],
  [
    "a target that does not exist",
    ["jim", "--ns", "dev", "--target", "deploy/none"],
    /deployment "none" was not found[\s\S]*--force/,
  ],
  [
    "a container that does not exist",
    ["jim", "--ns", "dev", "--target", "deploy/web/container/x"],
    /Its containers: nginx, metrics/,
  ],
  ["a job as a target", ["jim", "--ns", "dev", "--target", "job/x"], /always copied/],
  ["a cronjob as a target", ["jim", "--ns", "dev", "--target", "cj/x"], /always copied/],
  ["a label as a target", ["jim", "--ns", "dev", "--target", "label/app=web"], /cannot be limited to/],
  ["a limit everywhere", ["jim", "-A", "--target", "deploy/web"], /namespaces that are named/],
  ["copies without a limit", ["jim", "--ns", "dev", "--allow-copy"], /adds to --target/],
  ["a duration without a unit", ["jim", "--ns", "dev", "--for", "8"], /invalid duration "8"/],
  ["a negative duration", ["jim", "--ns", "dev", "--for=-1h"], /invalid duration "-1h"/],
  ["a duration of a lifetime", ["jim", "--ns", "dev", "--for", "999999h"], /366 days at most/],
  ["no time at all", ["jim", "--ns", "dev", "--for", "0"], /no time at all/],
  ["a time in the past", ["jim", "--ns", "dev", "--until", "2020-01-01T00:00:00Z"], /has passed already/],
  ["a local time", ["jim", "--ns", "dev", "--until", "2026-12-31T18:00:00"], /with its offset/],
  [
    "two answers to when it ends",
    ["jim", "--ns", "dev", "--for", "1h", "--until", "2026-12-31T18:00:00Z"],
    /exclude each other/,
  ],
  ["a reason as long as a book", ["jim", "--ns", "dev", "--reason", "x".repeat(1001)], /1001 characters is too long/],
  ["an empty selector", ["jim", "-l", ""], /matches every namespace/],
  ["a selector that nobody can read", ["jim", "-l", "a=(b"], /unable to parse label selector/],
  [
    "labels that others may change",
    ["jim", "-l", "env=test"],
    /whoever may change the labels.*group system:masters[\s\S]*--accept-label-risk/,
  ],
  ["nobody, without a terminal", ["--ns", "dev"], /missing: subject/],
];
for (const [what, words, says] of refused) {
  t.test(`${what} is refused with exit code 2, and nothing is written`, async (t) => {
    const cluster = exampleMemory();
    const run = await runGrant(words, { cluster });
    t.equal(run.code, 2, run.stderr);
    t.match(run.stderr, says);
    t.same(cluster.writes, []);
  });
}

t.test("the same grant again is unchanged, without a write", async (t) => {
  const cluster = exampleMemory();
  t.equal((await runGrant(["jim", "--ns", "dev"], { cluster })).code, 0);
  const before = cluster.writes.length;
  const again = await runGrant(["jim", "--ns", "dev"], { cluster });
  t.equal(again.code, 0);
  t.equal(cluster.writes.length, before, "nothing was written");
  t.ok(
    again.stdout
      .split("\n")
      .filter((line) => line.includes("k8s.io/"))
      .every((line) => line.endsWith(" unchanged")),
  );
});

t.test("what a grant does not want any more goes with the next write of it", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev"], { cluster });
  const run = await runGrant(["jim", "--ns", "dev", "--no-reads", "-o", "wide"], { cluster });
  t.match(run.stdout, /jim-dev-\w+:reads in namespace dev deleted/);
  t.match(run.stdout, /still cannot mirror and steal any target in dev: missing get deployments/);
});

t.test("a selector matches by labels, and never a namespace of the system or of the operator", async (t) => {
  const cluster = exampleMemory();
  const run = await runGrant(["jim", "-l", "env=test", "--ns", "prod", "--accept-label-risk", "--no-reads"], {
    cluster,
  });
  t.equal(run.code, 0, run.stderr);
  t.match(
    run.stderr,
    /whoever may change the labels of a namespace decides where this grant holds; today: group system:masters/,
  );
  const bound = grantObjectsIn(cluster).filter((object) => object.startsWith("RoleBinding"));
  t.same(
    bound.map((object) => object.split(" ")[1]?.split("/")[0]),
    ["dev", "prod", "qa"],
  );
});

t.test("several selectors are joined, and guarded collection labels need no acceptance", async (t) => {
  const cluster = exampleMemory(
    namespace("shop", collectionLabels("prod/web")),
    namespace("pay", collectionLabels("pay")),
    ...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name: "kubectl-mirrord-namespaces" },
      spec: { validationActions: ["Deny"] },
    })),
  );
  const words = [
    "jim",
    "-l",
    "collection.kubectl-mirrord.io/prod",
    "-l",
    "collection.kubectl-mirrord.io/pay",
    "--no-reads",
  ];
  const run = await runGrant(words, { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stdout, /in pay:[\s\S]*in shop:/);
});

t.test("who may change the labels today is named, with those inside a namespace", async (t) => {
  const cluster = exampleMemory(bind("owner", "ns-owner", user("eve"), "qa"), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "ns-owner" },
    rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["patch"] }],
  });
  const run = await runGrant(["jim", "-l", "env=test"], { cluster });
  t.equal(run.code, 2);
  t.match(run.stderr, /group system:masters.*user eve/);
});

t.test("a selector that matches nothing yet is granted, and said", async (t) => {
  const run = await runGrant(["jim", "-l", "env=none", "--accept-label-risk"], { cluster: exampleMemory() });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /no namespace matches today/);
});

t.test("a limit lists every spelling of every container, and opens no side door", async (t) => {
  const cluster = exampleMemory();
  const run = await runGrant(["jim", "--ns", "dev", "--target", "deploy/web"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(
    run.stdout,
    /^ {2}included {5}get the targets, and list pods \(all of them: this cannot be limited to a target\)$/m,
  );
  const role = cluster.objects().find(({ kind, metadata }) => kind === "Role" && metadata.namespace === "dev");
  const rules = role?.["rules"] as { resources: string[]; resourceNames?: string[] }[];
  t.same(rules[0]?.resourceNames, [
    "deploy.web",
    "deploy.web.container.metrics",
    "deploy.web.container.nginx",
    "deployment.web",
    "deployment.web.container.metrics",
    "deployment.web.container.nginx",
  ]);
  t.notOk(
    rules.some(({ resources }) => resources.includes("copytargets")),
    "no copies",
  );

  const copies = await runGrant(["jim", "--ns", "dev", "--target", "deploy/web", "--allow-copy"], { cluster });
  t.match(copies.stdout, / {2}configured {3}1 ClusterRoleBinding, 1 Role\n/);
  const after = cluster.objects().find(({ kind, metadata }) => kind === "Role" && metadata.namespace === "dev");
  t.match(JSON.stringify(after?.["rules"]), /"copytargets"\],"verbs":\["create","get","list","proxy"\]/);
});

t.test("a workload that is spelled like a container of another is named", async (t) => {
  const cluster = exampleMemory(deployment("dev", "web.container.nginx", "x"));
  const longer = await runGrant(["jim", "--ns", "dev", "--target", "deploy/web"], { cluster });
  t.match(
    longer.stderr,
    /deployment\/web\.container\.nginx in namespace dev is spelled like container nginx of deployment\/web/,
  );
  const shorter = await runGrant(["ana", "--ns", "dev", "--target", "deploy/web.container.nginx"], { cluster });
  t.match(shorter.stderr, /is spelled like container nginx of deployment\/web: the limit opens it too/);
});

t.test("every other binding that makes a limit void is named", async (t) => {
  const cluster = exampleMemory(
    bind("old-access", "mirrord-operator-user", user("jim"), "dev"),
    bind("everybody", "mirrord-operator-user", user("jim")),
    bind("team", "mirrord-operator-user", { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "web" }, "dev"),
  );
  const run = await runGrant(["jim", "--ns", "dev", "--target", "deploy/web"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /the limit is void: clusterrolebinding everybody, rolebinding old-access lets/);
  t.match(run.stderr, /the limit is void if the subject is in group web/);
  const alone = await runGrant(["ana", "--ns", "dev", "--target", "deploy/web"], { cluster });
  t.notMatch(alone.stderr, /binding/, "nothing else gives ana anything");
});

t.test("a target that is not there yet, with --force: granted by name, with a warning", async (t) => {
  const run = await runGrant(["jim", "--ns", "dev", "--target", "deploy/new", "--force"], { cluster: exampleMemory() });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /deployment\/new does not exist in namespace dev: the grant is for whatever gets that name/);
});

t.test("a namespace that a selector chose and that lacks the target is left out", async (t) => {
  const cluster = exampleMemory();
  const run = await runGrant(["jim", "-l", "env=test", "--accept-label-risk", "--target", "deploy/cart"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.same(
    cluster
      .objects()
      .filter(({ kind, metadata }) => kind === "RoleBinding" && metadata.labels?.["kubectl-mirrord.io/grant"])
      .map(({ metadata }) => metadata.namespace),
    ["dev"],
  );
});

t.test("the operator's roles: missing ones are refused with the way out, changed ones are named", async (t) => {
  const bare = exampleMemory();
  await bare.delete(
    {
      group: "rbac.authorization.k8s.io",
      version: "v1",
      resource: "clusterroles",
      kind: "ClusterRole",
      namespaced: false,
    },
    "mirrord-operator-user",
    undefined,
  );
  const missing = await runGrant(["jim", "--ns", "dev"], { cluster: bare });
  t.equal(missing.code, 2);
  t.match(missing.stderr, /"mirrord-operator-user" was not found[\s\S]*kubectl mirrord install[\s\S]*--role minimal/);
  t.equal((await runGrant(["jim", "--ns", "dev", "--role", "minimal"], { cluster: bare })).code, 0);

  const changed = exampleMemory({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "mirrord-operator-user" },
    rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
  });
  const run = await runGrant(["jim", "--ns", "dev"], { cluster: changed });
  t.match(run.stderr, /it lacks .*"targets"/);
  t.match(run.stderr, /it also allows \{APIGroups:\[""\], Resources:\["secrets"\]/);
  t.match(run.stdout, /still cannot mirror and steal any target in \w+: missing proxy targets/);
});

t.test("what only a cluster-wide grant can do is said", async (t) => {
  const cluster = exampleMemory();
  t.match(
    (await runGrant(["jim", "-A", "-y"], { cluster })).stdout,
    /included {5}stop the sessions of everybody \(--role minimal leaves it out\)/,
  );
  t.notMatch((await runGrant(["jim", "--ns", "dev"], { cluster })).stdout, /sessions of everybody/);
  const [question] = [{ verb: "delete", apiGroup: "operator.metalbear.co", resource: "sessions" }];
  const ask = async (name: string) => (await cluster.review([question], { name, groups: [] }))[0]?.answer;
  t.equal(await ask("jim"), "yes");
  await runGrant(["ana", "--ns", "dev"], { cluster });
  t.equal(await ask("ana"), "no", "a role in a namespace does not reach the cluster-wide path");
  const branch = { verb: "create", apiGroup: "operator.metalbear.co", resource: "branchcredentials" };
  t.equal((await cluster.review([branch], { name: "ana", groups: [] }))[0]?.answer, "no");
});

t.test("role ci is user today, and says so", async (t) => {
  const cluster = exampleMemory();
  const run = await runGrant(["sa:ci/runner", "--ns", "dev", "--role", "ci"], { cluster });
  t.match(run.stderr, /ci is an alias of user/);
  t.equal((await runGrant(["sa:ci/runner", "--ns", "dev"], { cluster })).stdout.includes("created"), false);
});

t.test("a refusal is foreseen before the first write, and the manifest is offered", async (t) => {
  const cluster = exampleMemory();
  const { apply } = cluster;
  cluster.apply = async (type, object, options) => {
    if (object.kind === "RoleBinding")
      throw apiFailure(403, "Forbidden", "attempting to grant RBAC permissions not currently held");
    return await apply(type, object, options);
  };
  const run = await runGrant(["jim", "--ns", "dev", "--reason", "it's needed"], { cluster });
  t.equal(run.code, 4);
  t.match(
    run.stderr,
    /not currently held[\s\S]*Nothing was written[\s\S]*kubectl mirrord grant jim --ns dev --reason 'it'"'"'s needed' --dry-run=client -o yaml/,
  );
  t.same(cluster.writes, []);
});

const refusedForRights: { name: string; words: string[] }[] = [
  {
    name: "strangers in a namespace of Kubernetes",
    words: ["group:system:authenticated", "--ns", "kube-system", "--dangerous", "--allow-system"],
  },
  { name: "a role that gains rights", words: ["jim", "--ns", "dev", "--role", "clusterrole/edit-all", "--dangerous"] },
  { name: "the operator's namespace", words: ["jim", "--ns", "mirrord", "--allow-system"] },
  {
    name: "a target that is not there, and copies",
    words: ["jim", "--ns", "dev", "--target", "deploy/gone", "--force", "--allow-copy"],
  },
  { name: "labels that others change", words: ["jim", "-l", "env in (test, prod)", "--accept-label-risk"] },
  {
    name: "an end that the subject could undo",
    words: ["ana", "--ns", "dev", "--for", "90m", "--accept-weak-expiry"],
  },
  { name: "a user with the name of a verb", words: ["user:list", "--ns", "dev", "--reason", "it's $HOME"] },
];
for (const { name, words } of refusedForRights) {
  t.test(`${name}: who may is offered a line that is not refused, and asks for the same`, async (t) => {
    const anyRule = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
    const cluster = exampleMemory(bind("ana-all", "edit-all", user("ana")), {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "edit-all" },
      rules: [anyRule],
    });
    const dryRun = ["--dry-run=client", "-o", "yaml"];
    const wanted = await runGrant([...words, ...dryRun], { cluster });
    t.equal(wanted.code, 0, wanted.stderr);
    for (const flag of words.filter((word) => /^--(dangerous|allow-system|force|accept-.*)$/.test(word))) {
      const without = await runGrant([...words.filter((word) => word !== flag), ...dryRun], { cluster });
      t.equal(without.code, 2, `${flag} is needed`);
    }
    const { apply } = cluster;
    cluster.apply = () => Promise.reject(apiFailure(403, "Forbidden", "you may not"));
    const withoutRights = await runGrant(words, { cluster });
    cluster.apply = apply;
    t.equal(withoutRights.code, 4, withoutRights.stderr);
    const line = /what this prints: kubectl mirrord grant (.*)/.exec(withoutRights.error?.hint ?? "")?.[1] ?? "";
    const split = spawnSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" }).stdout.split("\0");
    const run = await runGrant(split.slice(0, -1), { cluster });
    t.equal(run.code, 0, run.stderr);
    t.equal(run.stdout, wanted.stdout);
  });
}

t.test("escalation by a role that the same grant makes is foreseen too", async (t) => {
  const cluster = exampleMemory(bind("ns-admin", "namespace-granter", user("nora")), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "namespace-granter" },
    rules: [
      { apiGroups: ["rbac.authorization.k8s.io"], resources: ["*"], verbs: ["*"].map(() => "patch") },
      { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs: ["create", "escalate"] },
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterrolebindings", "rolebindings"],
        verbs: ["create"],
      },
    ],
  });
  const { apply } = cluster;
  cluster.identity = async () => ({ name: "nora", groups: ["system:authenticated"] });
  cluster.apply = async (type, object, options) => {
    // As the API server does: the role is looked up, and a dry run has not stored it.
    const { name } = (object["roleRef"] ?? {}) as { name?: string };
    const role = cluster.objects().some(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === name);
    if (name !== undefined && !role) throw apiFailure(404, "NotFound", `rolebindings "${name}" not found`);
    return await apply(type, object, options);
  };
  const run = await runGrant(["jim", "--ns", "dev", "--role", "minimal"], { cluster });
  t.equal(run.code, 4, run.stdout);
  t.match(run.stderr, /user "nora".*is attempting to grant RBAC permissions not currently held/);
  t.same(cluster.writes, []);
});

t.test("the same granted for good does not end, and that is said", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev"], { cluster });
  const run = await runGrant(["jim", "--ns", "dev", "--for", "1h"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /the same is granted for good by grant \w{20}/);
});

t.test("a clock that differs from the server's is said, and the server's counts", async (t) => {
  const cluster = exampleMemory();
  const here = cluster.now();
  cluster.now = () => here + 3_600_000;
  const run = await runGrant(["jim", "--ns", "dev", "--for", "1h"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /3600 seconds behind the server's/);
  const binding = cluster
    .objects()
    .find(({ kind, metadata }) => kind === "ClusterRoleBinding" && metadata.labels?.["kubectl-mirrord.io/grant"]);
  t.equal(binding?.metadata.annotations?.["kubectl-mirrord.io/expires-at"], "2026-11-22T14:00:00Z");
});

t.test("an anchor that the server changes is not built upon, and does not stay", async (t) => {
  for (const spec of [{ managedBy: "example.com/x" }, { ttlSecondsAfterFinished: 2_000_000_000 }]) {
    const cluster = exampleMemory();
    const { create } = cluster;
    cluster.create = async (type, object, options) =>
      await create(type, { ...object, spec: { ...(object["spec"] as object), ...spec } }, options);
    const run = await runGrant(["jim", "--ns", "dev", "--for", "1h"], { cluster });
    t.equal(run.code, 4, run.stdout);
    t.match(run.stderr, /is managed by|where 3600 were asked for/);
    t.same(
      grantObjectsIn(cluster),
      ["ClusterRoleBinding mirrord:grant:jim-dev"],
      "no binding in the namespace, no anchor",
    );
  }
});

t.test("dry runs write nothing; -o yaml has no owners, no anchors and no server fields", async (t) => {
  const cluster = exampleMemory();
  for (const mode of ["client", "server"]) {
    const run = await runGrant(["jim", "--ns", "dev", "--for", "1h", `--dry-run=${mode}`, "-o", "json"], { cluster });
    t.equal(run.code, 0, run.stderr);
    const { kind, items } = JSON.parse(run.stdout) as { kind: string; items: KubernetesObject[] };
    t.equal(kind, "List");
    t.same(
      items.map((item) => item.kind),
      ["ClusterRole", "ClusterRoleBinding", "RoleBinding", "RoleBinding"],
    );
    t.ok(items.every(({ metadata }) => metadata.ownerReferences === undefined && metadata.uid === undefined));
  }
  t.same(cluster.writes, []);
  const diff = await runGrant(["jim", "--ns", "dev", "--diff"], { cluster });
  t.equal(diff.code, 1);
  t.match(diff.stdout, /\+ .*kind: RoleBinding/);
  await runGrant(["jim", "--ns", "dev"], { cluster });
  t.equal((await runGrant(["jim", "--ns", "dev", "--diff"], { cluster })).code, 0);
});

t.test("a dry run for somebody else needs no right to list", async (t) => {
  const cluster = exampleMemory();
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind.endsWith("Binding") || type.kind === "Role") throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  const run = await runGrant(["jim", "--ns", "dev", "--dry-run=client", "-o", "name"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /you may not list clusterrolebindings/);
});

t.test("500 namespaces: at most 16 requests at once, one line for all of them", async (t) => {
  const many = Array.from({ length: 500 }, (_, index) => namespace(`n${index}`, { many: "" }));
  const cluster = exampleMemory(...many);
  const run = await runGrant(["jim", "-l", "many", "--accept-label-risk", "--for", "1h"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stdout, /^jim can now mirror and steal any target in 500 namespaces, until \S+ \S+ UTC \(in 60m\)\.\n/);
  t.ok(cluster.peak() <= 16, `${cluster.peak()} at once`);
});

t.test("in a folder: one file a grant, nothing outside it, and an expired grant counts as gone", async (t) => {
  const folder = exampleFolder(t);
  const words = ["jim", "--ns", "dev", "--for", "1h", "--manifests", folder];
  const run = await runGrant(words);
  t.equal(run.code, 0, run.stderr);
  t.match(run.stdout, /to enforce it in a cluster: kubectl mirrord grant sync$/m);
  const own = readdirSync(join(folder, "mirrord-access"));
  t.equal(own.length, 2, "the grant, and the role that it shares");
  const file = own.find((name) => name.startsWith("jim-dev-")) ?? "";
  const text = readFileSync(join(folder, "mirrord-access", file), "utf8");
  t.match(text, /kubectl-mirrord\.io\/expires-at: ['"]?2026-11-22T13:00:00Z/);
  t.notMatch(text, /ownerReferences|kind: Job/);
  const before = statSync(join(folder, "mirrord-access", file)).mtimeMs;
  t.match((await runGrant(words)).stdout, /\nNothing was changed\.\n/);
  t.equal(statSync(join(folder, "mirrord-access", file)).mtimeMs, before);
  const later = () => Date.parse("2027-01-01T00:00:00Z");
  t.match((await runGrant(["list", "--manifests", folder], { now: later })).stdout, /EXPIRED, still bound/);
  t.equal((await runGrant(["sync", "-y", "--manifests", folder], { now: later })).code, 0);
  t.notOk(existsSync(join(folder, "mirrord-access", file)));
});

t.test("the folder's other documents stay to the letter", async (t) => {
  const folder = exampleFolder(t);
  const file = join(folder, "mirrord-access.yaml");
  const run = await runGrant(["jim", "--ns", "dev", "--dry-run=client", "-o", "yaml", "--manifests", folder]);
  const mine = "# mine\napiVersion: v1\nkind: Namespace\nmetadata: {name: extra}   # odd   spacing\n";
  writeFileSync(file, `${mine}---\n${run.stdout}`);
  t.match((await runGrant(["jim", "--ns", "dev", "--manifests", folder])).stdout, /Nothing was changed/);
  t.equal((await runGrant(["revoke", "jim", "--manifests", folder])).code, 0);
  t.ok(readFileSync(file, "utf8").startsWith(mine));
  t.notMatch(readFileSync(file, "utf8"), /RoleBinding/);
});

t.test("on a terminal, grant without arguments asks, offers what the caller may see, and shows the plan", async (t) => {
  const asked: string[] = [];
  const offered: string[] = [];
  const answers: Record<string, string> = {
    "Who?": "jim",
    "In which namespace?": "qa",
    "Which role?": "minimal",
    "For how long?": "8h",
  };
  const ask = {
    input: async (question: string) => (asked.push(question), answers[`${question.split("?")[0] ?? ""}?`] ?? ""),
    async select<Value>(question: string, choices: readonly { value: Value }[]) {
      asked.push(question);
      if (question.includes("namespace")) offered.push(...choices.map(({ value }) => String(value)));
      const chosen = choices.find(({ value }) => value === answers[question]);
      if (chosen === undefined) throw new Error(`nothing to choose for ${question}`);
      return chosen.value;
    },
    confirm: async () => true,
  };
  const isTerminal = { stdin: true, stdout: true, stderr: true };
  const cluster = exampleMemory();
  const run = await runGrant([], { cluster, change: { ask, isTerminal } });
  t.equal(run.code, 0, run.stderr);
  t.same(offered, ["dev", "prod", "qa", "several of them", "all namespaces"]);
  t.equal(asked.length, 4, "who, where, which role, how long");
  t.match(run.stdout, /^jim can now mirror and steal any target in qa/);

  const declined = await runGrant(["--ns", "dev"], {
    cluster,
    change: { ask: { ...ask, confirm: async () => false }, isTerminal },
  });
  t.equal(declined.code, 1);
  t.notOk(
    grantObjectsIn(cluster).some((object) => object.includes("dev/")),
    "declined: nothing was written",
  );
});

t.test("what is granted for 7d ends in 7d, also when the command takes a second", async (t) => {
  const cluster = exampleMemory();
  let seconds = 0;
  const run = (...words: string[]) =>
    runGrant(words, { cluster, now: () => Date.parse("2026-11-22T12:00:00Z") + 100 * seconds++ });
  t.match((await run("jim", "--ns", "dev", "--for", "7d")).stdout, "(in 7d)");
  t.match((await run("ann", "--ns", "dev", "--for", "1h")).stdout, "(in 60m)");
  t.match((await run("max", "--ns", "dev", "--for", "9m")).stdout, /\(in [89]m/);
});

t.test("the sentence comes first: what, where, until when, and what a policy takes away", async (t) => {
  const noSteal: KubernetesObject = {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "no-steal", namespace: "dev" },
    spec: { block: ["steal"] },
  };
  const cluster = exampleMemory(noSteal);
  const words = ["jim", "--ns", "dev", "--ns", "qa", "--for", "8h"];
  const first = await runGrant(words, { cluster });
  t.match(
    first.stdout,
    /^jim can now mirror and steal any target in dev and qa, until 2026-11-22 20:00 UTC \(in 8h\), but MirrordPolicy dev\/no-steal blocks steal on some targets\.\n\n {2}created {6}\d ClusterRole/,
  );
  const again = await runGrant(words, { cluster });
  t.match(
    again.stdout,
    /^jim can already mirror and steal any target in dev and qa, until .*\nNothing was changed\.\n/,
  );
  const long = await runGrant(["ana", "--ns", "dev", "-o", "wide"], { cluster });
  t.match(long.stdout, /\n {2}rolebinding\S+ in namespace dev created\n\n {2}included {5}get the targets/);
  const unchanged = await runGrant(["ana", "--ns", "dev", "-o", "wide"], { cluster });
  t.equal(unchanged.stdout.split("\n").at(-2), "Nothing was changed.", "nothing follows it");
});
