import { join } from "node:path";
import t from "tap";
import { objectIn } from "../../../lib/json.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { entry } from "../session-cluster.ts";
import { operatorAnswer } from "../../install/installed-cluster.ts";
import { runInstall } from "./install-world.ts";
import { workingCluster } from "./working-cluster.ts";

const KEY = "a-licence-key-that-nobody-guesses";

/** Installed with an older image; `changed` is what the older version had otherwise. */
async function older(
  dir: string,
  changed: (object: KubernetesObject) => KubernetesObject = (object) => object,
  words: readonly string[] = [],
): Promise<MemoryCluster> {
  const cluster = workingCluster();
  const installed = await runInstall(cluster, [
    "--license-key-file",
    join(dir, "key"),
    "--set",
    "operator.imageTag=3.180.0",
    "-y",
    ...words,
  ]);
  if (installed.code !== 0) throw new Error(installed.stderr);
  cluster.put(...cluster.objects().map(changed));
  cluster.writes.length = 0;
  return cluster;
}

const folder = (t: { testdir(files: Record<string, string>): string }) => t.testdir({ key: KEY });

const withoutProxy = (object: KubernetesObject): KubernetesObject => {
  if (object.kind !== "ClusterRole" || object.metadata.name !== "mirrord-operator-user") return object;
  const rules = (object["rules"] as { verbs: string[] }[]).filter(({ verbs }) => !verbs.includes("proxy"));
  return { ...object, rules: [...rules, { apiGroups: [""], resources: ["pods"], verbs: ["get"] }] };
};

const jim: KubernetesObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "jim", namespace: "dev" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord-operator-user" },
  subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jim" }],
};

t.test("definitions first, and before anything who gains and loses what, and whose sessions run", async (t) => {
  const cluster = await older(folder(t), withoutProxy);
  const crd = cluster.objects().find(({ kind }) => kind === "CustomResourceDefinition");
  if (crd !== undefined)
    cluster.put({ ...crd, spec: { ...objectIn(crd["spec"]), versions: [{ name: "v1alpha", storage: true }] } });
  cluster.put(jim, operatorAnswer({}, { sessions: [entry("A1"), entry("B2")] }));
  cluster.writes.length = 0;
  const { code, stderr, stdout } = await runInstall(cluster, ["upgrade", "-y"]);
  t.equal(code, 0, stderr);
  t.match(stderr, /note: version 3\.180\.0 becomes 3\.187\.0\n/);
  t.match(
    stderr,
    /note: ClusterRole mirrord-operator-user, held by jim, gains: proxy targets; proxy copytargets, and loses: get pods/,
  );
  t.match(stderr, /Warning: 2 sessions are running, and may have to connect again/);
  t.match(stdout, /answers in namespace mirrord/);
  const kinds = cluster.writes.map((what) => what.split(" ")[1]);
  t.same(kinds.slice(0, 1), ["CustomResourceDefinition"]);
  t.ok(kinds.indexOf("ClusterRole") < kinds.indexOf("Deployment"));
  const again = await runInstall(cluster, ["upgrade", "-y"]);
  t.match(again, { code: 0, stdout: /Nothing was changed/ });
});

t.test("the licence stays where it is, also the Secret that install made of a key", async (t) => {
  const cluster = await older(folder(t));
  const { code, stderr, stdout } = await runInstall(cluster, ["upgrade", "-y"]);
  t.equal(code, 0, stderr);
  t.notMatch(stdout + stderr, KEY);
  const secret = cluster.objects().find(({ kind }) => kind === "Secret");
  t.match(secret, { metadata: { name: "mirrord-operator-license" } });
  t.match(
    JSON.stringify(cluster.objects().find(({ kind }) => kind === "Deployment")),
    /"secretRef":\{"name":"mirrord-operator-license"\}/,
  );
  const other = await runInstall(cluster, ["upgrade", "--license-secret", "another", "--dry-run=client"]);
  t.equal(other.code, 0, other.stderr);
});

t.test("an operator in a namespace of another name is upgraded there", async (t) => {
  const cluster = await older(folder(t), undefined, ["-n", "tools"]);
  const { code, stderr } = await runInstall(cluster, ["upgrade", "-y"]);
  t.equal(code, 0, stderr);
  t.ok(cluster.writes.some((what) => what === "update Deployment tools/mirrord-operator"));
});

t.test("a dry run says the same and writes nothing", async (t) => {
  const cluster = await older(folder(t), withoutProxy);
  for (const mode of ["client", "server"]) {
    const { code, stdout, stderr } = await runInstall(cluster, ["upgrade", `--dry-run=${mode}`]);
    t.equal(code, 0);
    t.match(
      stderr,
      /version 3\.180\.0 becomes 3\.187\.0\nClusterRole mirrord-operator-user, held by nobody, gains: proxy/,
    );
    t.match(stdout, /deployment\.apps\/mirrord-operator in namespace mirrord configured/);
  }
  t.same(cluster.writes, []);
});

t.test("the way back is warned of", async (t) => {
  const cluster = await older(folder(t));
  const { stderr } = await runInstall(cluster, ["upgrade", "--set", "operator.imageTag=3.170.0", "--dry-run"]);
  t.match(stderr, /Warning: 3\.170\.0 is older than 3\.180\.0/);
  const same = await runInstall(cluster, ["upgrade", "--set", "operator.imageTag=3.180.0", "--dry-run"]);
  t.match(same.stderr, /version 3\.180\.0 stays/);
});

t.test("what cannot be known is said", async (t) => {
  const cluster = await older(folder(t), withoutProxy);
  const { get, list } = cluster;
  cluster.get = async (type, ...place) => {
    if (type.kind === "MirrordOperator") throw apiFailure(403, "Forbidden", "no");
    return await get(type, ...place);
  };
  cluster.list = async function* (type, options) {
    if (type.kind === "ClusterRoleBinding" && options?.labelSelector === undefined)
      throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  const { stderr } = await runInstall(cluster, ["upgrade", "--dry-run"]);
  t.match(stderr, /held by whom you may not see, gains/);
  t.match(stderr, /does not say whether sessions are running/);
});

t.test("where there is no operator there is nothing to upgrade", async (t) => {
  const nothing = await runInstall(memoryCluster(), ["upgrade"]);
  t.match(nothing, {
    code: 2,
    stderr: /there is no operator in namespace mirrord to upgrade[^]*kubectl mirrord install\n/,
  });
});

t.test("one session is one", async (t) => {
  const cluster = await older(folder(t));
  cluster.put(operatorAnswer({}, { sessions: [entry("A1")] }));
  t.match((await runInstall(cluster, ["upgrade", "--dry-run"])).stderr, /Warning: 1 session is running/);
});

const deployment = (cluster: MemoryCluster) =>
  JSON.stringify(cluster.objects().find(({ kind }) => kind === "Deployment"));

t.test("the values that it was installed with stay, and what is given stands above them", async (t) => {
  const cluster = await older(folder(t), undefined, ["--set", "operator.jsonLog=true,operator.port=4000"]);
  const { code, stderr } = await runInstall(cluster, ["upgrade", "-y"]);
  t.equal(code, 0, stderr);
  t.match(deployment(cluster), /"OPERATOR_JSON_LOG","value":"true"/);
  t.match(deployment(cluster), /"containerPort":4000/);
  t.match(deployment(cluster), /operator:3\.187\.0/, "but for the version");
  t.match((await runInstall(cluster, ["upgrade", "-y"])).stdout, /Nothing was changed/);
  await runInstall(cluster, ["upgrade", "-y", "--set", "operator.port=5000"]);
  t.match(deployment(cluster), /"OPERATOR_JSON_LOG","value":"true"/);
  t.match(deployment(cluster), /"containerPort":5000/);
  await runInstall(cluster, ["upgrade", "-y", "--values", "/dev/null"]);
  t.match(deployment(cluster), /"OPERATOR_JSON_LOG","value":"false"/, "a file says all");
});

t.test("a new licence leaves the rest as it is, and takes the old one's place", async (t) => {
  const dir = folder(t);
  const cluster = await older(dir, undefined, [
    "--set",
    "operator.jsonLog=true,license.licenseServer=https://l.example",
  ]);
  const { code, stderr } = await runInstall(cluster, ["upgrade", "-y", "--license-secret", "other"]);
  t.equal(code, 0, stderr);
  t.match(deployment(cluster), /"secretRef":\{"name":"other"\}/);
  t.match(deployment(cluster), /https:\/\/l\.example/, "the server of licences stays");
  t.match(deployment(cluster), /"OPERATOR_JSON_LOG","value":"true"/);
  t.notMatch(deployment(cluster), KEY);
});

t.test("secrets are not kept, and have to be given again", async (t) => {
  const dir = t.testdir({ key: KEY, tls: "tls-text" });
  const data = ["crt", "key"].flatMap((part) => ["--set-file", `tls.data.tls\\.${part}=${join(dir, "tls")}`]);
  const cluster = await older(dir, undefined, data);
  t.notMatch(deployment(cluster), /tls-text/);
  const refused = await runInstall(cluster, ["upgrade", "-y"]);
  t.equal(refused.code, 2, refused.stdout);
  t.match(refused.stderr, /secrets among the values are not kept[^]*: tls\.data[^]*--set-file/);
  t.same(cluster.writes, []);
  t.equal((await runInstall(cluster, ["upgrade", "-y", ...data])).code, 0);
});

t.test("values that are not kept are not lost in silence: what is not the default is named", async (t) => {
  const forgotten = (object: KubernetesObject): KubernetesObject =>
    object.kind === "Deployment" ? { ...object, metadata: { ...object.metadata, annotations: {} } } : object;
  const cluster = await older(folder(t), forgotten, ["--set", "operator.jsonLog=true,operator.clusterName=c"]);
  const refused = await runInstall(cluster, ["upgrade", "-y"]);
  t.equal(refused.code, 2);
  t.match(refused.stderr, /not kept in the cluster[^]*OPERATOR_CLUSTER_NAME is "c", and would be left out/);
  t.match(refused.stderr, /OPERATOR_JSON_LOG is "true", and would be "false"[^]*--values FILE[^]*helm get values/);
  t.same(cluster.writes, []);
  t.equal((await runInstall(cluster, ["upgrade", "-y", "--values", "/dev/null"])).code, 0);
  const plain = await older(folder(t), forgotten);
  t.equal((await runInstall(plain, ["upgrade", "-y"])).code, 0, "with the defaults nothing is lost");
});
