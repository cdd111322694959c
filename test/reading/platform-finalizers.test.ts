import t from "tap";
import type { StoredGrant } from "../../lib/access/stored.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { readPlatformFinalizers } from "../../lib/reading/platform-finalizers.ts";
import { apiFailure, memoryCluster } from "../kube/memory-cluster.ts";

const stock = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const object = (kind: string, name: string, metadata: object = {}): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: { name, ...metadata },
});
const grant = (...objects: KubernetesObject[]): StoredGrant => ({
  id: "x",
  intent: undefined,
  binding: undefined,
  expiresAt: undefined,
  objects: objects.map((each) => ({
    type:
      each.kind === "Job"
        ? nativeResources.jobs
        : each.kind === "RoleBinding"
          ? nativeResources.roleBindings
          : nativeResources.clusterRoleBindings,
    object: each,
  })),
});
const held = { finalizers: ["p/all"] };

t.test("finalizers on everything that the API server made itself are the platform's", async (t) => {
  const cluster = memoryCluster(
    object("RoleBinding", "a", { ...held, namespace: "kube-system", labels: stock }),
    object("RoleBinding", "b", { namespace: "dev", labels: stock }),
    object("ClusterRoleBinding", "c", { labels: stock }),
  );
  const ours = [object("RoleBinding", "r", { ...held, namespace: "dev" }), object("ClusterRoleBinding", "g", held)];
  t.same(
    [...(await readPlatformFinalizers(cluster, [grant(...ours)]))],
    ["RoleBinding p/all"],
    "what somebody labelled in a namespace of their own does not count",
  );
});

t.test("where nothing of a grant is held, nothing is read; nor what may not be", async (t) => {
  const cluster = memoryCluster();
  const refusing = {
    ...cluster,
    async *list(): AsyncGenerator<KubernetesObject> {
      yield await Promise.reject(apiFailure(403, "Forbidden", "you may not"));
    },
  };
  const binding = (metadata: object) => object("RoleBinding", "r", { namespace: "dev", ...metadata });
  t.same([...(await readPlatformFinalizers(refusing, [grant(binding({}), object("Job", "j", held))]))], []);
  t.same([...(await readPlatformFinalizers(refusing, [grant(binding(held))]))], []);
});
