// Mutation testing: `npm run mutation -- --sample 400 --seed 1` changes lib in 400 places, one at a time, and says how many
// of these changes a test notices. Without --sample it tries all mutants. A run that was stopped goes on where it was.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { coverage, fates } from "./fates.ts";
import { makeMutants } from "./instrument.ts";
import { mutationReport, readJudgements } from "./report.ts";
import { partition, sample } from "./sample.ts";
import { pureTests, quickRooms } from "./tests.ts";

const checkout = join(import.meta.dirname, "..", "..");

const { values } = parseArgs({
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    /** Only mutants of files whose paths begin so. */
    under: { type: "string", default: "lib/" },
    /** Whose tests are run. */
    rooms: { type: "string", default: quickRooms.join(",") },
    /** `2/3`: the second third of these mutants, so that several runs share the work; a run of all then knows what they found. */
    part: { type: "string", default: "1/1" },
    json: { type: "boolean", default: false },
  },
});

let said = "";
/** Each tenth of a step, on stderr. */
function progress(text: string): void {
  const [, done = "0", all = "1", what = ""] = /^(\d+) of (\d+) (.*)$/.exec(text) ?? [];
  const step = `${what} ${Math.floor((Number(done) / Number(all)) * 10)}`;
  if (step !== said) process.stderr.write(`${text}\n`);
  said = step;
}

const jobs = Number(values.jobs);
const mutants = await makeMutants(checkout);
const tests = pureTests(checkout, values.rooms.split(","));
const inScope = mutants.mutants.filter(({ file }) => file.startsWith(values.under));
const chosen = values.sample === undefined ? inScope : sample(inScope, Number(values.sample), Number(values.seed));
const mine = partition(chosen, values.part);
const covered = await coverage(mutants, tests, jobs, progress);
const found = await fates(mutants, mine, covered, { tests, jobs, progress });
const report = mutationReport(mine, found, { total: inScope.length, judgements: readJudgements() });
process.stdout.write(values.json ? `${JSON.stringify(report.figures)}\n` : `${report.lines.join("\n")}\n`);
process.exitCode = report.isBelow ? 1 : 0;
