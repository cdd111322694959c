import t from "tap";
import { refuseOutOfReach } from "../../lib/reading/role-scope.ts";
import { servedTypes } from "../../lib/reading/served-types.ts";
import { clusterRole } from "../access/rbac-objects.ts";
import { apiFailure, memoryCluster } from "../kube/memory-cluster.ts";

const dev = { kind: "namespaces", namespaces: ["dev"] } as const;
const cluster = memoryCluster(
  clusterRole("mirrord:role:nodes", { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get"] }),
  clusterRole("mirrord:role:health", { nonResourceURLs: ["/healthz"], verbs: ["get"] }),
  clusterRole("mirrord:role:pods", { apiGroups: [""], resources: ["pods"], verbs: ["get"] }),
);
const refuse = (role: string) =>
  refuseOutOfReach(cluster, { role: `clusterrole/${role}`, set: { ...dev, namespaces: ["dev"] } });

t.test("what has no namespace is refused in one", async (t) => {
  await t.rejects(refuse("mirrord:role:nodes"), { message: /^nodes is cluster-scoped: / });
  await t.rejects(refuse("mirrord:role:health"), { message: /^\/healthz is in no namespace: / });
  await t.resolves(refuse("mirrord:role:pods"));
});

t.test("everywhere it is not, nor is a role that is no custom one, or not there", async (t) => {
  await t.resolves(refuseOutOfReach(cluster, { role: "clusterrole/mirrord:role:nodes", set: { kind: "all" } }));
  for (const role of ["cluster-admin", "mirrord:role:gone"]) await t.resolves(refuse(role));
});

t.test("groups that do not answer are named, and the others count", async (t) => {
  const { discover } = cluster;
  const half = {
    ...cluster,
    discover: async (group: string, version?: string) => {
      if (group === "apps") throw apiFailure(503, "ServiceUnavailable", "down");
      return await discover(group, version);
    },
  };
  const { types, silent } = await servedTypes(half);
  t.ok(types.some(({ resource }) => resource === "pods"));
  t.notOk(types.some(({ resource }) => resource === "deployments"));
  t.same(silent, ["apps"]);
});
