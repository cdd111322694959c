import t from "tap";
import { objectIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { until } from "../until.ts";
import { startInstallationPlane } from "./installation.ts";

// An installation of an older version on a real control plane becomes one of today's.

const cluster = await startInstallationPlane(t.testdir({}));
t.teardown(() => cluster.stop());

const CRD = "mirrordclusterexternalresources.mirrord.metalbear.co";
const VERSION = "3.180.0";

/** As an older version of this program would have applied it. */
function older(object: KubernetesObject): KubernetesObject {
  const { kind, metadata } = object;
  if (kind === "CustomResourceDefinition" && metadata.name === CRD) {
    const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "object" } } } };
    const versions = [{ name: "v1alpha", served: true, storage: true, schema }];
    return { ...object, spec: { ...objectIn(object["spec"]), versions } };
  }
  if (kind !== "ClusterRole" || metadata.name !== "mirrord-operator-user") return object;
  const rules = (object["rules"] as { verbs: string[] }[]).filter(({ verbs }) => !verbs.includes("deletecollection"));
  return { ...object, rules: [...rules, { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] };
}

const values = { operator: { imageTag: VERSION } };
const port = ["--set", `operator.port=${cluster.operator.port}`];
const upgrade = (...words: string[]) => cluster.mirrord("admin", "install", "upgrade", "--no-wait", ...port, ...words);

const deployment = async () => {
  const { body } = await cluster.get("/apis/apps/v1/namespaces/mirrord/deployments/mirrord-operator");
  return body as { spec: { template: { spec: { containers: { image: string; envFrom: object[] }[] } } } };
};

await cluster.install(values);
await cluster.apply(...cluster.rendered(values).map(older));
const bound = ["rolebinding", "jim", "--clusterrole=mirrord-operator-user", "--user=jim", "-n", "default"];
await cluster.kubectl(undefined, "create", ...bound);
cluster.operator.control.addSession({ namespace: "default", target: "deployment.web", user: "jim" });
await until("the operator lists the session", async () => {
  const { stdout } = await cluster.mirrord("admin", "install", "status", "-o", "json");
  return (JSON.parse(stdout) as { sessions?: number }).sessions === 1;
});

t.test("a server dry run says who gains and loses what, and whose sessions run, and changes nothing", async (t) => {
  const { code, stdout, stderr } = await upgrade("--dry-run=server");
  t.equal(code, 0, stderr);
  t.match(stderr, `version ${VERSION} becomes 3.187.0`);
  t.match(
    stderr,
    /ClusterRole mirrord-operator-user, held by jim, gains: .*deletecollection.*, and loses: get configmaps/,
  );
  t.match(stderr, /1 session is running/);
  t.match(stdout, `customresourcedefinition.apiextensions.k8s.io/${CRD} configured (server dry run)`);
  t.match((await deployment()).spec.template.spec.containers[0]?.image, VERSION);
});

t.test("the upgrade brings definitions, roles and workload to today's, and keeps the licence", async (t) => {
  const { code, stderr, stdout } = await upgrade("-y");
  t.equal(code, 0, stderr);
  t.notMatch(stdout + stderr, "secret-key");
  const [container] = (await deployment()).spec.template.spec.containers;
  t.match(container?.image, "3.187.0");
  t.match(container?.envFrom, [{ secretRef: { name: "mirrord-operator-license" } }]);
  t.equal((await cluster.get("/api/v1/namespaces/mirrord/secrets/mirrord-operator-license")).status, 200);
  const { body } = await cluster.get("/apis/rbac.authorization.k8s.io/v1/clusterroles/mirrord-operator-user");
  const { rules } = body as { rules: { resources: string[] }[] };
  t.notOk(
    rules.some(({ resources }) => resources.includes("configmaps")),
    "what is not wanted any more goes",
  );
  const status = await cluster.mirrord("admin", "install", "status", "-o", "json");
  const { definitions } = JSON.parse(status.stdout) as { definitions: { state: string }[] };
  t.ok(definitions.every(({ state }) => state === "same"));
});

t.test("again it changes nothing", async (t) => {
  const { code, stdout, stderr } = await upgrade("-y");
  t.equal(code, 0, stderr);
  t.match(stdout, "Nothing was changed.");
});
