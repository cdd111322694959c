import t from "tap";
import { bound, clusterRole } from "../../access/rbac-objects.ts";
import type { MemoryCluster } from "../../kube/memory-cluster.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";
import { runAuditOn } from "./run.ts";

interface Listed {
  items: { subject: string; status: string; namespaces: string[] }[];
}
interface Matrix {
  items: { subject: string; actions: { mirror?: string[] } }[];
}
interface Found {
  items: { rule: string; object: { kind: string; name: string; namespace?: string }; who: string[] }[];
}

/** What is declared: `jim dev ok`. */
async function declared(cluster: MemoryCluster): Promise<string[]> {
  const { stdout } = await runGrant(["list", "-o", "json"], { cluster });
  const { items }: Listed = JSON.parse(stdout);
  return items.map(({ subject, namespaces, status }) => `${subject} ${namespaces.join(",")} ${status}`).toSorted();
}

/** Who may start sessions where by what roles and bindings say, whoever wrote them: `jim dev`. */
async function effective(cluster: MemoryCluster): Promise<string[]> {
  const { stdout } = await runAuditOn(cluster, "matrix", "-o", "json");
  const { items }: Matrix = JSON.parse(stdout);
  return items
    .flatMap(({ subject, actions: { mirror = [] } }) => mirror.map((place) => `${subject} ${place}`))
    .toSorted();
}

/** How effective and declared access differ, and the exit code. */
async function differences(cluster: MemoryCluster): Promise<{ code: number; found: string[] }> {
  const { code, stdout } = await runAuditOn(cluster, "findings", "--fail-on", "medium", "-o", "json");
  const { items }: Found = JSON.parse(stdout);
  const found = items
    .filter(({ rule }) => rule === "unmanaged" || rule.startsWith("grant-"))
    .map(
      ({ rule, object: { kind, namespace = "", name }, who }) => `${rule} ${kind} ${namespace}/${name}: ${who.join()}`,
    );
  return { code, found };
}

async function granted(): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const words of [
    ["jim", "--ns", "dev"],
    ["group:oidc:web", "--ns", "qa"],
  ])
    t.equal((await runGrant(words, { cluster })).code, 0);
  return cluster;
}

t.test("MKE-25: all grants together are who can access what, as long as nothing was bound by hand", async (t) => {
  const cluster = await granted();
  t.same(await declared(cluster), ["group:oidc:web qa ok", "jim dev ok"]);
  t.same(await effective(cluster), ["group:oidc:web qa", "jim dev"]);
  t.same(await differences(cluster), { code: 0, found: [] });
});

t.test("MKE-25: a binding by hand is unmanaged in the list, and a finding that fails the audit", async (t) => {
  const cluster = await granted();
  cluster.put(bound("hand-everywhere", "mirrord-operator-user", "eve"));
  const reads = clusterRole(
    "reads",
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
    { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] },
  );
  cluster.put(reads, bound("reads", "reads", "eve", "dev"));
  t.same(await declared(cluster), ["eve * unmanaged", "group:oidc:web qa ok", "jim dev ok"]);
  t.same(await effective(cluster), ["eve dev", "group:oidc:web qa", "jim dev"]);
  t.same(await differences(cluster), {
    code: 1,
    found: ["unmanaged ClusterRoleBinding /hand-everywhere: eve"],
  });
  t.match(await runAuditOn(cluster), { stdout: /^medium +unmanaged +ClusterRoleBinding hand-everywhere +eve has /m });
});

t.test("MKE-25: nor is somebody hidden whom the binding of a grant names beside its subject", async (t) => {
  const cluster = await granted();
  const binding = cluster
    .objects()
    .find(
      ({ kind, metadata: { namespace, name = "" } }) =>
        kind === "RoleBinding" && namespace === "dev" && !name.endsWith(":reads"),
    );
  if (binding === undefined) throw new Error("no binding");
  const { subjects } = bound("x", "x", "eve");
  cluster.put({ ...binding, subjects: [...(binding["subjects"] as object[]), ...(subjects as object[])] });
  const { metadata } = binding;
  t.same(await differences(cluster), { code: 1, found: [`grant-detached RoleBinding dev/${metadata.name}: jim`] });
  t.match(await runAuditOn(cluster, "findings"), { stdout: /^high +grant-detached .* names other subjects /m });
});
