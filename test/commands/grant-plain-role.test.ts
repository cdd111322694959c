import t from "tap";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { exampleMemory, grantObjectsIn, runGrant } from "./grant-world.ts";

const role = (name: string, rules: object[]): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name },
  rules,
});
const dba = role("dba", [{ apiGroups: [""], resources: ["secrets", "pods/exec"], verbs: ["get", "create"] }]);
const viewer = role("sessions", [{ apiGroups: ["operator.metalbear.co"], resources: ["sessions"], verbs: ["list"] }]);
const bob = { name: "bob", groups: ["system:authenticated"] };
const credentials = {
  verb: "create",
  apiGroup: "operator.metalbear.co",
  resource: "mirrordclusteroperatorusercredentials",
};

t.test("a role without a rule of mirrord's brings nothing of mirrord: no credentials, no reads", async (t) => {
  const cluster = exampleMemory(dba);
  const granted = await runGrant(["bob", "--ns", "dev", "--role", "clusterrole/dba"], { cluster });
  t.match(granted, {
    code: 0,
    stdout: /^bob now has ClusterRole dba in dev; the role has no rule of mirrord's, so no session comes with it\.\n/,
  });
  t.same(grantObjectsIn(cluster), [
    "ClusterRoleBinding mirrord:grant:bob-dev",
    "RoleBinding dev/mirrord:grant:bob-dev",
  ]);
  const { authorize } = authorizer(cluster.objects());
  const may = (request: Parameters<typeof authorize>[0]) => authorize(request).allowed;
  t.ok(may({ user: bob, verb: "get", apiGroup: "", resource: "secrets", namespace: "dev" }));
  t.notOk(may({ user: bob, ...credentials }), "what connects is not handed over");
  t.notOk(may({ user: bob, verb: "get", apiGroup: "apps", resource: "deployments", namespace: "dev" }));
  t.notOk(may({ user: bob, verb: "get", apiGroup: "", resource: "secrets", namespace: "qa" }));
  const writes = cluster.writes.length;
  const again = await runGrant(["bob", "--ns", "dev", "--role", "clusterrole/dba"], { cluster });
  t.match(again, { code: 0, stdout: /^bob has ClusterRole dba in dev; .*\n\n?Nothing was changed\./ });
  t.match(await runGrant(["sync", "--check"], { cluster }), { code: 0 });
  t.equal(cluster.writes.length, writes);
  t.match((await runGrant(["list"], { cluster })).stdout, / ok /);
  t.match(await runGrant(["revoke", "bob"], { cluster }), { code: 0 });
  t.same(grantObjectsIn(cluster), []);
});

t.test("everywhere it is bound once", async (t) => {
  const cluster = exampleMemory(dba);
  const granted = await runGrant(["bob", "-A", "--role", "clusterrole/dba", "-y"], { cluster });
  t.match(granted, { code: 0, stdout: /^bob now has ClusterRole dba in all namespaces;/ });
  t.same(grantObjectsIn(cluster), ["ClusterRoleBinding mirrord:grant:bob-all"]);
});

t.test("a role with a rule of mirrord's brings what a session needs, as before", async (t) => {
  const cluster = exampleMemory(viewer);
  t.match(await runGrant(["bob", "--ns", "dev", "--role", "clusterrole/sessions"], { cluster }), { code: 0 });
  t.same(grantObjectsIn(cluster), [
    "ClusterRoleBinding mirrord:grant:bob-dev",
    "RoleBinding dev/mirrord:grant:bob-dev",
    "RoleBinding dev/mirrord:grant:bob-dev:reads",
  ]);
  t.ok(authorizer(cluster.objects()).authorize({ user: bob, ...credentials }).allowed);
});
