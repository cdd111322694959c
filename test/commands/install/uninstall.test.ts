import t from "tap";
import { modelObjects } from "../../../lib/install/access-model/objects.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { entry } from "../session-cluster.ts";
import { installedCluster } from "../../install/installed-cluster.ts";
import { runInstall, schemaErrors } from "./install-world.ts";

interface Document {
  changes: { kind: string; name: string; namespace?: string }[];
  kept: { kind: string; name: string; why: string; holds?: string[] }[];
  sessions: { id: string }[];
  done: boolean;
}

const object = (kind: string, metadata: KubernetesObject["metadata"], more: object = {}): KubernetesObject => ({
  apiVersion: kind.startsWith("Mirrord") || kind === "BranchDatabase" ? "mirrord.metalbear.co/v1alpha" : "v1",
  kind,
  metadata,
  ...more,
});

const session = (id: string) =>
  object("Session", { name: id }, { apiVersion: "operator.metalbear.co/v1", spec: { session: entry(id) } });
const patch = object("MirrordClusterWorkloadPatch", { name: "scaled" });
const profile = object("MirrordProfile", { name: "plain", namespace: "dev" });
const policy = object("MirrordPolicy", { name: "no-steal", namespace: "dev" });
const grant = object(
  "ClusterRoleBinding",
  { name: "mirrord:grant:jim-abc", labels: { "kubectl-mirrord.io/grant": "abc" } },
  { subjects: [], roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "x" } },
);
const guard = object("ValidatingAdmissionPolicy", {
  name: "kubectl-mirrord-grants",
  labels: { "app.kubernetes.io/managed-by": "kubectl-mirrord" },
});
const others = [
  object("ClusterRole", { name: "view" }),
  object("Deployment", { name: "web", namespace: "dev" }),
  object("ConfigMap", { name: "kube-root-ca.crt", namespace: "mirrord" }),
  object("Namespace", { name: "dev" }),
];

const full = (): MemoryCluster => {
  const cluster = installedCluster();
  cluster.put(session("A1"), session("B2"), patch, profile, policy, grant, guard, ...others);
  return cluster;
};

const names = (objects: readonly KubernetesObject[]) =>
  objects
    .map(
      ({ kind, metadata: { namespace, name } }) => `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
    )
    .toSorted();

/** The operator's own answer is no stored object. */
const left = (cluster: MemoryCluster) => names(cluster.objects().filter(({ kind }) => kind !== "MirrordOperator"));

const uninstall = (cluster: MemoryCluster, ...words: string[]) => runInstall(cluster, ["uninstall", ...words]);

const document = (text: string) => JSON.parse(text) as Document;

t.test("it leaves exactly what it says, and what is not the operator's", async (t) => {
  const cluster = full();
  const ran = await uninstall(cluster, "-y", "-o", "json");
  t.equal(ran.code, 0, ran.stderr);
  t.equal(schemaErrors("install-uninstall.json", ran.stdout), "No errors");
  const { kept, done, sessions, changes } = document(ran.stdout);
  t.ok(done);
  t.same(
    sessions.map(({ id }) => id),
    ["A1", "B2"],
  );
  const stays = kept.filter(({ kind }) => kind !== "Grant").map((one) => object(one.kind, one));
  t.same(
    left(cluster),
    names(
      [
        ...stays,
        grant,
        ...others.filter(({ metadata }) => metadata.namespace !== "mirrord"),
        others[2] ?? profile,
      ].filter((one, at, all) => all.indexOf(one) === at),
    ),
  );
  t.equal(changes.length, 18);
  t.same(
    kept.filter(({ why }) => why !== "definition").map(({ kind, name }) => `${kind} ${name}`),
    ["MirrordPolicy no-steal", "MirrordProfile plain", "Grant abc", "ValidatingAdmissionPolicy kubectl-mirrord-grants"],
  );
  const again = await uninstall(cluster, "-y", "-o", "json");
  t.match(again, { code: 0, stderr: /nothing of the operator to uninstall/ });
  t.same(document(again.stdout).changes, []);
});

t.test("sessions end first, then the operator undoes, then its APIService goes, its namespace last", async (t) => {
  const cluster = full();
  const before = cluster.writes.length;
  t.equal((await uninstall(cluster, "-y")).code, 0);
  const kinds = cluster.writes.slice(before).map((what) => what.replace(/^delete (\w+).*/, "$1"));
  const order = [...new Set(kinds)];
  t.same(order.slice(0, 3), ["Session", "MirrordClusterWorkloadPatch", "APIService"]);
  t.same(order.slice(3, 5).toSorted(), ["Deployment", "Service"]);
  t.same(order.slice(-1), ["Namespace"]);
  t.equal(
    cluster.writes.findLast((what) => !what.startsWith("delete Namespace")),
    "delete ClusterRoleBinding mirrord-operator",
    "by it a second run finds the namespace",
  );
});

t.test("with --crds nothing of the operator is left, and its objects go before their definitions", async (t) => {
  const cluster = full();
  const { code, stdout } = await uninstall(cluster, "-y", "--crds", "-o", "json");
  t.equal(code, 0);
  t.same(left(cluster), names([grant, guard, ...others]));
  t.notMatch(
    document(stdout).kept.map(({ kind }) => kind),
    ["CustomResourceDefinition"],
  );
  const at = (what: string) => cluster.writes.findIndex((write) => write.startsWith(what));
  t.ok(at("delete MirrordPolicy") < at("delete CustomResourceDefinition"));
  t.ok(at("delete CustomResourceDefinition") < at("delete Namespace"));
});

for (const mode of ["client", "server"]) {
  t.test(`--dry-run=${mode} shows the same and writes nothing`, async (t) => {
    const cluster = full();
    const before = cluster.writes.length;
    const dry = await uninstall(cluster, `--dry-run=${mode}`, "-o", "json");
    t.equal(dry.code, 0, dry.stderr);
    t.equal(schemaErrors("install-uninstall.json", dry.stdout), "No errors");
    t.equal(cluster.writes.length, before);
    const done = await uninstall(cluster, "-y", "-o", "json");
    const { changes, kept, sessions } = document(dry.stdout);
    t.match(document(done.stdout), { changes, kept, sessions });
  });
}

t.test("people see what goes and what stays, in 80 columns; -o name and -o wide say each", async (t) => {
  const cluster = full();
  const terminal = { isTerminal: { stdin: true, stdout: true, stderr: true } };
  const { stdout } = await runInstall(cluster, ["uninstall", "--dry-run"], () => terminal);
  t.match(
    stdout,
    /^mirrord operator in namespace mirrord\n\n {2}end {10}session A1 of Jim Raynor\/jim@laptop on deployment\/web in dev\n/,
  );
  t.match(stdout, /\n {2}delete {7}1 MirrordClusterWorkloadPatch, 1 APIService, /);
  t.match(stdout, /\n {2}keep {9}10 definitions \(--crds deletes them/);
  t.match(stdout, /\n {2}keep {9}1 grant, which give/);
  // What is to be pasted is never broken.
  for (const line of stdout.split("\n")) t.ok(line.length <= 80 || line.startsWith("  kubectl "), line);
  const name = await uninstall(cluster, "--dry-run", "-o", "name");
  t.match(name.stdout, /^mirrordclusterworkloadpatch.*\napiservice\.apiregistration\.k8s\.io\/v1\.operator/);
  t.match(name.stdout, /\nnamespace\/mirrord\n$/);
  const wide = await uninstall(cluster, "--dry-run", "-o", "wide");
  t.match(wide.stdout, /\n {2}deployment\.apps\/mirrord-operator in namespace mirrord deleted \(dry run\)\n/);
});

t.test("nothing happens without a yes", async (t) => {
  const cluster = full();
  const before = cluster.writes.length;
  const ask = (answer: boolean) => (world: { ask: object }) => ({
    ask: { ...world.ask, confirm: () => Promise.resolve(answer) } as never,
  });
  t.match(await runInstall(cluster, ["uninstall"], ask(false)), { code: 1, stdout: /^declined/, stderr: /keep/ });
  t.equal(cluster.writes.length, before);
  t.equal((await runInstall(cluster, ["uninstall"], ask(true))).code, 0);
  t.ok(cluster.writes.length > before);
});

t.test("whatever happens between two writes, the same command again finishes", async (t) => {
  for (const words of [["-y"], ["-y", "--crds"]]) {
    const whole = full();
    const before = whole.writes.length;
    t.equal((await uninstall(whole, ...words)).code, 0);
    const steps = whole.writes.length - before;
    t.ok(steps > 18);
    for (let point = 1; point <= steps; point += 1) {
      const cluster = full();
      let count = 0;
      cluster.beforeWrite = () => {
        count += 1;
        if (count >= point) throw new Error("killed");
      };
      await t.rejects(uninstall(cluster, ...words), { message: "killed" });
      cluster.beforeWrite = () => undefined;
      const again = await uninstall(cluster, ...words);
      t.equal(again.code, 0, `killed before write ${point}: ${again.stderr}`);
      t.same(left(cluster), left(whole), `as if it had never been killed before write ${point}`);
    }
  }
});

t.test("in a namespace of another name, a second run finds it by what goes last", async (t) => {
  const cluster = installedCluster(undefined, { namespace: "tools", createNamespace: false });
  cluster.put(object("Namespace", { name: "tools" }));
  let count = 0;
  cluster.beforeWrite = (_count, what) => {
    count += 1;
    if (what.startsWith("delete ServiceAccount")) throw apiFailure(500, "InternalError", "for a moment");
  };
  t.match(await uninstall(cluster, "-y"), { code: 4, stderr: /only part was done[^]*Run the same command again/ });
  cluster.beforeWrite = () => undefined;
  t.equal((await uninstall(cluster, "-y")).code, 0);
  t.same(
    left(cluster).filter((name) => !name.startsWith("CustomResourceDefinition")),
    ["Namespace tools"],
    "the namespace was there before",
  );
  t.ok(count > 0);
});

const owned: { name: string; metadata: KubernetesObject["metadata"]; hint: RegExp }[] = [
  {
    name: "Helm",
    metadata: { annotations: { "meta.helm.sh/release-name": "m", "meta.helm.sh/release-namespace": "default" } },
    hint: /helm uninstall m -n default/,
  },
  {
    name: "Argo CD",
    metadata: { annotations: { "argocd.argoproj.io/tracking-id": "app:x" } },
    hint: /Argo CD Application app\n.*delete it there/,
  },
];

for (const { name, metadata, hint } of owned) {
  t.test(`what ${name} installed is left to it`, async (t) => {
    const cluster = installedCluster((one) => ({ ...one, metadata: { ...one.metadata, ...metadata } }));
    const before = cluster.writes.length;
    t.match(await uninstall(cluster, "-y"), { code: 2, stdout: "", stderr: hint });
    t.equal(cluster.writes.length, before);
  });
}

t.test("where not all may be read, nothing is changed", async (t) => {
  const cluster = full();
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === "Secret") throw apiFailure(403, "Forbidden", "secrets is forbidden");
    yield* list(type, options);
  };
  const before = cluster.writes.length;
  t.match(await uninstall(cluster, "-y"), { code: 3, stderr: /you may not list secrets/ });
  t.equal(cluster.writes.length, before);
});

t.test("where one object of thirty may not be deleted, nothing is", async (t) => {
  const cluster = full();
  const { delete: remove } = cluster;
  cluster.delete = async (type, ...place) => {
    if (type.kind === "PriorityClass") throw apiFailure(403, "Forbidden", "priorityclasses is forbidden");
    return await remove(type, ...place);
  };
  const before = cluster.writes.length;
  t.match(await uninstall(cluster, "-y"), { code: 4, stderr: /priorityclasses is forbidden[^]*Nothing was written/ });
  t.equal(cluster.writes.length, before);
});

t.test(
  "an operator that does not answer cannot undo what it did: its finalizers are taken off, and it is said",
  async (t) => {
    const cluster = installedCluster((one) =>
      one.kind === "APIService" ? { ...one, status: {} } : one.kind === "MirrordOperator" ? undefined : one,
    );
    const { name } = patch.metadata;
    cluster.put(
      object(patch.kind, { ...(name === undefined ? {} : { name }), finalizers: ["mirrord.metalbear.co/x"] }),
    );
    const { code, stderr } = await uninstall(cluster, "-y");
    t.equal(code, 0, stderr);
    t.match(stderr, /does not answer: 1 objects .* not undone/);
    t.notMatch(left(cluster), [`${patch.kind} ${name}`]);
  },
);

t.test("an operator that runs takes its own finalizers off", async (t) => {
  const cluster = full();
  cluster.put(object(patch.kind, { ...patch.metadata, finalizers: ["mirrord.metalbear.co/x"] }));
  const { delete: remove } = cluster;
  cluster.delete = async (type, name, ...rest) => {
    const gone = await remove(type, name, ...rest);
    const options = rest[1];
    if (type.kind === patch.kind && options?.dryRun !== true) {
      await cluster.patch?.(type, name, undefined, { metadata: { finalizers: null } });
    }
    return gone;
  };
  const { code, stderr } = await uninstall(cluster, "-y");
  t.equal(code, 0, stderr);
  t.notMatch(stderr, /not undone/);
});

t.test("sessions that go on keep the operator, unless that is accepted", async (t) => {
  const refusing = () => {
    const cluster = full();
    const { delete: remove } = cluster;
    cluster.delete = async (type, ...place) => {
      if (type.kind === "Session") throw apiFailure(403, "Forbidden", "sessions is forbidden");
      return await remove(type, ...place);
    };
    return cluster;
  };
  const cluster = refusing();
  const before = cluster.writes.length;
  const refused = await uninstall(cluster, "-y");
  t.match(refused, {
    code: 4,
    stderr: /session A1 could not be ended[^]*Nothing was uninstalled[^]*--ignore-sessions/,
  });
  t.equal(cluster.writes.length, before);
  t.match(await uninstall(refusing(), "-y", "--ignore-sessions"), { code: 0, stderr: /Warning: session A1 could not/ });
});

t.test("who may not end sessions, or cannot list them, is told before anything", async (t) => {
  const unable = full();
  unable.review = async (questions) => questions.map(() => ({ answer: "no", reason: "" }));
  t.match(await uninstall(unable, "-y"), { code: 4, stderr: /2 sessions are running, and you may not end them/ });
  const blind = full();
  const { list, get } = blind;
  blind.list = async function* (type, options) {
    if (type.kind === "Session") throw apiFailure(500, "InternalError", "no list");
    yield* list(type, options);
  };
  t.match(await uninstall(blind, "-y"), { code: 3, stderr: /the sessions could not be listed[^]*--ignore-sessions/ });
  blind.get = get;
  t.equal((await uninstall(blind, "-y", "--ignore-sessions")).code, 0);
});

const apiServices = (...versions: string[]) =>
  versions.map((groupVersion) => {
    const [version = "", group = ""] = groupVersion.split("/").toReversed();
    return object("APIService", { name: `${version}.${group}` }, { spec: { group, version } });
  });

function withTypes(cluster: MemoryCluster): MemoryCluster {
  const { discover } = cluster;
  const { secrets, configMaps, events, nodes, pods } = nativeResources;
  cluster.put(...apiServices("v1", "metrics.k8s.io/v1"));
  cluster.discover = async (group, version) =>
    group === "" ? [secrets, configMaps, events, nodes, pods] : await discover(group, version);
  return cluster;
}

t.test("the namespace stays when somebody has something in it, and it is named", async (t) => {
  const cluster = withTypes(full());
  cluster.put(object("ConfigMap", { name: "mine", namespace: "mirrord" }));
  const { code, stdout } = await uninstall(cluster, "-y", "-o", "json");
  t.equal(code, 0);
  t.match(document(stdout).kept.at(-1), {
    kind: "Namespace",
    name: "mirrord",
    why: "namespace",
    holds: ["ConfigMap mine"],
  });
  t.ok(left(cluster).includes("Namespace mirrord"));
  t.match((await uninstall(cluster)).stdout, /namespace mirrord, which holds ConfigMap mine/);
});

t.test("the namespace stays when nobody can say what it holds", async (t) => {
  const cluster = withTypes(full());
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === "Pod") throw apiFailure(403, "Forbidden", "pods is forbidden");
    if (type.kind === "Secret" && options?.labelSelector === undefined) throw apiFailure(405, "MethodNotAllowed", "x");
    yield* list(type, options);
  };
  const { stdout } = await uninstall(cluster, "-y", "-o", "json");
  t.match(document(stdout).kept.at(-1)?.holds, [/perhaps more.*pods is forbidden/]);
});

t.test("the namespace stays when somebody makes something in it meanwhile", async (t) => {
  const cluster = withTypes(full());
  cluster.beforeWrite = (_count, what) => {
    if (what === "delete ClusterRoleBinding mirrord-operator")
      cluster.put(object("Pod", { name: "new", namespace: "mirrord" }));
  };
  const { code, stdout } = await uninstall(cluster, "-y", "-o", "json");
  t.equal(code, 0);
  t.match(document(stdout).kept.at(-1), { kind: "Namespace", holds: ["Pod new"] });
});

t.test("a namespace that is being deleted already is waited for", async (t) => {
  const cluster = installedCluster((one) =>
    one.kind === "Namespace"
      ? { ...one, metadata: { ...one.metadata, deletionTimestamp: "2026-11-22T11:00:00Z" } }
      : one,
  );
  const { get } = cluster;
  cluster.get = async (type, name, namespace) => {
    // It goes as soon as nothing keeps it.
    if (type.kind === "Namespace" && !cluster.objects().some(({ kind }) => kind === "APIService")) return undefined;
    return await get(type, name, namespace);
  };
  t.equal((await uninstall(cluster, "-y")).code, 0);
});

t.test("where there is nothing, there is nothing to do", async (t) => {
  t.match(await uninstall(memoryCluster(), "-y"), { code: 0, stdout: "", stderr: /nothing of the operator/ });
  t.match(await uninstall(memoryCluster(), "-y", "-o", "name"), { code: 0, stdout: "" });
});

t.test("what the access model is made of stays, is named, and the commands that take it out are given", async (t) => {
  const cluster = full();
  const binding = object(
    "ClusterRoleBinding",
    { name: "mirrord-access-admin" },
    {
      subjects: [],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord-access-admin" },
    },
  );
  const collections = object("ConfigMap", { name: "mirrord-collections", namespace: "mirrord-access" });
  cluster.put(...modelObjects({ readers: ["devs"] }), binding, collections);
  const dry = await uninstall(cluster, "--dry-run", "-o", "json");
  t.equal(schemaErrors("install-uninstall.json", dry.stdout), "No errors");
  const whys = (why: string) =>
    document(dry.stdout)
      .kept.filter((one) => one.why === why)
      .map(({ kind, name }) => `${kind} ${name}`);
  t.same(whys("access-model"), [
    "CustomResourceDefinition organizations.access.kubectl-mirrord.io",
    "ClusterRole mirrord-access-admin",
    "ClusterRole mirrord-access-reader",
    "ClusterRoleBinding mirrord-access-reader:devs",
    "ClusterRoleBinding mirrord-access-admin",
    "ConfigMap mirrord-collections",
  ]);
  t.ok(whys("role").includes("ClusterRole mirrord:role:reads"));
  const { code, stdout } = await uninstall(cluster, "-y");
  t.equal(code, 0);
  t.match(stdout, /^ {2}kept +what guards the cluster: ValidatingAdmissionPolicy kubectl-mirrord-grants$/m);
  t.match(stdout, /^ {2}kept +the access model: CustomResourceDefinition organizations\..* and 1 more$/m);
  t.match(
    stdout,
    "  kubectl delete validatingadmissionpolicybindings,validatingadmissionpolicies -l app.kubernetes.io/managed-by=kubectl-mirrord\n",
  );
  t.match(
    stdout,
    /\nTo remove the access model, with all that it keeps:\n {2}kubectl delete crd,clusterrolebindings,clusterroles -l kubectl-mirrord\.io\/component=access-model\n {2}kubectl delete clusterrolebinding mirrord-access-admin --ignore-not-found\n {2}kubectl delete configmap mirrord-collections -n mirrord-access --ignore-not-found\n/,
  );
  t.ok(left(cluster).includes("ClusterRole mirrord-access-admin"));
});
