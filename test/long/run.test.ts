import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { combineFigures, countedTests, parseFigures, unreadFigures, type JobFigures } from "./figures.ts";
import { clusterTests, jobs, partFigures, type Job } from "./jobs.ts";
import { runPart } from "./run-part.ts";
import { jobFigures, partKey, readState, recordFinished, remainingParts } from "./state.ts";

const evaluated = (name: string, source: string) => ({ name, words: ["-e", source] });
const job: Job = {
  name: "sample",
  proves: "Nothing.",
  parts: [
    evaluated("one", "console.log('figure requests: 40\\nfigure peak memory, MiB: 90\\nfigure seed: 7')"),
    evaluated("two", "console.log('figure requests: 2\\nfigure peak memory, MiB: 80\\nfigure seed: 8')"),
  ],
};

t.test("a run that was stopped goes on with what has not ended, and the figures are those of all parts", async (t) => {
  const file = join(t.testdir(), "cache/state.json");
  const state = readState(file, "tree");
  t.same(remainingParts(job, state), job.parts);
  t.equal(jobFigures(job, state, "a machine"), undefined);
  for (const part of job.parts) {
    t.equal(remainingParts(job, readState(file, "tree"))[0], part);
    const { isWell, finished } = await runPart(job, part, t.testdirName);
    t.ok(isWell);
    recordFinished(file, "tree", partKey(job, part), finished);
    t.equal(
      jobFigures(job, readState(file, "tree"), "a machine")?.lacks,
      part === job.parts[0] ? "1 of 2 parts have ended well, and these figures are theirs." : undefined,
    );
  }
  t.same(remainingParts(job, readState(file, "tree")), []);
  t.same(remainingParts(job, readState(file, "another tree")), job.parts, "of other sources nothing has ended");
  const figures = jobFigures(job, readState(file, "tree"), "a machine");
  t.match(figures, { machine: "a machine", date: /^\d{4}-\d\d-\d\d$/ });
  t.same(figures?.figures, { requests: 42, "peak memory, MiB": 90, seed: 15 });
  writeFileSync(file, "{");
  t.same(readState(file, "tree").finished, {}, "a broken file is none");
});

t.test("a part that fails has not ended, whatever it printed", async (t) => {
  const part = evaluated("bad", "console.log('figure requests: 1'); process.exit(3)");
  const { isWell, finished } = await runPart(job, part, t.testdir({}));
  t.notOk(isWell);
  t.same(finished.figures, {});
});

t.test("a part whose figures cannot be read has not ended well, and nothing of it is kept", async (t) => {
  const cases: { said: string; reads?: Job["figures"]; unread: string[] }[] = [
    { said: "", unread: ["all of them"] },
    { said: "figure requests: 1\nfigure share: NaN", unread: ["share"] },
    { said: "figure requests: undefined", unread: ["requests"] },
    {
      said: "figure requests: 1",
      reads: () => ({ questions: Number.NaN, interval: "" }),
      unread: ["questions", "interval"],
    },
    { said: "3 passed, 1 failed", reads: countedTests, unread: ["tests passed"] },
  ];
  const folder = t.testdir({});
  for (const { said, reads, unread } of cases) {
    const part = evaluated("bad", `console.log(${JSON.stringify(said)})`);
    const ran = await runPart({ ...job, ...(reads === undefined ? {} : { figures: reads }) }, part, folder);
    t.match(ran, { isWell: false, unread, finished: { figures: {} } }, said);
    t.same(ran.finished.figures, {}, said);
  }
});

t.test("what a job reads in an output of another form is not a figure", async (t) => {
  for (const found of jobs.filter(({ figures }) => figures !== undefined))
    t.not(unreadFigures(found.figures?.("1 passed, 2 failed\n") ?? {}).length, 0, found.name);
});

t.test("figures: numbers are added or the largest counts, texts are kept once", async (t) => {
  t.same(parseFigures("x\nfigure a b: 1.5\nfigure plan: slow: 3\nno figure c: 1\n"), { "a b": 1.5, "plan: slow": 3 });
  t.same(parseFigures("# figure inputs: 2\n# figure inputs: 3\n    # figure inputs: 9\n"), { inputs: 5 });
  for (const [name, values, expected] of [
    ["requests", [1, 2, 3], 6],
    ["most requests", [1, 5, 3], 5],
    ["peak memory", [9, 5], 9],
    ["seeds", ["a", "b", "a"], "a, b"],
  ] as const)
    t.same(combineFigures(values.map((value) => ({ [name]: value }))), { [name]: expected }, name);
  t.same(countedTests("3 passed, 0 failed\n12 passed, 0 failed\n"), { "tests passed": 12 });
  t.same(countedTests("3 passed, 1 failed\n"), { "tests passed": Number.NaN });
});

t.test("every job has a name of its own and parts whose files are there", async (t) => {
  t.equal(new Set(jobs.map(({ name }) => name)).size, jobs.length);
  for (const { name, parts, proves } of jobs) {
    t.match(proves, /\.$/);
    t.ok(parts.length > 0);
    t.equal(new Set(parts.map((part) => part.name)).size, parts.length, name);
    const files = new Set(parts.flatMap(({ words }) => words.filter((word) => word.startsWith("test/"))));
    t.same(
      [...files].filter((file) => !existsSync(join(import.meta.dirname, "../..", file))),
      [],
      name,
    );
  }
  t.ok(clusterTests().includes("test/e2e/grant-live.test.ts"));
  const rbac = jobs.find(({ name }) => name === "rbac");
  const said =
    "seed 3: 25000 questions, 47.0 % yes, 2 disagreements, 9 s\nseed 3: 1500 writes, 50.0 % allowed, 1 wrong predictions, 9 s\n";
  t.same(rbac && partFigures(rbac, said), {
    questions: 25_000,
    "writes of RBAC objects": 1500,
    disagreements: 2,
    "wrong predictions of writes": 1,
  });
});

t.test("the command lists its jobs, and refuses what is none", async (t) => {
  const state = join(t.testdir(), "state.json");
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, "run.ts"), "--state", state, ...words], {
      encoding: "utf8",
    });
  t.match(run("--list"), { status: 0, stdout: /^rbac +0 of 4 parts have ended$/m });
  t.match(run("nothing"), { status: 2, stderr: /^error: no job nothing; there are / });
});

t.test("the figures that are kept are about jobs that there are", async (t) => {
  const kept = JSON.parse(readFileSync(join(import.meta.dirname, "figures.json"), "utf8")) as Record<
    string,
    JobFigures
  >;
  const names = new Set(jobs.map(({ name }) => name));
  t.same(
    Object.keys(kept).filter((name) => !names.has(name)),
    [],
  );
});
