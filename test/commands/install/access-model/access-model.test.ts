import t from "tap";
import type { KubernetesObject } from "../../../../lib/kubernetes/object.ts";
import type { MemoryCluster } from "../../../kube/memory-cluster.ts";
import { runInstall } from "../install-world.ts";
import { workingCluster } from "../working-cluster.ts";

const apiGroup = "rbac.authorization.k8s.io";
const here = (name: string): KubernetesObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const person = (name: string, role: string): KubernetesObject => ({
  apiVersion: `${apiGroup}/v1`,
  kind: "ClusterRoleBinding",
  metadata: { name: `${name}-${role}` },
  roleRef: { apiGroup, kind: "ClusterRole", name: role },
  subjects: [{ kind: "User", apiGroup, name }],
});

function clusterWith(...more: KubernetesObject[]): MemoryCluster {
  return workingCluster({}, here("mirrord"), here("dev"), ...more);
}

const kinds = (cluster: MemoryCluster, kind: string) =>
  cluster
    .objects()
    .filter((each) => each.kind === kind && /^(mirrord-access|kubectl-mirrord-)/.test(each.metadata.name ?? ""))
    .map(({ metadata }) => metadata.name ?? "");
const on = ["--access-model", "-y"];

t.test("the policies' bindings are written last, and the same again writes nothing", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, [...on, "--readers", "devs"]);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /Access model: on[\s\S]*kubectl mirrord grant admin add SUBJECT/);
  t.equal(kinds(cluster, "ValidatingAdmissionPolicy").length, 7);
  t.same(kinds(cluster, "ClusterRoleBinding"), ["mirrord-access-reader:devs"]);
  const first = cluster.writes.findIndex((what) => what.includes("PolicyBinding"));
  t.ok(first > 0 && cluster.writes.slice(first).every((what) => what.includes("PolicyBinding")));
  const before = cluster.writes.length;
  const again = await runInstall(cluster, on);
  t.match(again.stdout, "Nothing was changed.");
  t.equal(cluster.writes.length, before);
});

t.test("a group of readers is named as everywhere, and who is no group is refused", async (t) => {
  const cluster = clusterWith();
  await runInstall(cluster, [...on, "--readers", "oidc:devs", "--readers", "group:oidc:devs"]);
  t.same(kinds(cluster, "ClusterRoleBinding"), ["mirrord-access-reader:oidc=3Adevs"]);
  t.match(await runInstall(cluster, [...on, "--readers", "user:ann"]), { code: 2, stderr: /--readers is for a group/ });
});

t.test("it is shown before it is asked about, and a no writes nothing", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, ["--access-model"], (world) => ({
    ask: { ...world.ask, confirm: async () => false },
  }));
  t.equal(ran.code, 1);
  t.match(ran.stderr, /To be done:[\s\S]*7 ValidatingAdmissionPolicies[\s\S]*Nothing was written/);
  t.same(cluster.writes, []);
});

t.test("dry runs and differences write nothing", async (t) => {
  const cluster = clusterWith();
  const dry = await runInstall(cluster, ["--access-model", "--dry-run"]);
  t.match(dry, { code: 0, stdout: /kubectl-mirrord-grants created \(dry run\)/ });
  const diff = await runInstall(cluster, ["--access-model", "--diff"]);
  t.match(diff, { code: 1, stdout: /mirrord-access-admin/ });
  t.same(cluster.writes, []);
});

t.test("a list of collections that is there is left alone", async (t) => {
  const list = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "mirrord-collections", namespace: "mirrord-access" },
    data: { "prod.web": "the shop" },
  };
  const cluster = clusterWith(here("mirrord-access"), list);
  t.equal((await runInstall(cluster, on)).code, 0);
  t.match(
    cluster.objects().find(({ metadata }) => metadata.name === "mirrord-collections"),
    { data: list.data },
  );
});

const nobody = (cluster: MemoryCluster) =>
  Object.assign(cluster, {
    review: async (requests: readonly object[]) => requests.map(() => ({ answer: "no" as const, reason: "" })),
  });

t.test("whoever would lock himself out with everybody else names an administrator first", async (t) => {
  const cluster = clusterWith();
  const own = cluster.review.bind(cluster);
  const refused = Object.assign(clusterWith(), {
    review: async (...[requests, user]: Parameters<typeof own>) => {
      const isCaller = user === undefined && JSON.stringify(requests).includes('"manage"');
      return isCaller ? requests.map(() => ({ answer: "no" as const, reason: "" })) : await own(requests, user);
    },
  });
  const ran = await runInstall(refused, on);
  t.match(ran, { code: 2, stderr: /you would be refused yourself[\s\S]*--admin SUBJECT/ });
  t.same(refused.writes, []);
});

t.test("administrators that are named are seen to be ones before the policies hold", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, [...on, "--admin", "ann", "--admin", "group:ops"]);
  t.equal(ran.code, 0, ran.stderr);
  const binding = cluster
    .objects()
    .find(
      ({ metadata }) =>
        metadata.name === "mirrord-access-admin" && metadata.labels?.["kubectl-mirrord.io/component"] === undefined,
    );
  t.match(binding, { kind: "ClusterRoleBinding", subjects: [{ name: "ann" }, { kind: "Group", name: "ops" }] });
});

t.test("one whom the API server does not take for an administrator stops before the policies hold", async (t) => {
  const cluster = clusterWith();
  const own = cluster.review.bind(cluster);
  Object.assign(cluster, {
    review: async (...[requests, user]: Parameters<typeof own>) =>
      user?.name === "ann" ? requests.map(() => ({ answer: "no" as const, reason: "" })) : await own(requests, user),
  });
  const ran = await runInstall(cluster, [...on, "--admin", "ann"]);
  t.match(ran, { code: 4, stderr: /does not take ann for administrators[\s\S]*do not hold yet/ });
  t.same(kinds(cluster, "ValidatingAdmissionPolicyBinding"), []);
});

const old = (cluster: MemoryCluster) => {
  const own = cluster.discover.bind(cluster);
  return Object.assign(cluster, {
    discover: async (group: string, version: string) => {
      const served = await own(group, version);
      if (group !== "admissionregistration.k8s.io") return served;
      return [
        {
          group,
          version,
          resource: "mutatingwebhookconfigurations",
          kind: "MutatingWebhookConfiguration",
          namespaced: false,
        },
      ];
    },
  });
};

t.test("a cluster without such policies: what is open is said, with who could enrol himself", async (t) => {
  const labels = {
    apiVersion: `${apiGroup}/v1`,
    kind: "ClusterRole",
    metadata: { name: "labels" },
    rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["patch"] }],
  };
  const cluster = old(clusterWith(labels, person("mallory", "labels")));
  const refused = await runInstall(cluster, on);
  t.match(refused, {
    code: 2,
    stderr: /Kubernetes 1\.30[\s\S]*put namespaces into collections: user mallory[\s\S]*--without-policies/,
  });
  t.same(cluster.writes, []);
  const meant = await runInstall(cluster, [...on, "--without-policies"]);
  t.match(meant, { code: 0, stderr: /user mallory/, stdout: /without its policies/ });
  t.same(kinds(cluster, "ValidatingAdmissionPolicy"), []);
  t.ok(kinds(cluster, "ClusterRole").includes("mirrord-access-admin"));
});

t.test("so it is to whoever may not write them", async (t) => {
  const ran = await runInstall(nobody(clusterWith()), on);
  t.match(ran, { code: 2, stderr: /you may not write ValidatingAdmissionPolicies[\s\S]*--without-policies/ });
});

t.test("they can be left out where they could be had", async (t) => {
  const cluster = clusterWith();
  const ran = await runInstall(cluster, [...on, "--without-policies"]);
  t.match(ran, { code: 0, stderr: /RBAC alone says who may change access/ });
  t.same(kinds(cluster, "ValidatingAdmissionPolicy"), []);
});

t.test("off takes what makes them hold first, and leaves the rest", async (t) => {
  const cluster = clusterWith();
  await runInstall(cluster, [...on, "--admin", "ann"]);
  const start = cluster.writes.length;
  const ran = await runInstall(cluster, ["--access-model=off", "-y"]);
  t.match(ran, { code: 0, stdout: /Access model: off/ });
  t.match(cluster.writes[start], /PolicyBinding/);
  t.same(kinds(cluster, "ValidatingAdmissionPolicy"), []);
  t.same(kinds(cluster, "ClusterRoleBinding"), ["mirrord-access-admin"]);
});

t.test("it is printed without a cluster, what makes it hold last, and each object once", async (t) => {
  const words = [
    "-o",
    "json",
    "--license-secret",
    "x",
    "--access-model",
    "--readers",
    "devs",
    "--admin",
    "ann",
    "--sync",
    "--sync-image",
    "i",
  ];
  const ran = await runInstall(clusterWith(), words);
  t.equal(ran.code, 0, ran.stderr);
  const { items } = JSON.parse(ran.stdout) as { items: KubernetesObject[] };
  const keys = items.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""} ${metadata.name}`);
  t.equal(new Set(keys).size, keys.length);
  t.ok(keys.includes("ClusterRoleBinding  mirrord-access-admin"));
  const plain = await runInstall(clusterWith(), [...words.slice(0, 5), "--without-policies"]);
  t.notMatch(plain.stdout, "ValidatingAdmissionPolicy");
});

t.test("-o prints the parts that are asked for: the operator only where something is said of it", async (t) => {
  const printed = async (...words: string[]) => {
    const { code, stdout, stderr } = await runInstall(clusterWith(), ["-o", "json", ...words]);
    t.equal(code, 0, stderr);
    return new Set((JSON.parse(stdout) as { items: KubernetesObject[] }).items.map(({ kind }) => kind));
  };
  const model = await printed("--access-model", "--readers", "devs");
  t.ok(model.has("ValidatingAdmissionPolicy") && model.has("CustomResourceDefinition"));
  t.notOk(model.has("Deployment") || model.has("APIService"));
  const guards = await printed("--secure-defaults=audit");
  t.ok(guards.has("ValidatingAdmissionPolicy") && !guards.has("Deployment"));
  const both = await printed("--access-model", "--license-secret", "licence");
  t.ok(both.has("ValidatingAdmissionPolicy") && both.has("Deployment"));
});

t.test("it follows an installation, and flags about it need it", async (t) => {
  for (const flag of [["--readers", "devs"], ["--without-policies"], ["--admin", "ann"]]) {
    t.equal((await runInstall(clusterWith(), [...flag, "--license-secret", "x"])).code, 2, flag.join(" "));
  }
  const cluster = clusterWith();
  const ran = await runInstall(cluster, ["--access-model", "--license-secret", "x", "--dry-run"]);
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /mirrord-operator[\s\S]*kubectl-mirrord-grants/);
});

t.test("what waits for the access model to become powerful by it is refused, and nothing is written", async (t) => {
  const waiting = person("mallory", "mirrord-access-admin");
  const cronJob = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "x", namespace: "mirrord-access" },
    spec: {},
  };
  for (const each of [waiting, cronJob]) {
    const cluster = clusterWith(here("mirrord-access"), each);
    const ran = await runInstall(cluster, on);
    t.match(ran, { code: 2, stderr: /made beforehand[^]*(mallory-mirrord-access-admin binds|cronjob x in namespace)/ });
    t.same(cluster.writes, []);
  }
});

t.test(
  "rights in the namespace of sync are named, and what came after the policies is an administrator's",
  async (t) => {
    const edit: KubernetesObject = {
      ...person("mallory", "edit"),
      kind: "RoleBinding",
      metadata: { name: "x", namespace: "mirrord-access" },
    };
    const cluster = clusterWith(here("mirrord-access"), edit);
    const ran = await runInstall(cluster, on);
    t.match(ran, {
      code: 0,
      stderr: /rolebinding x in namespace mirrord-access binds edit to mallory: whoever may run/,
    });
    t.notMatch((await runInstall(cluster, on)).stderr, /rolebinding x/);
  },
);
