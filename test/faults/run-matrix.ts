// One real cluster, and everything that can be wrong on the way to it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { startPermissionsCluster } from "../permissions/world.ts";
import { scenarios } from "../permissions/scenarios.ts";
import { runRing, type Bench, type Figures, type Trial } from "./matrix.ts";
import { stepPlaces, type Positions, type StepPlace } from "./positions.ts";
import { startFaultProxy } from "./proxy.ts";
import { runReads } from "./reads.ts";
import { rings, setUp, type Ring } from "./rings.ts";
import { injectTime } from "./time.ts";

/** @param folder for files that commands are given; removed with the cluster */
export async function startBench(t: Test): Promise<Bench & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-faults-"));
  const cluster = await startPermissionsCluster(folder);
  const proxy = await startFaultProxy(cluster.plane);
  t.teardown(() => {
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
    return cluster.stop();
  });
  for (const words of setUp) {
    const { ran } = await cluster.run(cluster.plane.admin.token, words);
    if (ran.code !== 0) throw new Error(`${words.join(" ")}: ${ran.stderr}`);
  }
  return { cluster, proxy, time: injectTime(), folder };
}

const noFigures = (): Figures => ({ faults: 0, done: 0, again: 0, untouched: 0 });

/** Commands that change something, each ring a test. */
export async function runRings(
  t: Test,
  bench: Bench & { folder: string },
  trial: Trial,
  isChosen: (index: number, ring: Ring) => boolean = () => true,
): Promise<Figures> {
  const figures = noFigures();
  const all = rings(bench.folder);
  const places = stepPlaces(all);
  for (const ring of all.filter((each, index) => isChosen(index, each))) {
    await t.test(`${ring.name}, by ${trial.counts}s: whatever goes wrong`, async (t) => {
      await runRing(t, bench, ring, { trial, places }, figures);
    });
  }
  const { faults, done, again, untouched } = figures;
  t.equal(faults, done + again + untouched, "each fault has one end");
  return figures;
}

/** Commands that only read, each a test. */
export async function runAllReads(
  t: Test,
  bench: Bench & { folder: string },
  positions: Positions,
  isChosen: (index: number) => boolean = () => true,
): Promise<Figures> {
  const figures = noFigures();
  const changing = new Set(rings(bench.folder).flatMap(({ steps }) => steps.flatMap(({ command }) => command ?? [])));
  const reading = scenarios(bench.folder).filter(
    ({ command, until: end }) => end === undefined && !changing.has(command) && command !== "install values",
  );
  const seen = new Set<string>();
  for (const [index, scenario] of reading.entries()) {
    const place: StepPlace = { index, isRepeated: seen.has(scenario.command), isSlow: false };
    seen.add(scenario.command);
    if (!isChosen(index)) continue;
    const typed = scenario.words.join(" ").replaceAll(bench.folder, "");
    await t.test(`${typed}: an error, and no other answer`, async (t) => {
      await runReads(t, bench, scenario, { positions, place }, figures);
    });
  }
  return figures;
}
