// The tests that take too long for `npm test`:
//   npm run test:long [-- JOB…] [--list] [--fresh] [--parallel N] [--state FILE] [--figures FILE]
// A run that was stopped goes on where it was, as long as lib/ and plugins/ are the same; --fresh begins anew. With
// --parallel so many parts of a job run at the same time, and what each prints comes when it has ended. The figures of what
// has ended well go to test/long/figures.json, of which `npm run docs` makes docs/reliability.md.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine, type JobFigures } from "./figures.ts";
import { jobs, type Job, type Part } from "./jobs.ts";
import { runPart } from "./run-part.ts";
import { jobFigures, partKey, readState, recordFinished, remainingParts, writeJson } from "./state.ts";

const root = join(import.meta.dirname, "../..");
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kubectl-mirrord");

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      parallel: { type: "string", default: "1" },
      state: { type: "string", default: join(cache, "long-tests.json") },
      figures: { type: "string", default: join(root, "test/long/figures.json") },
    },
  });
  const unknown = positionals.filter((name) => !jobs.some((job) => job.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`error: no job ${unknown.join(", ")}; there are ${jobs.map(({ name }) => name).join(", ")}\n`);
    return 2;
  }
  const parallel = Number(values.parallel);
  if (!Number.isInteger(parallel) || parallel < 1) {
    process.stderr.write(`error: --parallel takes a number from 1, not ${values.parallel}\n`);
    return 2;
  }
  if (values.fresh) rmSync(values.state, { force: true });
  const chosen = jobs.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  if (values.list) return list(chosen, values.state);
  let failed = 0;
  // Of now: somebody may edit them while the jobs run.
  const tested = sources();
  for (const job of chosen)
    failed += await runJob(job, tested, parallel, { stateFile: values.state, figuresFile: values.figures });
  process.stdout.write(
    failed === 0 ? "all jobs have ended well\n" : `${failed} parts failed: the next run tries them again\n`,
  );
  return failed === 0 ? 0 : 1;
}

/** Git's hash of the sources that are tested, and whether something in them is not committed. */
function sources(): string {
  const git = (...words: string[]) => execFileSync("git", words, { cwd: root, encoding: "utf8" });
  const trees = ["lib", "plugins"].map((folder) => git("rev-parse", `HEAD:${folder}`).trim());
  return [...trees, ...(git("diff", "HEAD", "--stat", "--", "lib", "plugins") === "" ? [] : ["changed"])].join(" ");
}

function list(chosen: readonly Job[], stateFile: string): number {
  const state = readState(stateFile, sources());
  for (const job of chosen) {
    const remaining = remainingParts(job, state).length;
    process.stdout.write(
      `${job.name.padEnd(14)}${job.parts.length - remaining} of ${job.parts.length} parts have ended\n`,
    );
  }
  return 0;
}

interface RunFiles {
  stateFile: string;
  figuresFile: string;
}

/** How many parts failed. */
async function runJob(job: Job, tested: string, parallel: number, files: RunFiles): Promise<number> {
  let failed = 0;
  const waiting = [...remainingParts(job, readState(files.stateFile, tested))];
  const run = async (part: Part) => {
    process.stdout.write(`== ${partKey(job, part)}\n`);
    const { isWell, unread, finished, output } = await runPart(job, part, root, { isShown: parallel === 1 });
    if (parallel > 1) process.stdout.write(output);
    process.stdout.write(`${isWell ? "ok  " : "FAIL"} ${partKey(job, part)}  ${finished.seconds.toFixed(0)} s\n`);
    if (unread.length > 0) process.stdout.write(`     its figures cannot be read: ${unread.join(", ")}\n`);
    if (!isWell) failed += 1;
    else {
      recordFinished(files.stateFile, tested, partKey(job, part), finished);
      recordFigures(job, tested, files);
    }
  };
  const worker = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) await run(part);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return failed;
}

/** Those of a part of a run do not take the place of those of a whole one. */
function recordFigures(job: Job, tested: string, { stateFile, figuresFile }: RunFiles): void {
  const figures = jobFigures(job, readState(stateFile, tested), machine());
  const all = readFigures(figuresFile);
  const known = all[job.name];
  const isBetter = figures?.lacks === undefined || known === undefined || known.lacks !== undefined;
  if (figures !== undefined && isBetter) writeJson(figuresFile, { ...all, [job.name]: figures });
}

const readFigures = (file: string): Record<string, JobFigures> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, JobFigures>) : {};

process.exitCode = await main();
