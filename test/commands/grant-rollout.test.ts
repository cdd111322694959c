import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { deployment, exampleMemory, runGrant } from "./grant-world.ts";

const rollout = (workload: string): KubernetesObject => ({
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Rollout",
  metadata: { name: "shop", namespace: "dev" },
  spec: { replicas: 1, workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: workload } },
});

const findLimit = (objects: readonly KubernetesObject[]) =>
  objects.find(({ kind, metadata }) => kind === "Role" && metadata.namespace === "dev")?.["rules"];

t.test("a limit to a rollout covers the containers of the workload that it refers to, and reading that", async (t) => {
  const cluster = exampleMemory(rollout("web"));
  const run = await runGrant(["jim", "--ns", "dev", "--target", "rollout/shop"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(findLimit(cluster.objects()), [
    {
      resources: ["targets"],
      resourceNames: ["rollout.shop", "rollout.shop.container.metrics", "rollout.shop.container.nginx"],
    },
    {},
    { resources: ["rollouts"], resourceNames: ["shop"], verbs: ["get"] },
    { resources: ["deployments"], resourceNames: ["web"], verbs: ["get"] },
  ]);

  cluster.put(deployment("dev", "web", "nginx", "late"));
  const list = await runGrant(["list", "-o", "json"], { cluster });
  t.match(JSON.parse(list.stdout), { items: [{ status: "outdated" }] });
  t.equal((await runGrant(["sync", "-y"], { cluster })).code, 0);
  t.match(findLimit(cluster.objects()), [{ resourceNames: ["rollout.shop", "rollout.shop.container.late"] }]);
});

t.test(
  "a rollout whose workload is not there has containers that nobody knows: refused, and later left alone",
  async (t) => {
    const cluster = exampleMemory(rollout("gone"));
    const run = await runGrant(["jim", "--ns", "dev", "--target", "rollout/shop"], { cluster });
    t.equal(run.code, 3, run.stdout);
    t.match(run.stderr, /refers to deployments "gone", which could not be read/);
    t.equal(findLimit(cluster.objects()), undefined);

    cluster.put(rollout("web"));
    t.equal((await runGrant(["jim", "--ns", "dev", "--target", "rollout/shop"], { cluster })).code, 0);
    const before = findLimit(cluster.objects());
    cluster.put(rollout("gone"));
    t.equal((await runGrant(["sync", "-y"], { cluster })).code, 0);
    t.same(findLimit(cluster.objects()), before);
  },
);

t.test("who may not read the targets takes nothing away by a sync", async (t) => {
  const cluster = exampleMemory();
  t.equal((await runGrant(["jim", "--ns", "dev", "--target", "deploy/web"], { cluster })).code, 0);
  const before = cluster.objects().length;
  const { get } = cluster;
  cluster.get = async (type, name, namespace) => {
    if (type.resource === "deployments") throw apiFailure(403, "Forbidden", "no");
    return await get(type, name, namespace);
  };
  const run = await runGrant(["sync", "-y"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /left alone: the containers of its targets are not known/);
  t.equal(cluster.objects().length, before, "no object came or went");
});
