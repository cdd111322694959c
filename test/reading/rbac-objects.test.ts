import t from "tap";
import { readAllRbac, readRbac } from "../../lib/reading/rbac-objects.ts";
import { apiFailure, memoryCluster } from "../kube/memory-cluster.ts";

const spaces = (count: number) => Array.from({ length: count }, (_, index) => `ns-${index}`);

const role = (namespace: string) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "r", namespace },
  rules: [],
});

/** A cluster that notes its lists, as `roles ns-0`. */
function noted() {
  const cluster = memoryCluster(...spaces(12).map(role));
  const lists: string[] = [];
  const { list } = cluster;
  cluster.list = (type, options = {}) => {
    lists.push(`${type.resource} ${options.namespace ?? "*"}`);
    return list(type, options);
  };
  return { cluster, lists };
}

for (const { count, requests, found } of [
  { count: 0, requests: 2, found: 0 },
  { count: 1, requests: 4, found: 1 },
  { count: 10, requests: 22, found: 10 },
  { count: 11, requests: 4, found: 12 },
]) {
  t.test(`the RBAC objects of ${count} namespaces take ${requests} lists`, async (t) => {
    const { cluster, lists } = noted();
    const { objects, unreadable } = await readRbac(cluster, spaces(count));
    t.equal(lists.length, requests, "lists that were asked for");
    t.equal(lists.includes("roles *"), count > 10);
    t.equal(
      objects.filter(({ kind }) => kind === "Role").length,
      found,
      "every Role is there, whichever way it was read",
    );
    t.same(unreadable, []);
  });
}

t.test("what may not be listed is named once, and any other failure is thrown", async (t) => {
  const { cluster } = noted();
  const { list } = cluster;
  let status = 403;
  cluster.list = (type, options) => {
    if (type.resource === "roles") throw apiFailure(status, "Forbidden", "no");
    return list(type, options);
  };
  t.same((await readRbac(cluster, spaces(3))).unreadable, ["roles"]);
  t.same(await readAllRbac(cluster), { objects: [], unreadable: ["roles"] });
  status = 500;
  await t.rejects(readAllRbac(cluster), apiFailure(500, "Forbidden", "no"));
});
