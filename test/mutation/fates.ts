// What becomes of mutants: each is killed by a test, or survives all that reach it.
import { join } from "node:path";
import { testsReaching } from "./coverage.ts";
import type { MutantTests } from "./coverage.ts";
import { textHash } from "./instrument.ts";
import type { Mutant, Mutants } from "./instrument.ts";
import { inParallel, openBench, runWorker } from "./processes.ts";
import type { Bench, Silence } from "./processes.ts";
import type { ChosenTests, Coverage, Killed, Order, Verdict } from "./protocol.ts";
import { addRecord, readRecords } from "./records.ts";
import type { TestFile } from "./tests.ts";

export type Fate =
  | Killed
  /** It ends in no time, or ends the process. */
  | { outcome: "timeout" }
  | { outcome: "crash" }
  | { outcome: "survived" }
  /** No test reaches it. */
  | { outcome: "uncovered" };

/** For what neither ends nor waits. A machine may have a hundred times as much to do as it can. */
const patienceMs = 600_000;

/** Runs each test file once without a mutant, unless that is known. Throws for a test that fails so. */
export async function coverage(
  mutants: Mutants,
  tests: readonly TestFile[],
  jobs: number,
  progress: (text: string) => void,
): Promise<Map<string, Coverage>> {
  const records = join(mutants.folder, "coverage.jsonl");
  const known = readRecords<Coverage>(records);
  const missing = tests.filter(({ hash }) => !known.has(hash));
  let done = 0;
  await inParallel(missing, jobs, async ({ file, hash }) => {
    const answer = await runWorker(mutants, { files: [{ file, tests: "all" }] }, patienceMs);
    if (typeof answer === "string" || !("coverage" in answer) || !answer.coverage.passed)
      throw new Error(`${file} does not pass by itself: ${typeof answer === "string" ? answer : "a test fails"}`);
    known.set(hash, answer.coverage);
    addRecord(records, hash, answer.coverage);
    progress(`${(done += 1)} of ${missing.length} test files: what they reach`);
  });
  return new Map(
    tests.flatMap(({ file, hash }) => {
      const covered = known.get(hash);
      return covered === undefined ? [] : [[file, covered] as const];
    }),
  );
}

interface KnownFate {
  fate: Fate;
  /** The hash of the tests that showed it. */
  evidence: string;
}

/** Of each mutant, in the order given. Those are not run again that the same test would kill, or the same tests would not. */
export async function fates(
  mutants: Mutants,
  chosen: readonly Mutant[],
  covered: ReadonlyMap<string, Coverage>,
  { tests, jobs, progress }: { tests: readonly TestFile[]; jobs: number; progress: (text: string) => void },
): Promise<Fate[]> {
  const records = join(mutants.folder, "fates.jsonl");
  const known = readRecords<KnownFate>(records);
  const hashes = new Map(tests.map(({ file, hash }) => [file, hash]));
  const evidence = (fate: Fate, { files }: MutantTests) =>
    textHash((fate.outcome === "killed" ? [fate] : files).map(({ file }) => hashes.get(file) ?? ""));
  const result = new Map<string, Fate>();
  const benches = Array.from({ length: jobs }, () => openBench(mutants));
  let done = 0;
  const settle = async (mutant: Mutant, bench: Bench | undefined) => {
    const reaching = testsReaching(mutant, covered);
    const before = known.get(mutant.id);
    const isKnown = before !== undefined && before.evidence === evidence(before.fate, reaching);
    const fate = isKnown ? before.fate : await fateAmong(mutants, mutant, reaching, bench);
    if (!isKnown) addRecord(records, mutant.id, { fate, evidence: evidence(fate, reaching) });
    result.set(mutant.id, fate);
    progress(`${(done += 1)} of ${chosen.length} mutants`);
  };
  // Mutants of one file have the same tests to load.
  const byFile = Map.groupBy(chosen, ({ file }) => file);
  await inParallel([...byFile.values()], jobs, async (group, lane) => {
    for (const mutant of group) await settle(mutant, benches[lane]);
  });
  for (const bench of benches) bench.close();
  return chosen.flatMap(({ id }) => result.get(id) ?? []);
}

async function fateAmong(
  mutants: Mutants,
  { id }: Mutant,
  reaching: MutantTests,
  bench: Bench | undefined,
): Promise<Fate> {
  const order = { mutant: id, hitLimit: reaching.hits * 100 + 1000 };
  const timeoutMs = patienceMs + 10 * reaching.durationMs;
  if (reaching.files.length === 0) return { outcome: "uncovered" };
  const unsettled: ChosenTests[] = [];
  for (const chosen of reaching.files) {
    // What is reached when files are loaded needs a process that loads them with the mutant.
    const fate =
      chosen.tests === "all" || bench === undefined
        ? undefined
        : await bench.tryMutant({ ...order, file: chosen.file, tests: chosen.tests }, patienceMs);
    if (fate?.outcome === "killed") return fate;
    if (fate?.outcome !== "survived" || unsettled.length === 0) unsettled.push(chosen);
  }
  return fateInProcesses(mutants, { ...order, files: unsettled }, timeoutMs);
}

/** Each file in a process that no other mutant was in. */
async function fateInProcesses(mutants: Mutants, order: Order, timeoutMs: number): Promise<Fate> {
  let rest = order.files;
  while (rest.length > 0) {
    const verdict = await ask(mutants, { ...order, files: rest }, timeoutMs);
    if (verdict.outcome !== "unclear") return verdict;
    const place = rest.findIndex(({ file }) => file === verdict.file);
    const alone = await ask(mutants, { ...order, files: [{ file: verdict.file, tests: "all" }] }, timeoutMs);
    if (alone.outcome !== "survived" && alone.outcome !== "unclear") return alone;
    rest = rest.slice(place + 1);
  }
  return { outcome: "survived" };
}

async function ask(mutants: Mutants, order: Order, timeoutMs: number): Promise<Verdict | { outcome: Silence }> {
  const answer = await runWorker(mutants, order, timeoutMs);
  if (typeof answer === "string") return { outcome: answer };
  return "verdict" in answer ? answer.verdict : { outcome: "crash" };
}
