// One real cluster, and everything that can be wrong on the way to it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { startPermissionsCluster } from "../permissions/world.ts";
import { runRing, stepPlaces, type Bench, type Figures, type Positions } from "./matrix.ts";
import { startFaultProxy } from "./proxy.ts";
import { rings, setUp } from "./rings.ts";
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
  positions: Positions,
  isChosen: (index: number) => boolean = () => true,
): Promise<Figures> {
  const figures = noFigures();
  const all = rings(bench.folder);
  const places = stepPlaces(all);
  for (const ring of all.filter((_, index) => isChosen(index))) {
    await t.test(`${ring.name}: whatever is wrong on the way`, async (t) => {
      await runRing(t, bench, ring, { positions, places }, figures);
    });
  }
  return figures;
}
