// The jobs of `npm run test:long`. A job is cut into parts, each a process of its own that ends with 0 when all is well: a
// run that was stopped goes on with the first part that has not ended. To add a job: one entry here.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { countedTests, parseFigures, saidNumber, type Figures } from "./figures.ts";

const root = join(import.meta.dirname, "../..");

export interface Job {
  name: string;
  /** A sentence for docs/reliability.md. */
  proves: string;
  parts: readonly Part[];
  /** What the output of a part says beside its lines `figure NAME: VALUE`. */
  figures?: (output: string) => Figures;
}

export interface Part {
  /** Unique in its job. */
  name: string;
  /** For Node.js, in the root of the checkout: a file and its arguments. */
  words: readonly string[];
  env?: Readonly<Record<string, string>>;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const testRun = (...files: string[]): string[] => ["test/run.ts", ...files];
const long = { KUBECTL_MIRRORD_LONG: "1" };

/** The test files that start something of the control plane, or wait for it. */
export function clusterTests(): string[] {
  const waits =
    /\b(startControlPlane|sharedControlPlane|startExampleCluster|startEmptyCluster|startPermissionsCluster|startBench|until)\(/;
  return globSync("test/**/*.test.ts", { cwd: root })
    .filter((file) => waits.test(readFileSync(join(root, file), "utf8")))
    .toSorted();
}

const REPEATS = 20;
const SEEDS = 4;
const PERMISSION_PARTS = 10;
const STRESS_PARTS = 8;
/** In memory, by what they are about. */
const STORMS = { everything: 1000, collections: 4000, teams: 2000 };
/** One for each ring of commands. */
const FAULT_PARTS = 25;
/** Those whose commands send a hundred requests or more are cut, so that little is lost where a run is stopped. */
const FAULT_SLICES: Readonly<Record<number, number>> = { 8: 3, 11: 3, 22: 3, 23: 2, 24: 2, 25: 10 };

export const jobs: readonly Job[] = [
  {
    name: "permissions",
    proves:
      "Each command sends exactly the requests that docs/permissions.md lists, and works with exactly those rights; with one right less it says which one it lacks.",
    parts: numbers(PERMISSION_PARTS).map((part) => ({
      name: `part ${part}`,
      words: ["test/permissions/permissions.test.ts"],
      env: { ...long, KUBECTL_MIRRORD_PART: `${part}/${PERMISSION_PARTS}` },
    })),
    figures: (output) => ({ "rights taken away": saidNumber(output, /one right less (\d+) times/) }),
  },
  {
    name: "hostile",
    proves: "No input of a reader makes it crash, hang, or print what a terminal would obey.",
    parts: ["objects", "readers"].map((name) => ({
      name,
      words: [`test/hostile/${name}.test.ts`],
      env: { HOSTILE_COUNT: "10000", TAP_TIMEOUT: "0", ...long },
    })),
  },
  {
    name: "rbac",
    proves:
      "The authorizer answers as the real API server's: for questions, and for which writes of RBAC objects it takes.",
    parts: numbers(SEEDS).map((seed) => ({
      name: `seed ${seed}`,
      words: ["test/rbac/differential.ts", "--seed", String(seed), "--count", "25000", "--writes", "1500"],
    })),
    figures: (output) => ({
      questions: saidNumber(output, /^seed \d+: (\d+) questions, /m),
      "writes of RBAC objects": saidNumber(output, /^seed \d+: (\d+) writes, /m),
      disagreements: saidNumber(output, / questions, .* (\d+) disagreements, /),
      "wrong predictions of writes": saidNumber(output, / writes, .* (\d+) wrong predictions, /),
    }),
  },
  {
    name: "who can",
    proves:
      "`audit who-can` and `audit matrix` name exactly those whom a real API server allows all requests of a session, in worlds of random roles and bindings.",
    parts: numbers(SEEDS).map((part) => ({
      name: `seeds from ${part * 1000}`,
      words: testRun("test/e2e/audit-sessions-random.test.ts"),
      env: { KUBECTL_MIRRORD_ROUNDS: "25", KUBECTL_MIRRORD_SEED: String(part * 1000) },
    })),
    figures: countedTests,
  },
  {
    name: "concurrency",
    proves:
      "What 20 administrators leave who grant, revoke, sync, and move teams and collections at once for a minute is what one after the other would have left, with no orphans and no drift.",
    parts: numbers(SEEDS).map((seed) => ({
      name: `seed ${seed}`,
      words: ["test/long/concurrency.ts", "--seconds", "60", "--administrators", "20", "--seed", String(seed)],
    })),
  },
  {
    name: "at once",
    proves:
      "Two or three random commands at the same time, whose requests take turns by chance, leave and say what some order of them does; five administrators with four commands each leave what some order of theirs does (in memory).",
    parts: [
      ...numbers(SEEDS).map((part) => ({
        name: `seeds from ${part * 1000}`,
        words: ["test/long/at-once.ts", String(part * 1000), String(part * 1000 + 250)],
        env: { TAP_TIMEOUT: "0" },
      })),
      ...Object.entries(STORMS).map(([mix, count]) => ({
        name: `storms about ${mix}`,
        words: ["test/long/storms.ts", mix, "0", String(count)],
        env: { TAP_TIMEOUT: "0" },
      })),
    ],
  },
  {
    name: "faults",
    proves:
      "Whatever goes wrong at any request of a command that changes something, and wherever among its writes its process is killed or interrupted, it ends as it would have without, or says what is done and what is not, and the same command again finishes; nothing is given or taken that was not requested. One that only reads gives the same answer, or says what it could not read.",
    parts: numbers(FAULT_PARTS).flatMap((part) => {
      const words = ["test/faults/all.ts", "--part", `${part}/${FAULT_PARTS}`];
      const slices = FAULT_SLICES[part] ?? 1;
      if (slices === 1) return [{ name: `part ${part}`, words }];
      return numbers(slices).map((slice) => ({
        name: `part ${part}, slice ${slice}`,
        words: [...words, "--slice", `${slice}/${slices}`],
      }));
    }),
  },
  {
    name: "load",
    proves:
      "At 10,000 namespaces, 50,000 bindings and 10,000 sessions every command that reads ends within a minute of a processor and 1,500 MiB, and takes at most 12 times what it takes at a tenth of the size, beyond what a start costs.",
    parts: [{ name: "all", words: ["test/bench/large.ts", "--namespaces", "10000"] }],
  },
  {
    name: "soak",
    proves:
      "`grant sync --watch` and `session watch` miss no change in half an hour of random ones, and their memory does not grow.",
    parts: [{ name: "all", words: ["test/long/soak.ts", "--minutes", "30"] }],
  },
  {
    name: "repeats",
    proves: `The tests that wait for a cluster pass ${REPEATS} times in a row.`,
    parts: numbers(REPEATS).map((round) => ({ name: `round ${round}`, words: testRun(...clusterTests()) })),
    figures: countedTests,
  },
  {
    name: "mutation",
    proves:
      "A change to the code that decides on access is noticed: a sample of 400 changes of it, one at a time, with the nearest of the tests that need no cluster. The sample is one that no test was written for.",
    parts: [{ name: "seed 3", words: ["test/mutation/run.ts", "--sample", "400", "--seed", "3"] }],
    figures: (output) => ({
      seed: "3",
      "changes tried": saidNumber(output, /^mutants: \d+ of (\d+) killed/m),
      "noticed, %": saidNumber(output, /^mutants: .* killed, ([\d.]+) %/m),
      "of all changes, % (95 % interval)": /of all \d+, ([\d.]+ to [\d.]+) %/.exec(output)?.[1] ?? "",
    }),
  },
  {
    name: "stress",
    proves: "The tests that wait for a cluster pass while eight other processes want the processors.",
    parts: numbers(STRESS_PARTS).map((part) => ({
      name: `part ${part}`,
      words: [
        "test/long/stress.ts",
        "8",
        ...testRun(...clusterTests().filter((_, index) => index % STRESS_PARTS === part - 1)),
      ],
    })),
    figures: countedTests,
  },
];

/** What a part measured; NaN or an empty text is what its output should have said and did not. */
export const partFigures = (job: Job, output: string): Figures => ({
  ...job.figures?.(output),
  ...parseFigures(output),
});
