// An operator that Helm installed, taken over on a real control plane: what Helm set is ours afterwards, and Helm's record goes last.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { renderInstallation } from "../../lib/install/render.ts";
import { objectIn, type JsonObject } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiRequest } from "../control-plane/request.ts";
import { until } from "../until.ts";
import { startEmptyCluster } from "./empty-cluster.ts";
import { helmObject, helmRecord } from "../install/helm-objects.ts";

const cluster = await startEmptyCluster();
t.teardown(() => cluster.stop());
const { token } = cluster.plane.admin;

const release = { name: "op", namespace: "tools" };
const values: JsonObject = { license: { key: "a-key" } };
const values2 = join(t.testdir({}), "values.yaml");
writeFileSync(values2, JSON.stringify(values));
const install = (...words: string[]) =>
  cluster.mirrord("admin", "install", "--values", values2, "--timeout", "10m", "-y", ...words);

async function list(path: string, selector: string): Promise<KubernetesObject[]> {
  const { body } = await apiRequest(cluster.plane, {
    token,
    path: `${path}?labelSelector=${encodeURIComponent(selector)}`,
  });
  return (body as { items: KubernetesObject[] }).items;
}

const deployment = async () => {
  const path = "/apis/apps/v1/namespaces/mirrord/deployments/mirrord-operator";
  return (await apiRequest(cluster.plane, { token, path })).body as KubernetesObject;
};

/** Helm 3 creates by POST; what it has set besides is what a chart of another version may have set. */
function withDropped(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Deployment") return object;
  const text = JSON.stringify(object);
  return JSON.parse(text.replace('"env":[', '"env":[{"name":"DROPPED","value":"1"},')) as KubernetesObject;
}

t.before(async () => {
  const rendered = renderInstallation(values, release).objects.map((object) =>
    helmObject(withDropped(object), release),
  );
  const leftover = helmObject(
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "only-helms", namespace: "mirrord" }, data: { a: "b" } },
    release,
  );
  const tools = { apiVersion: "v1", kind: "Namespace", metadata: { name: "tools" } };
  const create = async (...objects: object[]) => {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const made = await cluster.kubectl("admin", ["create", "--field-manager=helm", "-f", "-"], input);
    if (made.code !== 0) throw new Error(made.stderr);
  };
  await create(tools, ...rendered, leftover, helmRecord(release, 1), helmRecord(release, 2));
  await until(
    "the operator answers",
    async () => (await cluster.kubectl("admin", ["get", "mirrordoperators"])).code === 0,
  );
});

t.test("it is not fought: it stops and says how to go on, either way", async (t) => {
  const { code, stdout, stderr } = await install();
  t.equal(code, 2);
  t.equal(stdout, "");
  t.match(
    stderr,
    /installed by Helm, as release op in namespace tools[^]*--adopt[^]*helm get values op -n tools -o yaml[^]*helm upgrade op -n tools/,
  );
});

t.test("taken over, nothing is Helm's any more, what it alone had is gone, and its definitions stay", async (t) => {
  const policy = {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordClusterPolicy",
    metadata: { name: "kept" },
    spec: { block: ["steal"] },
  };
  t.equal((await cluster.kubectl("admin", ["create", "-f", "-"], JSON.stringify(policy))).code, 0);
  const { code, stderr } = await install("--adopt");
  t.equal(code, 0, stderr);
  t.match(stderr, /remove +1 ConfigMap, 2 Secrets\n/);
  t.same(await list("/api/v1/secrets", "owner=helm"), [], "no record is left that helm uninstall could use");
  const marked = await list(
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "app.kubernetes.io/managed-by=Helm",
  );
  t.same(marked, []);
  const adopted = await deployment();
  t.notMatch(JSON.stringify(adopted), /helm|DROPPED/);
  const managers = (adopted.metadata.managedFields ?? []).filter(({ subresource }) => !subresource);
  t.same(
    managers.map(({ manager, operation }) => `${manager} ${operation}`),
    ["kubectl-mirrord Apply"],
  );
  t.equal(objectIn(adopted.metadata.annotations)["meta.helm.sh/release-name"], undefined);
  t.equal(
    (await cluster.kubectl("admin", ["get", "mirrordclusterpolicies", "kept"])).code,
    0,
    "policies are still there",
  );
  t.match(await install(), { code: 0, stdout: /\nNothing was changed\.\n/ });
});
