import t from "tap";
import { listIn, objectIn, textIn } from "../../lib/json.ts";
import { withAll, withObjects } from "../../lib/kube/overlay.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { typeRegistry } from "../../lib/kubernetes/type-registry.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { namespaceObject } from "../access/namespace-object.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";
import { memoryCluster } from "./memory-cluster.ts";

const { namespaces, secrets } = nativeResources;
const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "dev" } };

t.test("one type is as given, and everything else is the cluster's", async (t) => {
  const cluster = withAll(memoryCluster(namespaceObject("dev"), namespaceObject("qa"), secret), namespaces, [
    namespaceObject("dev", { env: "test" }),
    namespaceObject("prod", { env: "prod" }),
  ]);
  const names = async (options = {}) =>
    (await Array.fromAsync(cluster.list(namespaces, options))).map(({ metadata }) => metadata.name);
  t.same(await names(), ["dev", "prod"]);
  t.same(await names({ labelSelector: "env=test" }), ["dev"]);
  t.match(await cluster.get(namespaces, "dev"), { metadata: { labels: { env: "test" } } });
  t.match(
    await cluster.get(namespaces, "qa"),
    { metadata: { name: "qa" } },
    "one that is not given may be there all the same",
  );
  t.equal((await Array.fromAsync(cluster.list(secrets))).length, 1);
  t.match(await cluster.get(secrets, "key", "dev"), { kind: "Secret" });
});

const binding = (name: string, subject: string, place?: string): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: place === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name, ...(place === undefined ? {} : { namespace: place }) },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" },
  subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: subject }],
});
const reader: KubernetesObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "reader" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
};
const known = typeRegistry([], []).typeOf;
const question = { verb: "get", apiGroup: "", resource: "pods", namespace: "dev" };

t.test("objects that are written over others are read in their place, others beside them", async (t) => {
  const cluster = fakeCluster({ objects: [reader, binding("one", "jim", "dev"), binding("two", "ann", "qa")] });
  const { namespace: _namespace, ...bare } = binding("three", "bob", "default").metadata;
  const overlaid = withObjects(
    cluster,
    [
      binding("one", "eve", "dev"),
      { ...binding("three", "bob", "default"), metadata: bare },
      { apiVersion: "x/v1", kind: "Unknown", metadata: { name: "x" } },
    ],
    known,
  );
  const { roleBindings, clusterRoles } = nativeResources;
  const places = async (options: object) =>
    (await Array.fromAsync(overlaid.list(roleBindings, options))).map(
      ({ metadata, subjects }) =>
        `${metadata.namespace}/${metadata.name} ${textIn(objectIn(listIn(subjects)[0])["name"])}`,
    );
  t.same((await places({})).toSorted(), ["default/three bob", "dev/one eve", "qa/two ann"]);
  t.same(await places({ namespace: "dev" }), ["dev/one eve"]);
  t.same(await places({ namespace: "dev", labelSelector: "a=b" }), []);
  t.match(await overlaid.get(roleBindings, "one", "dev"), { subjects: [{ name: "eve" }] });
  t.match(await overlaid.get(roleBindings, "two", "qa"), { subjects: [{ name: "ann" }] });
  t.match(await overlaid.get(clusterRoles, "reader"), { kind: "ClusterRole" });
});

t.test("access is that after the change, for anybody and for the caller", async (t) => {
  const cluster = fakeCluster({ objects: [reader], caller: { name: "jim", groups: [] } });
  const overlaid = withObjects(cluster, [binding("one", "jim", "dev")], known);
  t.match(await cluster.review([question]), [{ answer: "no" }]);
  t.match(await overlaid.review([question]), [{ answer: "yes", reason: /RoleBinding "one\/dev"/ }]);
  t.match(await overlaid.review([question], { name: "ann", groups: [] }), [{ answer: "no" }]);
});

t.test("a role that the change adds to an aggregated one counts", async (t) => {
  const admin = {
    ...reader,
    metadata: { name: "reader" },
    rules: [],
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: "reader" } }] },
  };
  const part = { ...reader, metadata: { name: "part", labels: { to: "reader" } } };
  const cluster = fakeCluster({ objects: [admin, binding("one", "jim")] });
  t.match(await withObjects(cluster, [part], known).review([question], { name: "jim", groups: [] }), [
    { answer: "yes" },
  ]);
});

t.test("where roles may not be read the answer is unknown; another failure is one", async (t) => {
  const refused = withObjects(fakeCluster({ objects: [], forbidden: ["roles"] }), [], known);
  t.match(await refused.review([question], { name: "jim", groups: [] }), [
    { answer: "unknown", reason: /you may not list them/ },
  ]);
  const failing = withObjects(fakeCluster({ objects: [], failing: { roles: 503 } }), [], known);
  await t.rejects(failing.review([question], { name: "jim", groups: [] }));
});
