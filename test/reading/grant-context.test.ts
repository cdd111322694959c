import t from "tap";
import { organizationType } from "../../lib/access/organizations/definition.ts";
import type { StoredGrant } from "../../lib/access/stored.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { readGrantContexts } from "../../lib/reading/grant-context.ts";
import { readGrants } from "../../lib/reading/grants.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { deployment, exampleMemory, namespace, runGrant } from "../commands/grant-world.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const plainly = { now, weakness: false };

async function granted(words: readonly string[][], ...more: KubernetesObject[]): Promise<MemoryCluster> {
  const cluster = exampleMemory(...more);
  for (const each of words) {
    const { code, stderr } = await runGrant(each, { cluster });
    if (code !== 0) throw new Error(stderr);
  }
  return cluster;
}

/** Refuses lists and reads of these resources, and counts what is read of each. */
function watched(cluster: MemoryCluster, refused: readonly string[] = []): Cluster & { reads: string[] } {
  const reads: string[] = [];
  const note = (verb: string, resource: string) => {
    reads.push(`${verb} ${resource}`);
    if (refused.includes(resource)) throw apiFailure(403, "Forbidden", `${resource} is forbidden`);
  };
  return {
    ...cluster,
    reads,
    async get(type, name, space) {
      note("get", type.resource);
      return cluster.get(type, name, space);
    },
    async *list(type, options) {
      note("list", type.resource);
      yield* cluster.list(type, options);
    },
  };
}

async function only(cluster: Cluster): Promise<StoredGrant> {
  const [grant] = await readGrants(cluster);
  if (grant === undefined) throw new Error("no grant");
  return grant;
}

t.test("a grant for namespaces holds where they are, as they are now", async (t) => {
  const cluster = await granted([["jim", "--ns", "dev", "--ns", "qa"]]);
  const grant = await only(cluster);
  const contexts = await readGrantContexts(cluster, [grant], plainly);
  const context = contexts.of(grant);
  const uid = (await cluster.get(nativeResources.namespaces, "dev"))?.metadata.uid;
  t.match(context, {
    now,
    live: true,
    namespaces: ["dev", "qa"],
    weak: { length: 0 },
    weakGroups: { length: 0 },
    anchorsRead: true,
  });
  t.equal(context.uids?.["dev"], uid);
  t.equal(context.limits?.size ?? 0, 0, "it is limited to nothing");
  t.match(context.membership, { state: "known", subjects: [{ kind: "User", name: "jim" }] });
  t.equal(contexts.of(grant), context, "made once");
  t.same(contexts.warnings, []);
  t.same(contexts.unread, []);
});

t.test("a selector matches what has its labels today, but never what is the system's", async (t) => {
  const cluster = await granted([["jim", "-l", "env=test", "--accept-label-risk"]]);
  const grant = await only(cluster);
  cluster.put(namespace("new", { env: "test" }));
  t.same((await readGrantContexts(cluster, [grant], plainly)).of(grant).namespaces, ["dev", "new", "qa"]);
});

t.test("where namespaces may not be listed, a selector is not compared, and this is said", async (t) => {
  const cluster = await granted([["jim", "-l", "env=test", "--accept-label-risk"]]);
  const grant = await only(cluster);
  const contexts = await readGrantContexts(watched(cluster, ["namespaces"]), [grant], plainly);
  t.equal(contexts.of(grant).namespaces, undefined);
  t.equal(contexts.of(grant).uids, undefined);
  const said = "you may not list namespaces: where selectors match today is not compared";
  t.same(contexts.warnings, [said]);
  t.same(contexts.unread, [said]);
});

t.test("what is known already is not read again", async (t) => {
  const cluster = await granted([["jim", "--ns", "dev"]]);
  const grant = await only(cluster);
  const seen = watched(cluster);
  const known = { namespaces: [namespace("dev")], operator: "mirrord" };
  const contexts = await readGrantContexts(seen, [grant], { ...plainly, ...known, anchorsRead: false });
  t.match(contexts.of(grant), { namespaces: ["dev"], anchorsRead: false });
  t.notOk(seen.reads.some((read) => read.includes("namespaces")));
});

t.test("a limit is compared with the containers of today", async (t) => {
  const cluster = await granted([["jim", "--ns", "dev", "--target", "deploy/web"]]);
  const grant = await only(cluster);
  cluster.put(deployment("dev", "web", "nginx", "added"));
  const limits = (await readGrantContexts(cluster, [grant], plainly)).of(grant).limits;
  t.match(limits?.get("dev"), [{ target: { kind: "deployment", name: "web" }, containers: ["nginx", "added"] }]);
});

t.test(
  "a workload that is gone limits the grant to its name, and one that may not be read is not compared",
  async (t) => {
    const cluster = await granted([["jim", "--ns", "dev", "--target", "deploy/web"]]);
    const grant = await only(cluster);
    const refused = await readGrantContexts(watched(cluster, ["deployments"]), [grant], plainly);
    const said = "you may not read deployments: whether limits fit their containers is not compared";
    t.same(refused.warnings, [said]);
    t.same(refused.unread, [said]);
    t.equal(refused.of(grant).limits?.get("dev"), undefined);
  },
);

for (const [count, verb] of [
  [50, "get"],
  [51, "list"],
] as const) {
  t.test(`${count} workloads of a kind are read by ${verb}`, async (t) => {
    const names = Array.from({ length: count }, (_, index) => `app-${index}`);
    const cluster = await granted(
      [["jim", "--ns", "dev", ...names.flatMap((name) => ["--target", `deploy/${name}`])]],
      ...names.map((name) => deployment("dev", name, "main")),
    );
    const grant = await only(cluster);
    const seen = watched(cluster);
    const { of } = await readGrantContexts(seen, [grant], plainly);
    const reads = seen.reads.filter((read) => read.endsWith(" deployments"));
    t.same(new Set(reads), new Set([`${verb} deployments`]));
    t.equal(reads.length, verb === "get" ? count : 1);
    t.equal(of(grant).limits?.get("dev")?.length, count);
  });
}

t.test("a team is whom its organization names today; a fault of organizations is a warning", async (t) => {
  const acme = (members: string[]) => organizationObject("acme", { teams: [{ name: "web", members }] });
  const cluster = await granted([["team:acme/web", "--ns", "dev"]], acme(["jim"]));
  const grant = await only(cluster);
  cluster.put(acme(["ann"]));
  t.match((await readGrantContexts(cluster, [grant], plainly)).of(grant).membership, {
    subjects: [{ kind: "User", name: "ann" }],
  });
  const refused = await readGrantContexts(watched(cluster, [organizationType.resource]), [grant], plainly);
  t.match(refused.warnings, [/organizations/]);
  t.same(refused.unread, refused.warnings);
  t.equal(refused.of(grant).membership?.state === "known", false);
});

const holds = (name: string, rule: object, subject: object): KubernetesObject[] => [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    rules: [rule],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", ...subject }],
  },
];
const deletesJobs = { apiGroups: ["batch"], resources: ["jobs"], verbs: ["delete"] };
const forAnHour = ["jim", "--ns", "dev", "--for", "1h", "--accept-weak-expiry"];

const weaknesses: {
  name: string;
  words?: string[];
  objects?: KubernetesObject[];
  at?: number;
  weakness?: boolean;
  weak: string[];
}[] = [
  {
    name: "who may delete Jobs could undo it",
    objects: holds("x", deletesJobs, { kind: "User", name: "jim" }),
    weak: ["dev"],
  },
  { name: "who may not cannot", weak: [] },
  {
    name: "what somebody else may does not matter",
    objects: holds("x", deletesJobs, { kind: "User", name: "ann" }),
    weak: [],
  },
  {
    name: "of a grant that is over nothing is looked up",
    objects: holds("x", deletesJobs, { kind: "User", name: "jim" }),
    at: now + 3_600_000,
    weak: [],
  },
  {
    name: "of a permanent one neither",
    words: ["jim", "--ns", "dev"],
    objects: holds("x", deletesJobs, { kind: "User", name: "jim" }),
    weak: [],
  },
  {
    name: "nor where nobody wants to know",
    objects: holds("x", deletesJobs, { kind: "User", name: "jim" }),
    weakness: false,
    weak: [],
  },
];
for (const { name, words = forAnHour, objects = [], at = now, weakness = true, weak } of weaknesses) {
  t.test(`the end of a grant: ${name}`, async (t) => {
    const cluster = await granted([words], ...objects);
    const grant = await only(cluster);
    const contexts = await readGrantContexts(cluster, [grant], { now: at, weakness });
    t.same(contexts.of(grant).weak, weak);
  });
}

t.test("a group that could undo the end is named where it is not known who is in it", async (t) => {
  const cluster = await granted([forAnHour], ...holds("x", deletesJobs, { kind: "Group", name: "builders" }));
  const grant = await only(cluster);
  const { of } = await readGrantContexts(cluster, [grant], { now, weakness: true });
  t.same(of(grant).weak, []);
  t.match(of(grant).weakGroups, [{ group: "builders" }]);
});

t.test("in a folder nothing runs: it is not live, and has no uids and no weakness", async (t) => {
  const cluster = await granted([forAnHour], ...holds("x", deletesJobs, { kind: "User", name: "jim" }));
  const grant = await only(cluster);
  const { of } = await readGrantContexts({ ...cluster, offline: true }, [grant], { now, weakness: true });
  t.match(of(grant), { live: false, weak: { length: 0 }, uids: undefined });
});
