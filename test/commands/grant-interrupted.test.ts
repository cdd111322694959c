import t from "tap";
import { UserError } from "../../lib/errors.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleMemory, grantObjectsIn, runGrant } from "./grant-world.ts";

// Whatever happens between two writes, the same command again finishes: nothing is granted that was not asked for, and
// nothing is lost.

type Prepare = (cluster: MemoryCluster) => Promise<unknown>;
const nothing: Prepare = async () => undefined;
const granted: Prepare = (cluster) => runGrant(["jim", "--ns", "dev", "--ns", "qa"], { cluster });
const lending: Prepare = (cluster) => runGrant(["jim", "--ns", "dev", "--ns", "qa", "--for", "1h"], { cluster });

const commands: [name: string, prepare: Prepare, words: string[]][] = [
  ["a grant", nothing, ["jim", "--ns", "dev", "--ns", "qa"]],
  ["a limited grant", nothing, ["jim", "--ns", "dev", "--target", "deploy/web"]],
  ["a temporary grant", nothing, ["jim", "--ns", "dev", "--ns", "qa", "--for", "1h"]],
  ["a grant everywhere", nothing, ["jim", "-A", "-y"]],
  ["a grant without reads after one with", granted, ["jim", "--ns", "dev", "--ns", "qa", "--no-reads"]],
  ["an extension", lending, ["jim", "--ns", "dev", "--ns", "qa", "--for", "2h"]],
  ["a revocation", granted, ["revoke", "jim"]],
  ["a narrowing revocation", granted, ["revoke", "jim", "--ns", "qa"]],
  ["the narrowing of a temporary grant", lending, ["revoke", "jim", "--ns", "qa"]],
];

for (const [name, prepare, words] of commands) {
  t.test(`${name}, killed before any of its writes, is finished by the same command again`, async (t) => {
    const whole = await prepared(prepare);
    const initial = grantObjectsIn(whole);
    const before = whole.writes.length;
    const run = await runGrant(words, { cluster: whole });
    t.equal(run.code, 0, run.stderr);
    const wanted = comparableContent(whole);
    const steps = whole.writes.length - before;
    t.ok(steps > 0, `${steps} writes`);

    for (let point = 1; point <= steps; point += 1) {
      const cluster = await prepared(prepare);
      let count = 0;
      cluster.beforeWrite = () => {
        count += 1;
        if (count >= point) throw new Error("killed");
      };
      await t.rejects(runGrant(words, { cluster }), { message: "killed" }, `killed before write ${point}`);
      cluster.beforeWrite = () => undefined;
      t.ok(
        grantObjectsIn(cluster).every((object) => known(whole, object) || initial.includes(object)),
        "nothing that was not asked for",
      );
      const again = await runGrant(words, { cluster });
      const finished = again.code === 0 || (words[0] === "revoke" && /no grant of jim/.test(again.stderr));
      t.ok(finished, `write ${point}: ${again.stderr}`);
      t.same(comparableContent(cluster), wanted, `as if it had never been killed before write ${point}`);
      t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0, "and sync finds nothing to do");
    }
  });
}

async function prepared(prepare: Prepare): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  await prepare(cluster);
  return cluster;
}

const known = (cluster: MemoryCluster, object: string) => grantObjectsIn(cluster).includes(object);

/** The grants as they are, without what differs from run to run. */
function comparableContent(cluster: MemoryCluster): string[] {
  const kinds = new Map(cluster.objects().map(({ kind, metadata }) => [metadata.uid, kind]));
  return cluster
    .objects()
    .filter(({ metadata }) => metadata.labels?.["kubectl-mirrord.io/grant"] !== undefined)
    .map(({ kind, metadata, roleRef, subjects, rules, spec }) => {
      const owners = (metadata.ownerReferences ?? []).map(({ uid }) => kinds.get(uid) ?? "gone");
      const name = (metadata.name ?? "").replace(/^(mirrord-expiry-.*-)[a-z0-9]*$/, "$1");
      return JSON.stringify([
        kind,
        metadata.namespace,
        name,
        metadata.annotations,
        owners,
        roleRef,
        subjects,
        rules,
        spec,
      ]);
    })
    .toSorted();
}

t.test("a server that fails for a moment is asked again", async (t) => {
  for (const status of [500, 503]) {
    const cluster = exampleMemory();
    cluster.beforeWrite = (count) => {
      if (count % 2 === 1) throw apiFailure(status, "InternalError", "etcdserver: leader changed");
    };
    const run = await runGrant(["jim", "--ns", "dev"], { cluster });
    t.equal(run.code, 0, run.stderr);
    t.equal(grantObjectsIn(cluster).length, 3);
  }
});

t.test("a server that goes on failing: what was done and what may be is said, exit code 4", async (t) => {
  const cluster = exampleMemory();
  cluster.beforeWrite = (_count, what) => {
    if (what.includes("RoleBinding qa/")) throw apiFailure(500, "InternalError", "no space left");
  };
  const run = await runGrant(["jim", "--ns", "dev", "--ns", "qa"], { cluster });
  t.equal(run.code, 4);
  t.match(
    run.stderr,
    /no space left; only part was done[\s\S]*Done:[\s\S]*clusterrolebinding[\s\S]*not confirmed[^:]*:[\s\S]*in namespace qa/,
  );
});

t.test("somebody else's write in between is taken into account", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev"], { cluster });
  let disturbed = false;
  cluster.beforeWrite = () => {
    if (disturbed) return;
    disturbed = true;
    throw apiFailure(409, "Conflict", "the object has been modified; please apply your changes to the latest version");
  };
  const run = await runGrant(["jim", "--ns", "dev", "--no-reads"], { cluster });
  t.equal(run.code, 0, run.stderr);
  t.equal(disturbed, true);
});

t.test("a conflict of field managers is drift: shown, and not fought", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev"], { cluster });
  let tries = 0;
  cluster.beforeWrite = () => {
    tries += 1;
    throw apiFailure(409, "Conflict", 'Apply failed with 1 conflict: conflict with "kubectl-edit": .subjects');
  };
  const run = await runGrant(["jim", "--ns", "dev", "--no-reads"], { cluster });
  t.equal(run.code, 4);
  t.equal(tries, 1);
  t.match(run.stderr, /conflict with "kubectl-edit"/);
});

t.test("two grants of the same thing at once end as one", async (t) => {
  for (const words of [
    ["jim", "--ns", "dev", "--ns", "qa"],
    ["jim", "--ns", "dev", "--for", "1h"],
  ]) {
    const cluster = exampleMemory();
    const runs = await Promise.all([1, 2].map(() => runGrant(words, { cluster })));
    t.same(
      runs.map(({ code }) => code),
      [0, 0],
    );
    const { items } = JSON.parse((await runGrant(["list", "-o", "json"], { cluster })).stdout);
    t.equal(items.length, 1, "two who want the same make one grant");
    t.equal(items[0].status, "ok");
    await runGrant(["sync", "-y"], { cluster });
    t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0);
  }
});

t.test("Ctrl-C between two writes stops at once and says what was done", async (t) => {
  const cluster = exampleMemory();
  const abort = new AbortController();
  cluster.beforeWrite = (count) => {
    if (count === 2) abort.abort(new UserError("interrupted", "interrupted"));
  };
  const run = await runGrant(["jim", "--ns", "dev", "--ns", "qa"], { cluster, change: { signal: abort.signal } });
  t.equal(run.code, 130);
  t.match(run.stderr, /only part was done[\s\S]*Not done:/);
});
