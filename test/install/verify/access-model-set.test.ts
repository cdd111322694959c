import t from "tap";
import { guardObjects } from "../../../lib/install/access-model/policies.ts";
import { readModelSet } from "../../../lib/install/verify/access-model-set.ts";
import { memoryCluster } from "../../kube/memory-cluster.ts";

const { policies, bindings } = guardObjects();

t.test("what is not installed is not verified", async (t) => {
  t.equal(await readModelSet(memoryCluster()), undefined);
});

t.test("each policy that users could meet has something that they may not make", async (t) => {
  const cluster = memoryCluster(...policies, ...bindings);
  const set = await readModelSet(cluster);
  if (set === undefined || "failed" in set) throw new Error("it is installed and may be read");
  t.equal(set.policies.length, 7);
  const probed = new Set(set.probes.map(({ policy }) => policy));
  const left = policies.map(({ metadata }) => metadata.name ?? "").filter((name) => !probed.has(name));
  t.same(left, ["kubectl-mirrord-collection-labels"], "only administrators get so far");
  for (const { attempt, exempting, only, right } of set.probes) {
    await attempt(cluster, only ?? "dev");
    t.equal(right.verb, "create");
    t.ok(exempting("dev").length > 0);
  }
  t.same(cluster.writes, [], "in dry runs");
});
