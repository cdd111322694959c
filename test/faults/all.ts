// Every fault at every request of every command, and kill -9 and Ctrl-C at every write: hours.
//   node test/faults/all.ts --part 1/25
//   node test/faults/all.ts --part 25/25 --slice 1/10
import { parseArgs } from "node:util";
import t from "tap";
import { printFigure } from "../long/figures.ts";
import { everyWrite, killTrial } from "./kills.ts";
import { faultTrial } from "./matrix.ts";
import { allPositions, type Positions } from "./positions.ts";
import { runAllReads, runRings, startBench } from "./run-matrix.ts";

const share = { type: "string", default: "1/1" } as const;
const { values } = parseArgs({ options: { part: share, slice: share } });
const [part = 1, parts = 1] = values.part.split("/").map(Number);
const [slice = 1, slices = 1] = values.slice.split("/").map(Number);
/** By its place among the requests of a command, or among its writes. */
const isInSlice = (at: number) => (at - 1) % slices === slice - 1;
const positions: Positions = (...step) => allPositions(...step).filter(isInSlice);
const isChosen = (index: number) => index % parts === part - 1;

t.setTimeout(6 * 3_600_000);
const bench = await startBench(t);
const changes = await runRings(t, bench, faultTrial(positions), isChosen);
const kills = await runRings(
  t,
  bench,
  killTrial((count) => everyWrite(count).filter(({ at }) => isInSlice(at))),
  isChosen,
);
const reads = await runAllReads(t, bench, positions, isChosen);
printFigure("faults of commands that change something", changes.faults);
printFigure("ended as without a fault", changes.done);
printFigure("ended by the same command again", changes.again);
printFigure("ended before anything was stored", changes.untouched);
printFigure("processes killed or interrupted at a write", kills.faults);
printFigure("faults of commands that only read", reads.faults);
