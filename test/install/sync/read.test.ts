import t from "tap";
import { bindRule } from "../../../lib/access/sync-role.ts";
import { syncObjects } from "../../../lib/install/sync/objects.ts";
import { cronJobImage, readHome, readSyncFacts, readSyncObjects } from "../../../lib/install/sync/read.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { apiFailure, memoryCluster } from "../../kube/memory-cluster.ts";

const objects = syncObjects({ image: "registry/sync:1", bindable: [] });
const installed = () => memoryCluster(...objects);
const managed = { "app.kubernetes.io/managed-by": "kubectl-mirrord" };
const role = (name: string, rules: object[], labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name, labels },
  rules,
});
const reads = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];

t.test("what is installed is found by its names, and only what is ours", async (t) => {
  const cluster = installed();
  t.equal((await readSyncObjects(cluster)).objects.length, 5);
  for (const object of objects) cluster.put({ ...object, metadata: { ...object.metadata, labels: {} } });
  t.same(await readSyncObjects(cluster), { objects: [], unreadable: [] });
  t.same(await readSyncObjects(memoryCluster()), { objects: [], unreadable: [] });
});

t.test("what may not be read is named", async (t) => {
  const cluster = installed();
  const { get } = cluster;
  cluster.get = async (type, ...place) => {
    if (type.kind === "CronJob") throw apiFailure(403, "Forbidden", "no");
    return await get(type, ...place);
  };
  t.same((await readSyncObjects(cluster)).unreadable, ["cronjobs"]);
});

t.test("its namespace is read with what somebody else has in it, or why nobody can say", async (t) => {
  const cluster = installed();
  cluster.discover = async (group) => (group === "" ? [nativeResources.configMaps] : []);
  const service = { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1." } };
  cluster.put({ ...service, spec: { group: "", version: "v1" } });
  const found = (await readSyncObjects(cluster)).objects;
  t.match(await readHome(cluster, found), {
    value: {
      namespace: { object: { metadata: { name: "mirrord-access" } } },
      contents: { foreign: { length: 0 }, unknown: { length: 0 } },
    },
  });
  const collections = { name: "mirrord-collections", namespace: "mirrord-access" };
  cluster.put({ apiVersion: "v1", kind: "ConfigMap", metadata: collections });
  t.match(await readHome(cluster, found), {
    value: { contents: { foreign: [{ object: { metadata: collections } }], unknown: { length: 0 } } },
  });
  const { list, get } = cluster;
  cluster.list = (type, options) => {
    if (type.kind === "ConfigMap") throw apiFailure(403, "Forbidden", "no");
    return list(type, options);
  };
  t.match(await readHome(cluster, found), {
    value: { contents: { foreign: { length: 0 }, unknown: [/^configmaps: .*no/] } },
  });
  cluster.get = async (type, ...place) => {
    if (type.kind === "Namespace") throw apiFailure(403, "Forbidden", "no");
    return await get(type, ...place);
  };
  t.match(await readHome(cluster, found), { failed: true });
  t.same(await readHome(memoryCluster(), []), { failed: false, value: undefined });
});

t.test("without anything there is no image, and nothing is guarded", async (t) => {
  const facts = await readSyncFacts(memoryCluster());
  t.same(facts, { image: undefined, bindable: [], dangerous: [], guard: { guards: false, unreadable: [] } });
});

t.test("custom roles are bound, those that were added stay, and those that are gone or dangerous do not", async (t) => {
  const cluster = installed();
  cluster.put(
    role("mirrord-access-sync", bindRule(["added", "gone", "mirrord:role:reads"])),
    role("added", reads),
    role("mirrord:role:dba", reads, managed),
    role("mirrord:role:king", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }], managed),
  );
  t.match(await readSyncFacts(cluster), {
    image: "registry/sync:1",
    bindable: ["added", "mirrord:role:dba"],
    dangerous: ["mirrord:role:king"],
  });
});

t.test("a CronJob of any shape has an image or none", async (t) => {
  t.equal(cronJobImage({ apiVersion: "batch/v1", kind: "CronJob", metadata: {}, spec: { jobTemplate: 1 } }), undefined);
});
