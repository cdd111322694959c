// Every fault at every request of every command that changes something: hours.
//   node test/faults/all.ts --part 1/25
import { parseArgs } from "node:util";
import t from "tap";
import { printFigure } from "../long/figures.ts";
import { allPositions } from "./matrix.ts";
import { runRings, startBench } from "./run-matrix.ts";

const { values } = parseArgs({ options: { part: { type: "string", default: "1/1" } } });
const [part = 1, parts = 1] = values.part.split("/").map(Number);
const isChosen = (index: number) => index % parts === part - 1;

t.setTimeout(6 * 3_600_000);
const changes = await runRings(t, await startBench(t), allPositions, isChosen);
printFigure("faults", changes.faults);
printFigure("ended as without a fault", changes.done);
printFigure("ended by the same command again", changes.again);
printFigure("ended before anything was stored", changes.untouched);
