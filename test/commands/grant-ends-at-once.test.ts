// Two administrators give one grant two ends at once: one Job is left that ends it, and a sync finds nothing to do.
import t from "tap";
import { companyAfter, runTogether } from "./at-once.ts";
import { runGrant } from "./grant-world.ts";

// 250 left two Jobs, of which each would have ended the grant at its time.
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 250];
for (const lifetimes of [
  ["1h", "2h"],
  ["3h", "2h"],
]) {
  t.test(`for ${lifetimes.join(" and for ")}`, async (t) => {
    for (const seed of seeds) {
      const cluster = await companyAfter([]);
      const commands = lifetimes.map((lifetime) => ["jon", "--ns", "dev", "--for", lifetime]);
      const ran = await runTogether(cluster, commands, seed);
      t.same(
        ran.map(({ code }) => code),
        [0, 0],
        `seed ${seed}`,
      );
      t.equal(cluster.objects().filter(({ kind }) => kind === "Job").length, 1, `seed ${seed}: one job`);
      const { code, stdout, stderr } = await runGrant(["sync", "--check"], { cluster });
      t.equal(code, 0, `seed ${seed}: ${stdout}${stderr}`);
    }
  });
}
