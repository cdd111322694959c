// A process of the mutation run: loads test files one after the other and runs the tests that it is told to, with one
// mutant switched on, until one fails. Without a mutant it says which mutants each test of a file reaches.
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import t from "tap";
import { checkoutVariable } from "./protocol.ts";
import type { Answer, ChosenTests, Coverage, Order, Trial, Verdict } from "./protocol.ts";

const checkout = process.env[checkoutVariable] ?? "";

/** What Stryker's switches look at. */
interface Switches {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}
const switches: Switches = {};
Object.assign(globalThis, { __stryker__: switches });

type TestBody = (t: object) => unknown;
type RunTest = (name: string, ...rest: (object | TestBody)[]) => Promise<{ ok: boolean } | null>;
const root = t as unknown as { test: RunTest; passing(): boolean };
const runTest = root.test.bind(t);

/** Called with each test at the top of a file, in the order of the file. */
type OnTest = (place: number, name: string, rest: readonly (object | TestBody)[]) => Promise<unknown>;

/** Resolves when all tests of the file have ended. They run one after the other, as tap runs them. */
async function loadTests(file: string, onTest: OnTest): Promise<void> {
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();
  root.test = (name, ...rest) => {
    const place = count++;
    const ended = last.then(() => onTest(place, name, rest));
    last = ended;
    return ended.then(() => null);
  };
  await import(join(checkout, file));
  let awaited: unknown;
  while (awaited !== last) {
    awaited = last;
    await last;
  }
}

async function cover({ file }: ChosenTests): Promise<Coverage> {
  const start = performance.now();
  await loadTests(file, async (place, name, rest) => {
    const body = rest.at(-1);
    const marked = async (sub: object) => {
      switches.currentTestId = String(place);
      try {
        return await (body as TestBody)(sub);
      } finally {
        switches.currentTestId = undefined;
      }
    };
    await runTest(name, ...(typeof body === "function" ? [...rest.slice(0, -1), marked] : rest));
  });
  const { static: outside = {}, perTest: byTest = {} } = switches.mutantCoverage ?? {};
  return { passed: root.passing(), durationMs: Math.round(performance.now() - start), outside, byTest };
}

async function judge({ mutant, hitLimit, files }: Order): Promise<Verdict> {
  for (const [index, { file, tests }] of files.entries()) {
    Object.assign(switches, { activeMutant: mutant, hitCount: 0, hitLimit });
    let verdict: Verdict | undefined;
    await loadTests(file, async (place, name, rest) => {
      if (verdict !== undefined || (tests !== "all" && !tests.includes(place))) return;
      if ((await runTest(name, ...rest))?.ok !== false) return;
      // Whole and by itself, the file is known to pass; otherwise a test may miss what others leave it.
      const isSure = (tests === "all" && index === 0) || (await passesWithout(name, rest));
      verdict = isSure ? { outcome: "killed", file, by: name } : { outcome: "unclear", file };
    }).catch((error: unknown) => {
      // None of these files throws by itself.
      verdict = { outcome: "killed", file, by: `loading it: ${String(error).split("\n")[0]}` };
    });
    if (verdict !== undefined) return verdict;
    if (!root.passing()) return { outcome: "killed", file, by: "outside of tests" };
  }
  return { outcome: "survived" };
}

async function passesWithout(name: string, rest: readonly (object | TestBody)[]): Promise<boolean> {
  switches.activeMutant = undefined;
  return (await runTest(name, ...rest))?.ok !== false;
}

async function answer(order: Order): Promise<Answer> {
  const [file] = order.files;
  if (order.mutant === undefined) return { coverage: await cover(file ?? { file: "", tests: [] }) };
  return { verdict: await judge(order) };
}

interface LoadedTest {
  name: string;
  rest: readonly (object | TestBody)[];
}

const loaded = new Map<string, LoadedTest[]>();

/** Loads a file once, and keeps its tests for whichever mutants they are to be run with. */
async function testsIn(file: string): Promise<LoadedTest[]> {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const found: LoadedTest[] = [];
  await loadTests(file, async (place, name, rest) => {
    found[place] = { name, rest };
  });
  loaded.set(file, found);
  return found;
}

/**
 * What earlier mutants left in this process is not to count: a mutant is killed by a test that fails with it, passes without
 * it, and fails with it again.
 */
async function tryMutant({ file, tests, mutant, hitLimit }: Trial): Promise<Verdict> {
  const all = await testsIn(file);
  for (const place of tests) {
    const { name, rest } = all[place] ?? { name: "", rest: [] };
    const passesWith = async (activeMutant: string | undefined) => {
      Object.assign(switches, { activeMutant, hitCount: 0, hitLimit });
      return (await runTest(name, ...rest))?.ok !== false;
    };
    if (await passesWith(mutant)) continue;
    const isSure = (await passesWith(undefined)) && !(await passesWith(mutant));
    return isSure ? { outcome: "killed", file, by: name } : { outcome: "unclear", file };
  }
  return { outcome: "survived" };
}

/** Seconds in which nothing happens in this process: what it waits for does not come. Time alone says nothing on a busy machine. */
const IDLE_SECONDS = 8;

/** For tests that a mutant keeps from ending. */
function watchIdling(onIdle: () => void): () => void {
  let before = performance.eventLoopUtilization();
  let idle = 0;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    idle = performance.eventLoopUtilization(now, before).utilization < 0.05 ? idle + 1 : 0;
    before = now;
    if (idle >= IDLE_SECONDS) onIdle();
  }, 1000);
  return () => clearInterval(timer);
}

process.on("message", (message: Order | Trial) => {
  if (!("files" in message)) {
    // Whether the mutant is why is found out in a process of its own.
    const stop = watchIdling(() => process.exit(1));
    void tryMutant(message).then((verdict) => {
      stop();
      process.send?.({ verdict } satisfies Answer);
    });
    return;
  }
  const [{ file } = { file: "" }] = message.files;
  const verdict: Verdict = { outcome: "killed", file, by: "never ending" };
  if (message.mutant !== undefined)
    watchIdling(() => process.send?.({ verdict } satisfies Answer, () => process.exit(0)));
  void answer(message).then((answered) => process.send?.(answered, () => process.exit(0)));
});
