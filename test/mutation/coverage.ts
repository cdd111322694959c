// Which tests reach which mutants.
import { dirname } from "node:path";
import type { Mutant } from "./instrument.ts";
import type { ChosenTests, Coverage } from "./protocol.ts";

/** What a mutant has to pass, the quickest and nearest tests first. */
export interface MutantTests {
  files: ChosenTests[];
  /** Of all of them without the mutant. */
  durationMs: number;
  /** The most that one of the files reaches the mutated place. */
  hits: number;
}

/** What more distant tests would notice counts as not noticed: names and tables are reached by nearly every test there is. */
const NEAREST = 12;

/** @param coverage by test file */
export function testsReaching(mutant: Mutant, coverage: ReadonlyMap<string, Coverage>): MutantTests {
  const found = [...coverage].flatMap(([file, covered]) => {
    const byTest = Object.entries(covered.byTest).filter(([, mutants]) => mutant.id in mutants);
    const outside = covered.outside[mutant.id] ?? 0;
    if (byTest.length === 0 && outside === 0) return [];
    const hits = byTest.reduce((sum, [, mutants]) => sum + (mutants[mutant.id] ?? 0), outside);
    const places = byTest.map(([place]) => Number(place));
    const tests: ChosenTests["tests"] = outside > 0 ? "all" : places;
    return [{ file, tests, hits, durationMs: covered.durationMs, distance: distance(mutant.file, file) }];
  });
  const sorted = found.toSorted((a, b) => a.distance - b.distance || a.durationMs - b.durationMs).slice(0, NEAREST);
  return {
    files: sorted.map(({ file, tests }) => ({ file, tests })),
    durationMs: sorted.reduce((sum, { durationMs }) => sum + durationMs, 0),
    hits: Math.max(0, ...sorted.map(({ hits }) => hits)),
  };
}

/** 0 for the test that mirrors the file, then its folder, its room, and others. */
function distance(file: string, testFile: string): number {
  const mirror = file.replace(/^lib/, "test").replace(/\.ts$/, ".test.ts");
  if (testFile === mirror) return 0;
  if (dirname(testFile) === dirname(mirror)) return 1;
  return testFile.split("/")[1] === mirror.split("/")[1] ? 2 : 3;
}
