import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, grantObjectsIn, runGrant } from "./grant-world.ts";

const policy: KubernetesObject = {
  apiVersion: "policies.mirrord.metalbear.co/v1alpha",
  kind: "MirrordClusterPolicy",
  metadata: { name: "no-steal" },
  spec: { block: ["steal"] },
};
const policyType = {
  group: "policies.mirrord.metalbear.co",
  version: "v1alpha",
  resource: "mirrordclusterpolicies",
  kind: "MirrordClusterPolicy",
  namespaced: false,
};

const bindsReads = (cluster: MemoryCluster) =>
  cluster
    .objects()
    .filter(({ kind, metadata }) => kind === "ClusterRoleBinding" && (metadata.name ?? "").endsWith(":reads")).length;

async function listStatus(cluster: MemoryCluster): Promise<unknown> {
  const run = await runGrant(["list", "-o", "json"], { cluster });
  return (JSON.parse(run.stdout) as { items: { status: string }[] }).items.map(({ status }) => status);
}

t.test(
  "without policies a grant gives no right to read them; when they come, list says so and sync adds it",
  async (t) => {
    const cluster = exampleMemory();
    t.equal((await runGrant(["jim", "--ns", "dev"], { cluster })).code, 0);
    t.equal(bindsReads(cluster), 0);
    cluster.put(policy);
    t.same(await listStatus(cluster), ["incomplete"]);
    t.equal((await runGrant(["sync", "--check"], { cluster })).code, 1);
    t.equal((await runGrant(["sync", "-y"], { cluster })).code, 0);
    t.equal(bindsReads(cluster), 1);
    t.same(await listStatus(cluster), ["ok"]);
  },
);

t.test(
  "with policies a repeat writes nothing, their going away changes nothing, and revoke takes it back",
  async (t) => {
    const cluster = exampleMemory(policy);
    t.equal((await runGrant(["jim", "--ns", "dev"], { cluster })).code, 0);
    t.equal(bindsReads(cluster), 1);
    t.same(await listStatus(cluster), ["ok"]);
    const before = cluster.writes.length;
    t.equal((await runGrant(["jim", "--ns", "dev"], { cluster })).code, 0);
    await cluster.delete(policyType, "no-steal", undefined);
    const writes = cluster.writes.length;
    t.equal(writes, before + 1, "only the deletion of the policy");
    t.equal((await runGrant(["jim", "--ns", "dev"], { cluster })).code, 0);
    t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0);
    t.equal(cluster.writes.length, writes, "nothing more was written");
    t.equal((await runGrant(["revoke", "jim"], { cluster })).code, 0);
    t.same(grantObjectsIn(cluster), []);
  },
);

t.test("a grant that is narrowed to one namespace still sees policies", async (t) => {
  const cluster = exampleMemory(policy);
  t.equal((await runGrant(["jim", "--ns", "dev", "--ns", "qa"], { cluster })).code, 0);
  t.equal((await runGrant(["revoke", "jim", "--ns", "qa"], { cluster })).code, 0);
  t.equal(bindsReads(cluster), 1);
  t.same(await listStatus(cluster), ["ok"]);
});

t.test("a folder needs no such right: its policies are read by whoever has it", async (t) => {
  const folder = exampleFolder(t);
  const run = await runGrant(["jim", "--ns", "dev", "--manifests", folder, "-o", "name"]);
  t.equal(run.code, 0, run.stderr);
  t.notMatch(run.stdout, /reads-basic/);
});
