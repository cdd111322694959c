import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { collectionLabels } from "../../lib/access/collection.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, grantObjectsIn, namespace, runGrant } from "./grant-world.ts";

const run = (cluster: MemoryCluster, ...words: string[]) => runGrant(words, { cluster });
const guards: KubernetesObject[] = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
  metadata: { name: "kubectl-mirrord-namespaces" },
  spec: { validationActions: ["Deny"] },
}));
const labelsOf = (cluster: MemoryCluster, name: string) =>
  cluster.objects().find(({ kind, metadata }) => kind === "Namespace" && metadata.name === name)?.metadata.labels;

/** prod and prod/web, with jim on prod. */
async function company(): Promise<MemoryCluster> {
  const cluster = exampleMemory(...guards);
  await run(cluster, "collection", "create", "prod/web");
  const granted = await run(cluster, "jim", "--collection", "prod");
  t.match(granted, {
    code: 0,
    stdout: /jim can mirror and steal any target in every namespace in collection prod; there is none today/,
  });
  return cluster;
}

t.test("what is put into a collection is reached by a grant on the one above it, in the same command", async (t) => {
  const cluster = await company();
  const assigned = await run(cluster, "collection", "assign", "prod/web", "--ns", "qa");
  t.equal(assigned.code, 0);
  t.match(
    assigned.stdout,
    /^Namespace qa is in collection prod\/web\.\n\njim gets clusterrole mirrord-operator-user in namespace qa\n/,
  );
  t.same(labelsOf(cluster, "qa"), { env: "test", ...collectionLabels("prod/web") });
  t.ok(grantObjectsIn(cluster).some((each) => each.startsWith("RoleBinding qa/")));
  const writes = cluster.writes.length;
  t.match(await run(cluster, "collection", "assign", "prod/web", "--ns", "qa"), {
    code: 0,
    stdout: "Nothing was changed.\n",
  });
  t.equal(cluster.writes.length, writes, "again it writes nothing");
  t.match(await run(cluster, "sync", "--check"), { code: 0 });
});

t.test("labels are written before bindings, and new bindings before old ones go", async (t) => {
  const cluster = await company();
  await run(cluster, "collection", "create", "dev");
  await run(cluster, "ann", "--collection", "dev");
  await run(cluster, "collection", "assign", "prod/web", "--ns", "qa");
  const before = cluster.writes.length;
  const moved = await run(cluster, "collection", "move", "--ns", "qa", "dev");
  t.equal(moved.code, 0);
  t.match(moved.stdout, /Namespace qa is in collection dev; it was in prod\/web\./);
  t.match(moved.stdout, /ann gets .*, jim no longer/);
  const kinds = cluster.writes.slice(before).map((write) => write.split(" ").slice(0, 2).join(" "));
  t.same([...new Set(kinds)], ["patch Namespace", "create RoleBinding", "delete RoleBinding"]);
  t.same(labelsOf(cluster, "qa"), { env: "test", ...collectionLabels("dev") });
});

t.test("who takes a namespace out takes the access with it", async (t) => {
  const cluster = await company();
  await run(cluster, "collection", "assign", "prod", "--ns", "qa");
  const gone = await run(cluster, "collection", "unassign", "--ns", "qa");
  t.match(gone, { code: 0, stdout: /in no collection now; it was in prod\.\n\njim no longer holds/ });
  t.notOk(grantObjectsIn(cluster).some((each) => each.startsWith("RoleBinding qa/")));
  t.same(labelsOf(cluster, "qa"), { env: "test" });
});

t.test("who takes a namespace out gives nobody what is missing elsewhere: that is for a sync", async (t) => {
  const cluster = await company();
  await run(cluster, "ann", "--collection", "prod/web");
  await run(cluster, "collection", "assign", "prod/web", "--ns", "qa", "--ns", "dev");
  const lost = cluster.objects().find(({ kind, metadata }) => kind === "RoleBinding" && metadata.namespace === "dev");
  if (lost === undefined) throw new Error("there is a binding in dev");
  await cluster.delete(nativeResources.roleBindings, lost.metadata.name ?? "", "dev");
  const before = cluster.writes.length;
  t.match(await run(cluster, "collection", "unassign", "--ns", "qa"), {
    code: 0,
    stdout: /ann and jim no longer hold/,
  });
  const kinds = cluster.writes.slice(before).map((write) => write.split(" ").slice(0, 2).join(" "));
  t.same([...new Set(kinds)], ["patch Namespace", "delete RoleBinding"]);
  t.match(await run(cluster, "sync", "-y"), { code: 0, stdout: /1 change made/ });
});

t.test("a grant on what is in no collection gets a namespace that leaves one, by the same plan", async (t) => {
  const cluster = await company();
  await run(cluster, "collection", "assign", "prod", "--ns", "qa");
  const ann = await run(cluster, "ann", "-l", "env=test,!kubectl-mirrord.io/collection", "--accept-label-risk");
  t.equal(ann.code, 0, ann.stderr);
  const before = cluster.writes.length;
  t.match(await run(cluster, "collection", "unassign", "--ns", "qa"), {
    code: 0,
    stdout: /ann gets .*qa, jim no longer/,
  });
  const kinds = cluster.writes.slice(before).map((write) => write.split(" ").slice(0, 2).join(" "));
  t.same([...new Set(kinds)], ["patch Namespace", "create RoleBinding", "delete RoleBinding"]);
});

t.test("where one part of taking out is refused, nothing of it is done", async (t) => {
  for (const part of [/^delete RoleBinding/, /^patch Namespace/]) {
    const cluster = await company();
    await run(cluster, "collection", "assign", "prod", "--ns", "qa");
    const before = [cluster.writes.length, labelsOf(cluster, "qa")];
    const refuse = (what: string, dryRun: unknown) => {
      if (part.test(what) && dryRun === true) throw apiFailure(403, "Forbidden", "no");
    };
    const { delete: remove, patch } = cluster;
    if (patch === undefined) throw new Error("a cluster in memory takes patches");
    cluster.delete = async (type, name, place, options) => {
      refuse(`delete ${type.kind}`, options?.dryRun);
      return await remove(type, name, place, options);
    };
    cluster.patch = async (type, name, place, body, options) => {
      refuse(`patch ${type.kind}`, options?.dryRun);
      return await patch(type, name, place, body, options);
    };
    const ran = await run(cluster, "collection", "unassign", "--ns", "qa");
    t.match(ran, { code: 4, stderr: /Nothing was written/ });
    t.same([cluster.writes.length, labelsOf(cluster, "qa")], before);
  }
});

const refusals: [what: string, words: string[], says: RegExp][] = [
  [
    "a collection that was never made",
    ["collection", "assign", "qa", "--ns", "qa"],
    /collection qa was not found[^]*create qa/,
  ],
  ["a slip of a path", ["collection", "assign", "prod/wbe", "--ns", "qa"], /Did you mean prod\/web\?/],
  ["no namespace", ["collection", "assign", "prod"], /--namespace/],
  ["a namespace that is not there", ["collection", "assign", "prod", "--ns", "none"], /namespace "none" was not found/],
  ["a namespace of Kubernetes", ["collection", "assign", "prod", "--ns", "kube-system"], /can be in no collection/],
  ["the operator's namespace", ["collection", "assign", "prod", "--ns", "mirrord"], /can be in no collection/],
  [
    "the namespace of the access model",
    ["collection", "assign", "prod", "--ns", "mirrord-access"],
    /can be in no collection/,
  ],
  [
    "a namespace that is elsewhere",
    ["collection", "assign", "prod", "--ns", "dev"],
    /dev is in collection prod\/web\n.*move --ns dev prod/,
  ],
  [
    "an unassign from elsewhere",
    ["collection", "unassign", "other", "--ns", "dev"],
    /dev is in collection prod\/web, not in other/,
  ],
  ["a bad path", ["collection", "create", "Prod"], /cannot be the path/],
  ["a path of 64 characters", ["collection", "create", "a".repeat(64)], /63 are possible/],
  ["a collection into itself", ["collection", "move", "prod", "prod/web/x"], /cannot be moved into itself/],
  ["a collection onto itself", ["collection", "move", "prod/web", "prod/web"], /cannot be moved into itself/],
  [
    "a collection to a place where its path is too long",
    ["collection", "move", "prod/web", `prod/${"a".repeat(59)}`],
    /has 64 characters, and 63 are possible/,
  ],
  [
    "a collection onto another",
    ["collection", "move", "prod/web", "prod"],
    /is there already\nMove what is in it: kubectl mirrord grant collection move --ns dev prod\nWhen it is empty: kubectl mirrord grant collection delete prod\/web\n/,
  ],
  [
    "a collection below one that is not there",
    ["collection", "move", "prod/web", "live/web"],
    /collection live was not found/,
  ],
  ["a collection that grants name", ["collection", "move", "prod", "live"], /names prod or what is below it/],
  ["a move of nothing", ["collection", "move", "prod"], /from where to where/],
  ["a move of namespaces to two places", ["collection", "move", "prod", "live", "--ns", "dev"], /there is one path/],
  [
    "a delete of what is used",
    ["collection", "delete", "prod"],
    /collections below it \(prod\/web\) and namespaces \(dev\) and grants/,
  ],
  ["a grant on an unknown collection", ["ann", "--collection", "prods"], /Did you mean prod\?/],
  ["a grant on a collection and everywhere", ["ann", "-A", "--collection", "prod"], /exclude each other/],
];

for (const [what, words, says] of refusals) {
  t.test(`refused, with nothing written: ${what}`, async (t) => {
    const cluster = await company();
    await run(cluster, "collection", "assign", "prod/web", "--ns", "dev");
    const writes = cluster.writes.length;
    t.match(await run(cluster, ...words), { code: 2, stderr: says });
    t.equal(cluster.writes.length, writes);
  });
}

t.test("a whole collection moves with its namespaces and what is below it", async (t) => {
  const cluster = exampleMemory(...guards);
  await run(cluster, "collection", "create", "prod/web/eu", "--description", "Europe");
  await run(cluster, "collection", "create", "live");
  await run(cluster, "collection", "assign", "prod/web/eu", "--ns", "qa");
  t.match(await run(cluster, "collection", "move", "prod/web", "live/web"), {
    code: 0,
    stdout: /Collection prod\/web is live\/web now, with 1 namespace\./,
  });
  t.match(
    (await run(cluster, "collection", "list", "--no-headers")).stdout,
    /^live .*\nlive\/web .*\nlive\/web\/eu .*Europe\nprod /,
  );
  t.same(labelsOf(cluster, "qa"), { env: "test", ...collectionLabels("live/web/eu") });
});

t.test("deleting with --cascade asks, then takes along what is in it, below it and granted on it", async (t) => {
  const cluster = await company();
  await run(cluster, "collection", "assign", "prod/web", "--ns", "qa");
  let question = "";
  const confirm = async (text: string, flag: string) => {
    question = `${text} ${flag}`;
    return false;
  };
  const declined = await runGrant(["collection", "delete", "prod", "--cascade"], {
    cluster,
    change: { ask: { confirm, select: async () => t.fail(), input: async () => t.fail() } as never },
  });
  t.equal(question, "Delete collection prod with all that is below it, and revoke the grants on it? --yes");
  t.match(declined, { code: 1, stdout: /Nothing was deleted/ });
  t.match(await run(cluster, "collection", "delete", "prod", "--cascade", "-y"), {
    code: 0,
    stdout: /Deleted collection prod\.\nIn no collection now: qa\.\nRevoked grant [a-z2-7]{20}\.\n/,
  });
  t.same(grantObjectsIn(cluster), []);
  t.match(await run(cluster, "collection", "list"), { code: 0, stderr: /No collections found/ });
});

t.test("a grant that holds elsewhere too is not taken along", async (t) => {
  const cluster = await company();
  await run(cluster, "ann", "--collection", "prod", "--ns", "dev");
  t.match(await run(cluster, "collection", "delete", "prod", "--cascade", "-y"), {
    code: 2,
    stderr: /holds elsewhere, too/,
  });
});

t.test("sync completes the labels of a namespace that was put into a collection by its manifest", async (t) => {
  const cluster = await company();
  cluster.put(namespace("shop", { "kubectl-mirrord.io/collection": "prod.web" }));
  t.match(await run(cluster, "collection", "list"), {
    stderr: /namespace shop has labels that do not go with its collection/,
  });
  t.match(await run(cluster, "sync", "--check"), { code: 1, stdout: /namespace\/shop configured/ });
  t.match(await run(cluster, "sync", "-y"), { code: 0 });
  t.same(labelsOf(cluster, "shop"), collectionLabels("prod/web"));
  t.ok(grantObjectsIn(cluster).some((each) => each.startsWith("RoleBinding shop/")));
  t.match(await run(cluster, "sync", "--check"), { code: 0 });
});

t.test("a namespace whose labels a tool sets from somewhere else is left to the tool", async (t) => {
  const cluster = await company();
  const shop = namespace("shop", collectionLabels("prod"));
  shop.metadata["managedFields"] = [
    {
      manager: "argocd-controller",
      operation: "Apply",
      fieldsV1: { "f:metadata": { "f:labels": { "f:kubectl-mirrord.io/collection": {} } } },
    },
  ] as never;
  shop.metadata.annotations = { "argocd.argoproj.io/tracking-id": "shops:/Namespace:shop/shop" };
  cluster.put(shop);
  t.match(await run(cluster, "collection", "move", "--ns", "shop", "prod/web"), {
    code: 2,
    stderr: /set by Argo CD Application shops[^]*Write it there: kubectl-mirrord\.io\/collection: "prod\.web"/,
  });
  t.match(await run(cluster, "collection", "unassign", "--ns", "shop"), {
    code: 2,
    stderr: /Take the label away there/,
  });
  t.match(
    await run(cluster, "collection", "assign", "prod", "--ns", "shop"),
    { code: 0 },
    "what is so already is no change",
  );
});

t.test("where labels are not guarded, a grant on a collection needs --accept-label-risk", async (t) => {
  const cluster = exampleMemory();
  await run(cluster, "collection", "create", "prod");
  t.match(await run(cluster, "jim", "--collection", "prod"), { code: 2, stderr: /--accept-label-risk/ });
  t.match(await run(cluster, "jim", "--collection", "prod", "--accept-label-risk"), { code: 0 });
});

t.test("collections are listed with what they reach, for people and programs", async (t) => {
  const cluster = await company();
  await run(cluster, "collection", "assign", "prod/web", "--ns", "qa", "--ns", "dev");
  t.equal(
    (await run(cluster, "collection", "list")).stdout,
    "COLLECTION   NAMESPACES   GRANTS   DESCRIPTION\nprod         2            1        <none>\nprod/web     2            0        <none>\n",
  );
  t.equal((await run(cluster, "collection", "list", "-o", "name")).stdout, "collection/prod\ncollection/prod/web\n");
  t.match(JSON.parse((await run(cluster, "collection", "list", "-o", "json")).stdout), {
    kind: "CollectionList",
    items: [
      { path: "prod", description: "", namespaces: { length: 0 }, reached: 2, grants: [/^[a-z2-7]{20}$/] },
      { path: "prod/web", namespaces: ["dev", "qa"], reached: 2, grants: { length: 0 } },
    ],
  });
  t.equal(
    (await run(cluster, "collection", "tree")).stdout,
    "prod/\n  web/\n    dev\n    qa\n\nIn no collection: 1 namespace\n",
  );
  t.match((await run(cluster, "list")).stdout, /dev,qa \(--collection prod\)/);
});

t.test("a dry run shows what would follow and writes nothing; JSON says the same", async (t) => {
  const cluster = await company();
  const writes = cluster.writes.length;
  const words = ["collection", "assign", "prod/web", "--ns", "qa"];
  t.match(await run(cluster, ...words, "--dry-run=client"), {
    code: 0,
    stdout: /^namespace\/qa configured \(dry run\)\nrolebinding\..* in namespace qa created \(dry run\)\n/,
  });
  t.match(await run(cluster, ...words, "--dry-run=server"), { code: 0, stdout: /\(server dry run\)/ });
  t.equal(cluster.writes.length, writes);
  t.match(JSON.parse((await run(cluster, ...words, "-o", "json")).stdout), {
    kind: "CollectionChange",
    dryRun: "none",
    changes: [
      { action: "update", kind: "Namespace", name: "qa" },
      { action: "create", kind: "RoleBinding" },
    ],
  });
  t.match(await run(cluster, ...words, "--dry-run=client"), { code: 0, stderr: /Nothing would change/ });
});

t.test("in a folder, collections are labels in its files", async (t) => {
  const folder = exampleFolder(t);
  const there = ["--manifests", folder];
  t.match(await runGrant(["collection", "create", "prod/web", ...there]), {
    code: 0,
    stdout: "Made prod and prod/web.\n",
  });
  t.match(await runGrant(["jim", "--collection", "prod", ...there]), { code: 0 });
  t.match(await runGrant(["collection", "assign", "prod/web", "--ns", "dev", ...there]), {
    code: 0,
    stdout: /jim gets/,
  });
  const tree = await runGrant(["collection", "tree", ...there]);
  t.match(tree.stdout, /^prod\/\n {2}web\/\n {4}dev\n/);
  t.match(readFileSync(join(folder, "mirrord-access", "mirrord-collections.yaml"), "utf8"), /prod\.web: ['"]{2}/);
  t.match(await runGrant(["collection", "unassign", "--ns", "dev", ...there]), {
    code: 0,
    stdout: /jim no longer holds/,
  });
  t.notMatch((await runGrant(["list", ...there])).stdout, /dev \(--collection/);
});

t.test("describe shows what is in a collection and which grants reach it, as the schema says in JSON", async (t) => {
  const cluster = await company();
  await run(cluster, "collection", "assign", "prod/web", "--ns", "qa");
  await run(cluster, "collection", "create", "prod/web/api", "--description", "What others call");
  await run(cluster, "ann", "--collection", "prod/web");
  const { code, stdout } = await run(cluster, "collection", "describe", "prod/web");
  t.equal(code, 0);
  t.match(
    stdout,
    /^Collection: {2}prod\/web\nWithin: {2}prod\nCollections below it:\n {2}prod\/web\/api\nNamespaces:\n {2}qa\nNamespaces below it: {2}none\nGrants that reach it:\n {2}\S+ {2}ann: user on it\n {2}\S+ {2}jim: user on prod\n$/,
  );
  t.match((await run(cluster, "collection", "describe", "prod/web/api")).stdout, /^About: {2}What others call$/m);
  const value: object = JSON.parse((await run(cluster, "collection", "describe", "prod/web", "-o", "json")).stdout);
  const file = join(import.meta.dirname, "../../docs/schema/grant-collection-description.json");
  const matches = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(file, "utf8")) as object);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(await run(cluster, "collection", "describe", "prd"), { code: 2, stderr: /collection prd was not found/ });
});

for (const [action, before, words, count] of [
  ["assign", [], ["collection", "assign", "shop", "--ns", "qa", "-y"], 2],
  [
    "unassign",
    [["collection", "assign", "shop", "--ns", "qa", "-y"]],
    ["collection", "unassign", "--ns", "qa", "-y"],
    0,
  ],
] as const) {
  t.test(
    `${action} that was interrupted between a label and its bindings is finished by the same command`,
    async (t) => {
      const cluster = exampleMemory();
      await run(cluster, "collection", "create", "shop");
      t.match(await run(cluster, "ola", "--collection", "shop", "--accept-label-risk"), { code: 0 });
      for (const each of before) t.match(await run(cluster, ...each), { code: 0 });
      const bindings = () => grantObjectsIn(cluster).filter((each) => each.startsWith("RoleBinding qa/")).length;
      cluster.beforeWrite = (_count, what) => {
        if (what.includes("RoleBinding qa/")) throw apiFailure(403, "Forbidden", "not now");
      };
      t.match(await run(cluster, ...words), {
        code: 4,
        stderr: /Done:\n.*namespace\/qa[^]*Run the same command again/,
      });
      t.not(bindings(), count);
      cluster.beforeWrite = () => undefined;
      t.match(await run(cluster, ...words), { code: 0 });
      t.equal(bindings(), count);
      const writes = cluster.writes.length;
      t.match(await run(cluster, ...words), { code: 0 });
      t.equal(cluster.writes.length, writes, "and then there is nothing left to do");
    },
  );
}
