// Something goes wrong on the way of every command that changes something, on the real API server. All requests of them, and
// all faults at each, are a long test (all.ts).
import t from "tap";
import { faultTrial } from "./matrix.ts";
import { pairedPositions } from "./positions.ts";
import { runRings, startBench } from "./run-matrix.ts";
import { rings } from "./rings.ts";
import { readState } from "./state.ts";

t.setTimeout(1_800_000);
const bench = await startBench(t);
const { cluster, proxy } = bench;
const { token } = cluster.plane.admin;

await t.test("where impersonation headers are dropped on the way, nothing is written as the caller", async (t) => {
  for (const { steps, before } of rings(bench.folder)) {
    const step = steps.find((each) => each.command !== undefined);
    if (step?.command === undefined) continue;
    for (const words of before) await cluster.run(token, words);
    for (const each of steps) if (each.command === undefined) await each.happens(cluster);
    const stored = (await readState(cluster)).all;
    proxy.arm("500", 0);
    proxy.dropImpersonation(true);
    const { ran } = await cluster.run(token, [...step.words, "--as", "nobody"], { ...step, server: proxy.server });
    proxy.dropImpersonation(false);
    t.ok(proxy.happened(), `${step.words.join(" ")}: a header was dropped`);
    t.ok([3, 4].includes(ran.code), `${step.words.join(" ")}: ${ran.code}: ${ran.stderr}`);
    t.equal(proxy.stored(), 0, step.words.join(" "));
    t.same((await readState(cluster)).all, stored, step.words.join(" "));
  }
});

const { faults, done, again, untouched } = await runRings(t, bench, faultTrial(pairedPositions));
t.ok(
  faults > 200 && done > 100 && again > 25 && untouched > 50,
  `${faults} faults; ${done} ended as without one, ${again} by the same command again, ${untouched} before anything was stored`,
);
