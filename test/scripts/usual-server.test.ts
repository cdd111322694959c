import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { askOtherYes } from "../../lib/audit/unshown.ts";
import { connectCluster } from "../../lib/kube/live/live-cluster.ts";
import { allObjects } from "../../lib/kubernetes/object-list.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { mirrordResources } from "../../lib/mirrord/resources.ts";
import { root } from "../../scripts/bundle.ts";
import { startUsualServer } from "../../scripts/usual-server.ts";

const server = await startUsualServer(join(root, "examples"));
t.teardown(() => server.close());
const kubeconfig = join(t.testdir(), "config");
writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig));
const { signal } = new AbortController();
const cluster = await connectCluster({ kubeconfig }, { env: {}, signal, warn: t.fail });
t.teardown(() => cluster.close());

t.test("commands that are recorded meet roles and bindings, whose code they are to run", async (t) => {
  const { roleBindings, clusterRoleBindings, clusterRoles } = nativeResources;
  for (const type of [roleBindings, clusterRoleBindings, clusterRoles]) {
    const kinds = (await allObjects(cluster.list(type))).map(({ kind }) => kind);
    t.ok(kinds.length > 0, type.kind);
    t.same(new Set(kinds), new Set([type.kind]));
  }
});

t.test("a preview that is recorded meets its target, and no policies", async (t) => {
  t.match(await cluster.get(nativeResources.deployments, "web", "dev"), {
    kind: "Deployment",
    metadata: { name: "web" },
  });
  t.same(await allObjects(cluster.list(mirrordResources.clusterPolicies)), []);
  t.same(await allObjects(cluster.list(nativeResources.deployments)), []);
});

t.test("everything is allowed, by a role: no command looks for another authorizer", async (t) => {
  const question = { verb: "get", apiGroup: "", resource: "secrets" };
  t.match(await cluster.review([question]), [{ answer: "yes", reason: /^RBAC: allowed by ClusterRoleBinding / }]);
  t.same(await askOtherYes(cluster, [question]), []);
});
