import t from "tap";
import { directory } from "../../lib/access/organizations/directory.ts";
import type { StoredGrant } from "../../lib/access/stored.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { readSyncPlan } from "../../lib/reading/sync-plan.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { exampleMemory, runGrant } from "../commands/grant-world.ts";
import { afterListing, apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";

const local = Date.parse("2026-11-22T12:00:00Z");

async function granted(...grants: string[][]): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const words of grants) t.equal((await runGrant([...words, "--yes"], { cluster })).code, 0, words.join(" "));
  return cluster;
}

async function changes(cluster: MemoryCluster, options: { only?: (grant: StoredGrant) => boolean } = {}) {
  const { plan, ...rest } = await readSyncPlan(cluster, { acceptAnew: false, local, ...options });
  const texts = plan
    .filter(({ action }) => action !== "unchanged")
    .map(({ action, object: { kind, metadata } }) => `${action} ${kind} ${metadata.namespace ?? ""}`.trim());
  return { ...rest, texts };
}

const remove = async (cluster: MemoryCluster, matches: (object: KubernetesObject) => boolean) => {
  const gone = cluster.objects().find(matches);
  if (gone === undefined) throw new Error("nothing of the kind");
  const type = { group: "", version: "", resource: "", kind: gone.kind, namespaced: true };
  await cluster.delete(type, gone.metadata.name ?? "", gone.metadata.namespace);
};

const isReadsOf = (name: string) => (object: KubernetesObject) =>
  object.kind === "RoleBinding" && new RegExp(`^mirrord:grant:${name}.*:reads$`).test(object.metadata.name ?? "");

t.test("nothing was changed: nothing has to", async (t) => {
  const { texts, warnings, nextEnd, skew, grants } = await changes(await granted(["jim", "--ns", "dev"]));
  t.same({ texts, warnings, nextEnd, skew }, { texts: [], warnings: [], nextEnd: undefined, skew: 0 });
  t.equal(grants.length, 1);
});

t.test("what is missing comes back, of the grants that are looked at", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"], ["ann", "--ns", "qa"]);
  await remove(cluster, isReadsOf("jim"));
  await remove(cluster, isReadsOf("ann"));
  t.same((await changes(cluster)).texts.toSorted(), ["create RoleBinding dev", "create RoleBinding qa"]);
  const ofAnn = ({ intent }: StoredGrant) => intent?.subject.name === "ann";
  t.same((await changes(cluster, { only: ofAnn })).texts, ["create RoleBinding qa"]);
});

t.test("labels of collections that are incomplete are completed first, and grants follow them", async (t) => {
  const cluster = await granted(["collection", "create", "prod"], ["collection", "assign", "prod", "--ns", "qa"]);
  t.match(await runGrant(["jim", "--collection", "prod", "--accept-label-risk"], { cluster }), { code: 0 });
  const prod = cluster.objects().find(({ kind, metadata }) => kind === "Namespace" && metadata.name === "prod");
  if (prod === undefined) throw new Error("no prod");
  cluster.put({ ...prod, metadata: { ...prod.metadata, labels: { "kubectl-mirrord.io/collection": "prod" } } });
  const { texts } = await changes(cluster);
  t.equal(texts[0], "update Namespace");
  t.ok(texts.includes("create RoleBinding prod"), texts.join());
});

t.test("when the next grant ends, by this machine's clock", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--for", "2h"]);
  cluster.serverTime = () => local + 5_000_000;
  const { nextEnd, skew } = await changes(cluster);
  t.equal(skew, 5_000_000);
  t.equal(nextEnd, local + 7_200_000 - skew);
});

t.test("who may not list namespaces cannot say where a selector matches", async (t) => {
  const cluster = await granted(["jim", "-l", "env=test", "--accept-label-risk"]);
  const { list } = cluster;
  cluster.list = (type, options) => {
    if (type.resource === "namespaces") throw apiFailure(403, "Forbidden", "no");
    return list(type, options);
  };
  await t.rejects(changes(cluster), { kind: "undetermined", message: /you may not list namespaces/ });
});

t.test("an intent that grant would refuse widens nothing, and it is said why", async (t) => {
  const cluster = await granted(["jim", "--ns", "mirrord", "--allow-system"]);
  await remove(cluster, isReadsOf("jim"));
  const { texts, skipped, warnings } = await changes(cluster);
  t.same(texts, []);
  t.match(skipped, [{ why: /namespace mirrord is the operator's own/ }]);
  t.match(warnings, [/^grant \S+ is left alone: /]);
});

t.test("a grant to a team that does not exist is taken back", async (t) => {
  const cluster = await granted();
  cluster.put({
    apiVersion: "access.kubectl-mirrord.io/v1alpha1",
    kind: "Organization",
    metadata: { name: "acme" },
    spec: { teams: [{ name: "web", members: ["ann"] }] },
  });
  t.equal((await runGrant(["team:acme/web", "--ns", "dev"], { cluster })).code, 0);
  t.same((await changes(cluster)).texts, []);
  await remove(cluster, ({ kind }) => kind === "Organization");
  const { texts, warnings } = await changes(cluster);
  t.match(texts, /^delete /);
  t.match(warnings, [/is taken back: team:acme\/web does not exist/]);
});

t.test(
  "a team that was made between two of the lists, with what it was granted, is not one that does not exist",
  async (t) => {
    const teams = [{ name: "web", members: ["ann"] }];
    const cluster = exampleMemory(organizationObject("acme", { teams }));
    t.equal((await runGrant(["team:acme/web", "--ns", "dev"], { cluster })).code, 0);
    cluster.put(organizationObject("acme", { teams: [] }));
    afterListing(cluster, "Organization", () => cluster.put(organizationObject("acme", { teams })));
    const { texts, warnings } = await changes(cluster);
    t.same([...texts, ...warnings], []);
  },
);

t.test("what was read already is not read again: grants without their Jobs, and who belongs where", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--for", "1h"]);
  const stored = (await changes(cluster)).grants.map((grant) => ({
    ...grant,
    objects: grant.objects.filter(({ type }) => type.resource !== "jobs"),
  }));
  const planned = await readSyncPlan(cluster, {
    acceptAnew: false,
    local,
    stored: { grants: stored, anchorsRead: false },
    directory: directory([]),
  });
  t.same(
    planned.plan.filter(({ action }) => action === "create" || action === "delete"),
    [],
    "without the Jobs none is made, and owners are not compared",
  );
  t.same(planned.unread, []);
});
