// kill -9 and Ctrl-C in the middle of some commands, each kind of write among them. Every write of every command is a long test
// (all.ts).
import t from "tap";
import { killTrial, someWrites } from "./kills.ts";
import { runRings, startBench } from "./run-matrix.ts";

t.setTimeout(1_800_000);
const chosen = new Set(["a grant for some hours, extended", "a team that moves", "a policy"]);
const bench = await startBench(t);
const { faults, again } = await runRings(t, bench, killTrial(someWrites), (_, { name }) => chosen.has(name));
t.ok(faults > 15 && again > 5, `${faults} processes ended in the middle, ${again} times the same command finished`);
