// A collection that is deleted, or moved, while somebody else puts a namespace into it or grants it: there is no order of the two in
// which a namespace is in a collection that nobody sees, or a grant holds in one.
import t from "tap";
import { collectionLabels } from "../../lib/access/collection.ts";
import { UserError } from "../../lib/errors.ts";
import { testBetween, testTogether, type Company } from "./at-once.ts";
import { exampleMemory, runGrant } from "./grant-world.ts";

const commands = [
  ["collection", "create", "apps"],
  ["collection", "create", "tools"],
  ["collection", "assign", "apps", "--ns", "dev"],
  ["jon", "--collection", "apps", "--accept-label-risk"],
];
const company = { commands };
const moveTo = (path: string, ...names: string[]) => [
  "collection",
  "move",
  ...names.flatMap((name) => ["--ns", name]),
  path,
];
const remove = ["collection", "delete", "tools"];
const removeAll = ["collection", "delete", "apps", "--cascade", "-y"];
const assign = ["collection", "assign", "tools", "--ns", "prod", "--ns", "qa"];
const enter = moveTo("tools", "dev");
const grant = ["eve", "--collection", "tools", "--accept-label-risk"];
const grantMore = ["eve", "--collection", "apps", "--accept-label-risk"];
const moveAll = ["collection", "move", "tools", "live"];

testBetween(company, [
  ["while a collection is deleted, namespaces are put into it", remove, assign],
  ["while namespaces are put into a collection, it is deleted", assign, remove],
  ["while a namespace moves into a collection, that is deleted", enter, remove],
  ["while a namespace moves into a collection, the one it comes from is deleted", enter, removeAll],
  ["while a collection is deleted, somebody grants it", remove, grant],
  ["while somebody grants a collection, it is deleted", grant, remove],
  ["while a collection is deleted with all of it, somebody grants it", removeAll, grantMore],
  ["while somebody grants a collection, it is deleted with all of it", grantMore, removeAll],
  ["while a collection is deleted with all of it, a namespace leaves it", removeAll, enter],
  ["while a collection moves, somebody grants it", moveAll, grant],
  ["while somebody grants a collection, it moves", grant, moveAll],
  ["while a collection moves, it is deleted", moveAll, remove],
  ["while a collection moves, a namespace moves into it", moveAll, enter],
  ["while a namespace moves into a collection, that moves", enter, moveAll],
]);

testTogether(
  company,
  [
    [remove, assign],
    [removeAll, grantMore],
    [moveAll, grant],
    [moveAll, enter],
    [enter, removeAll, remove],
  ],
  [1, 2, 3, 4, 5, 6, 7, 8],
);

// A collection that nobody created is there as long as a namespace is in it: whoever puts one there keeps it when the others leave.
const labelled: Company = { commands, labelled: { old: "legacy", prod: "live" } };
const intoLegacy = moveTo("legacy", "qa");
const grantLegacy = ["eve", "--collection", "legacy", "--accept-label-risk"];
const leave = ["collection", "unassign", "--ns", "old"];
testBetween(labelled, [
  ["while a namespace moves into a collection that only another is in, that leaves", intoLegacy, leave],
  ["the only namespace of a collection moves into another, whose only one leaves", moveTo("legacy", "prod"), leave],
  ["the only namespace of a collection moves into one that is deleted", moveTo("tools", "prod"), remove],
  ["while somebody grants a collection, its only namespace leaves", grantLegacy, leave],
]);
testTogether(labelled, [[intoLegacy, moveTo("legacy", "qa", "prod"), leave]], [2, 3, 4]);
// Somebody else has granted the same meanwhile, and found it granted.
testTogether(
  { commands: [["collection", "create", "apps"]], labelled: { old: "legacy", prod: "live" } },
  [[grantLegacy, [...grantLegacy], leave]],
  [28, 36, 73],
);

// Who assigns has put one of the namespaces into the collection when it finds the other elsewhere, and fails.
testTogether(company, [[remove, assign, moveTo("apps", "dev", "qa")]], [1, 3, 8]);

// Who moved a namespace in its second attempt leaves it where it was then, not where it was before its first.
testTogether(company, [[enter, ["collection", "unassign", "--ns", "dev"], moveAll]], [25, 26, 31, 33]);

// Who takes a namespace out of a collection leaves alone what others get in one that came into it meanwhile.
testTogether(company, [[moveTo("apps", "dev", "qa"), ["collection", "unassign", "--ns", "dev"], grant]], [1, 8, 147]);

t.test(
  "a collection moves to a place that somebody deletes meanwhile: its namespaces stay, and that is said",
  async (t) => {
    const cluster = exampleMemory();
    cluster.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "old", labels: collectionLabels("legacy") } });
    cluster.beforeWrite = (_count, what) => {
      const created = cluster.objects().find(({ kind }) => kind === "ConfigMap");
      if (created !== undefined && what.includes("Namespace old")) cluster.put({ ...created, data: {} });
    };
    const { code, stderr } = await runGrant(["collection", "move", "legacy", "other"], { cluster });
    t.match(stderr, /^error: somebody deleted collection other at the same time, so old did not come into it/);
    t.equal(code, 4);
    const { stdout } = await runGrant(["collection", "tree"], { cluster });
    t.match(stdout, /legacy.*old/s);
  },
);

const inNone = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "old", labels: { ...collectionLabels("live") } },
};
delete (inNone.metadata.labels as Record<string, string>)["collection.kubectl-mirrord.io/live"];
t.test("of two whose namespaces are the same in part one ends, and says where they are", async (t) => {
  const cluster = exampleMemory();
  for (const words of commands) await runGrant(words, { cluster });
  const patch = cluster.patch!;
  let moves = 0;
  // Somebody who puts it where they want it, each time.
  cluster.patch = async (...change) => {
    const done = await patch(...change);
    const qa = cluster.objects().find(({ kind, metadata }) => kind === "Namespace" && metadata.name === "qa");
    if (change[1] !== "qa" || change[4]?.dryRun === true || qa === undefined) return done;
    moves += 1;
    cluster.put({ ...qa, metadata: { ...qa.metadata, labels: {} } });
    return done;
  };
  const { code, stderr } = await runGrant(moveTo("tools", "prod", "qa"), { cluster });
  t.match(stderr, /^Warning: somebody else moved namespaces at the same time: qa is in no collection$/m);
  t.equal(code, 0);
  t.equal(moves, 4);
});

t.test(
  "labels that are mended where a namespace is do not take it out of a collection that nobody created",
  async (t) => {
    const cluster = exampleMemory();
    cluster.put(inNone);
    t.match(await runGrant(["collection", "assign", "live", "--ns", "old"], { cluster }), { code: 0 });
    const old = cluster.objects().find(({ metadata }) => metadata.name === "old");
    t.equal(old?.metadata.labels?.["collection.kubectl-mirrord.io/live"], "");
  },
);

t.test("after Ctrl-C between two writes nothing is read or written any more", async (t) => {
  const cluster = exampleMemory();
  for (const words of commands) await runGrant(words, { cluster });
  const abort = new AbortController();
  const later: string[] = [];
  const { get } = cluster;
  cluster.get = async (...names) => {
    if (abort.signal.aborted) later.push(names[0].kind);
    return await get(...names);
  };
  cluster.beforeWrite = (_count, what) => {
    if (abort.signal.aborted) later.push(what);
    abort.abort(new UserError("interrupted", "interrupted"));
  };
  const { code, stderr } = await runGrant(assign, { cluster, change: { signal: abort.signal } });
  t.equal(code, 130, stderr);
  t.same(later, []);
});
