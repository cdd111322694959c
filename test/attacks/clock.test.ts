// A machine whose clock is two hours ahead, against a real API server: what is over there is decided by the server's clock.
import t from "tap";
import { connect } from "../../lib/commands/connect.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { runGrant } from "../commands/grant-world.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";

const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, labelled, may, settled, remove } = grantProbe(cluster);
const ahead = () => Date.now() + 2 * 60 * 60 * 1000;

/** `grant …` on that machine. */
async function runAhead(words: string[], change: (cluster: Cluster) => Cluster = (same) => same) {
  const live = await connect(
    { kubeconfig: cluster.plane.kubeconfig },
    { env: {}, signal: new AbortController().signal, warn: () => undefined },
  );
  return await runGrant(words, { cluster: change(live), now: ahead });
}

t.test("a clock that is ahead ends nothing", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--for", "1h")).code, 0);
  await settled("yes", "jim", "dev");
  const before = (await labelled("rolebindings")).length;
  const synced = await runAhead(["sync", "-y"]);
  t.equal(synced.code, 0, synced.stderr);
  t.match(synced.stderr, /clock is \d+ seconds ahead of the server's/);
  const revoked = await runAhead(["revoke", "--all-expired"]);
  t.match(revoked.stderr, /Nothing to revoke/);
  t.equal((await labelled("rolebindings")).length, before);
  t.equal(await may("jim", "dev"), true);
});

t.test("nor does anything look over there that is not", async (t) => {
  for (const words of [["list", "jim"], ["describe", "jim"], ["matrix"]]) {
    const shown = await runAhead(words);
    t.equal(shown.code, 0, shown.stderr);
    t.match(shown.stdout, /jim/);
    t.notMatch(shown.stdout, /EXPIRED|over/, words.join(" "));
  }
  t.match((await runAhead(["list", "jim", "--expiring-within", "10m"])).stderr, /No grants found/);
  t.match((await runAhead(["list", "jim", "--expiring-within", "61m"])).stdout, /jim.* (5\d|60)m/);
});

t.test("a server that does not say what time it is: nothing that ends is touched", async (t) => {
  const silent = (live: Cluster): Cluster => ({ ...live, serverTime: () => undefined });
  const synced = await runAhead(["sync", "-y"], silent);
  t.match(synced.stderr, /left alone: it is to end, and the server does not say what time it is/);
  const revoked = await runAhead(["revoke", "--all-expired"], silent);
  t.equal(revoked.code, 3);
  t.match(revoked.stderr, /does not say what time it is/);
  t.equal(await may("jim", "dev"), true);
  await remove();
});
