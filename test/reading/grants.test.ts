import t from "tap";
import { GRANT_LABEL } from "../../lib/access/names.ts";
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";
import { readGrants, readIntents, readShownGrants } from "../../lib/reading/grants.ts";
import { exampleMemory, runGrant } from "../commands/grant-world.ts";
import { afterListing, apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";

async function granted(): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const words of [
    ["jim", "--ns", "dev"],
    ["ann", "--ns", "dev", "--for", "1h"],
  ])
    await runGrant(words, { cluster });
  return cluster;
}

const sizes = async (cluster: MemoryCluster, options = {}) =>
  (await readGrants(cluster, options))
    .map(({ intent, objects }) => `${intent?.subject.name ?? "?"} ${objects.length}`)
    .toSorted();

function relabel(cluster: MemoryCluster, matches: RegExp, labels: Record<string, string>): void {
  for (const object of cluster.objects()) {
    if (matches.test(`${object.kind} ${object.metadata.name ?? ""}`))
      cluster.put({ ...object, metadata: { ...object.metadata, labels } });
  }
}

t.test("what lost its label is found by its name", async (t) => {
  const cluster = await granted();
  const before = await sizes(cluster);
  relabel(cluster, /RoleBinding mirrord:grant:(jim|ann)/, {});
  t.same(await sizes(cluster), before, "also the binding that carries the intent");
});

t.test("what has another grant's label belongs to both", async (t) => {
  const cluster = await granted();
  const ann = (await readGrants(cluster)).find(({ intent }) => intent?.subject.name === "ann")?.id ?? "";
  t.same(await sizes(cluster), ["ann 4", "jim 3"]);
  relabel(cluster, /^RoleBinding mirrord:grant:jim-\S+:reads$/, {
    [GRANT_LABEL]: ann,
    "app.kubernetes.io/managed-by": "kubectl-mirrord",
  });
  t.same(await sizes(cluster), ["ann 5", "jim 3"]);
  t.same(await sizes(cluster, { id: ann }), ["ann 5"], "one grant is read by its label");
});

t.test("what is left of a grant without any label is a grant that cannot be read", async (t) => {
  const cluster = await granted();
  const isChild = ({ kind, metadata }: KubernetesObject) => kind === "RoleBinding" && /jim/.test(metadata.name ?? "");
  const child = cluster.objects().find(isChild);
  const alone = exampleMemory();
  alone.put({ ...child, metadata: { ...child?.metadata, labels: {} } } as KubernetesObject);
  t.same(await sizes(alone), ["? 1"]);
});

t.test("a grant that is made between two of the lists is no leftover", async (t) => {
  for (const options of [{}, { id: (await readGrants(await granted()))[0]?.id ?? "" }]) {
    const before = await granted();
    const expected = await sizes(before, options);
    const later = before.objects().filter(({ kind }) => kind === "ClusterRoleBinding");
    const cluster = exampleMemory(...before.objects().filter(({ kind }) => kind !== "ClusterRoleBinding"));
    afterListing(cluster, "ClusterRoleBinding", () => cluster.put(...later));
    t.same(await sizes(cluster, options), expected);
  }
});

t.test("a list that is refused is no half of the grants, and is told where it may be missing", async (t) => {
  const refusing = (resource: string, cluster: MemoryCluster): MemoryCluster => {
    const { list } = cluster;
    return {
      ...cluster,
      async *list(type, options) {
        if (type.resource === resource) throw apiFailure(403, "Forbidden", `${resource} is forbidden`);
        yield* list(type, options);
      },
    };
  };
  const cluster = refusing("roles", await granted());
  await t.rejects(readGrants(cluster), { name: "ApiError" });
  const refused: ResourceType[] = [];
  t.equal((await readGrants(cluster, { unreadable: (type) => void refused.push(type) })).length, 2);
  t.match(refused, [{ resource: "roles" }]);
  await t.rejects(readShownGrants(cluster), { name: "ApiError" });
  const jobless = await readShownGrants(refusing("jobs", await granted()));
  t.match(jobless, { anchorsRead: false, warnings: [/may not list jobs/] });
  t.match(await readShownGrants(await granted()), { anchorsRead: true, warnings: { length: 0 } });
});

t.test("what grants say is read from their bindings alone", async (t) => {
  const grants = await readIntents(await granted());
  t.same(grants.map(({ intent, objects }) => `${intent?.subject.name ?? "?"} ${objects.length}`).toSorted(), [
    "ann 1",
    "jim 1",
  ]);
});
