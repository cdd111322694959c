// A process of the mutation run: loads test files one after the other and runs the tests that it is told to, with one
// mutant switched on, until one fails. Without a mutant it says which mutants each test of a file reaches.
import { join } from "node:path";
import t from "tap";
import { checkoutVariable } from "./protocol.ts";
import type { Answer, ChosenTests, Coverage, Order, Verdict } from "./protocol.ts";

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

process.once("message", (order: Order) => {
  void answer(order).then((answered) => process.send?.(answered, () => process.exit(0)));
});
