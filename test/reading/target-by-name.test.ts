import t from "tap";
import { knownTarget, targetByName } from "../../lib/reading/target-by-name.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";

const object = (kind: string, apiVersion: string, name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "dev", ...more },
  spec: kind === "Job" ? { completions: 0, parallelism: 0 } : {},
});
const cluster = memoryCluster(
  object("Deployment", "apps/v1", "web"),
  object("Service", "v1", "web"),
  object("StatefulSet", "apps/v1", "db"),
  object("Job", "batch/v1", "mirrord-expiry-jim", { labels: { "kubectl-mirrord.io/grant": "abc" } }),
);

t.test("a name alone is the one workload that is called so", async (t) => {
  t.same(await targetByName(cluster, "db", "dev"), { kind: "statefulset", name: "db" });
  t.same(await knownTarget(cluster, { kind: "bare", name: "db" }, "dev"), { kind: "statefulset", name: "db" });
  t.same(await knownTarget(cluster, { kind: "pod", name: "x" }, "dev"), { kind: "pod", name: "x" });
});

t.test("a name that two have, or nobody, is refused with the ways to write it", async (t) => {
  await t.rejects(targetByName(cluster, "web", "dev"), {
    kind: "usage",
    message: /"web" is/,
    hint: /deployment\/web or service\/web/,
  });
  await t.rejects(targetByName(cluster, "nope", "dev"), { kind: "usage", message: /nothing in namespace "dev"/ });
});

t.test("a Job that ends a grant is no target", async (t) => {
  await t.rejects(targetByName(cluster, "mirrord-expiry-jim", "dev"), {
    kind: "usage",
    message: /nothing in namespace/,
  });
  await t.rejects(knownTarget(cluster, { kind: "job", name: "mirrord-expiry-jim" }, "dev"), {
    kind: "usage",
    message: 'job "mirrord-expiry-jim" ends a grant: it runs no pod, and is no target',
    hint: "See the grants: kubectl mirrord grant list",
  });
  t.same(await knownTarget(cluster, { kind: "job", name: "other" }, "dev"), { kind: "job", name: "other" });
});
