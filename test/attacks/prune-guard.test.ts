// The guard against mass pruning must not be a way to keep access: what is over ends, whatever else lies under our labels.
import t from "tap";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld } from "../e2e/secure-defaults-world.ts";
import { until } from "../until.ts";
import { attack, firstSteps } from "./first-steps.ts";

const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
const { plane } = cluster;
const { grant, json, labelled, may, settled } = grantProbe(cluster);

t.test("25 bindings under our labels do not keep an expired grant from being ended", async (t) => {
  await cluster.kubectl("admin", "create", "rolebinding", "jim", "-n", "qa", "--clusterrole=admin", "--user=jim");
  t.equal((await grant("ann", "--ns", "qa")).code, 0);
  t.equal((await grant("jim", "--ns", "dev", "--for", "4s")).code, 0);
  await settled("yes", "jim", "dev");
  plane.pauseControllerManager();
  const jim = world.user("jim");
  for (const letter of "abcdefghijklmnopqrstuvwxy")
    await attack(world, jim, firstSteps.labelBinding("qa", `junk${letter}`));
  const listed = async () => await json<{ items: { status: string }[] }>("list", "jim", "-n", "dev");
  await until("its time is over", async () => (await listed()).items[0]?.status === "EXPIRED, still bound");
  t.equal(await may("jim", "dev"), true);
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  await settled("no", "jim", "dev");
  t.equal(await may("ann", "qa"), true, "a grant that goes on is not touched");
  t.equal((await labelled("rolebindings")).filter(({ metadata }) => metadata.name?.startsWith("junk")).length, 0);
  plane.resumeControllerManager();
});
