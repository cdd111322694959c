// Runs the tests: `npm test`, or `npm test -- test/kube/x.test.ts`. Arguments are test files and flags of tap.
// With --ids it is those that say which requirement they are about, and their results come as a table at the end.
// One control plane for all of them, built if need be; the last line is the true result. A run of all tests also says what
// they cover, and fails below the floor of coverage-floor.json.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { sharedControlPlaneVariable, startControlPlane } from "./control-plane/start.ts";
import coveredFiles from "./coverage-map.ts";
import { judgeCoverage, totalCoverage } from "./coverage.ts";
import type { Coverage, CoverageSummary } from "./coverage.ts";
import { requirementTests, resultLines, type RanTest } from "../scripts/docs/requirements.ts";
import { tapResults } from "./results.ts";
import type { Counts, FileResult } from "./results.ts";

const checkout = join(import.meta.dirname, "..");
const tap = fileURLToPath(new URL("run.mjs", import.meta.resolve("tap")));

const patienceMs = 2000;
/** By the exit code that each stands for. */
const interruptions = new Map<number, NodeJS.Signals>([
  [130, "SIGINT"],
  [143, "SIGTERM"],
  [129, "SIGHUP"],
]);

async function main(): Promise<number> {
  const wantsIds = process.argv.includes("--ids");
  const argv = process.argv.slice(2).filter((argument) => argument !== "--ids");
  if (wantsIds && argv.every((argument) => argument.startsWith("-"))) argv.push(...filesOfRequirements());
  const flags = argv.filter((argument) => argument.startsWith("-"));
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  let exitCode = 0;
  try {
    const files = chosenFiles(argv);
    const isWhole = !argv.some((argument) => !argument.startsWith("-"));
    const runs = tapRuns(files, flags, isWhole);
    await buildTap();
    const controlPlane = await startControlPlane();
    try {
      for (const run of runs) {
        const [found, code] = await runTap(run, {
          [sharedControlPlaneVariable]: controlPlane.descriptionFile,
          // A test that forgets to say which cluster it means must not reach the developer's own.
          KUBECONFIG: devNull,
        });
        counts = sumOf(counts, found);
        exitCode ||= code;
        if (interruptions.has(code)) break;
      }
    } finally {
      await controlPlane.stop();
    }
    if (isWhole && !checkCoverage()) counts.failed += 1;
    if (wantsIds) process.stdout.write(`${resultLines(ran).join("\n")}\n`);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    exitCode ||= 1;
  }
  if (exitCode !== 0 || counts.passed === 0) counts.failed = Math.max(counts.failed, 1);
  if (counts.skipped > 0) process.stdout.write(`${counts.skipped} skipped\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return counts.failed > 0 ? Math.max(exitCode, 1) : exitCode;
}

const filesOfRequirements = () => [...new Set([...requirementTests(checkout).values()].flat().map(({ file }) => file))];

/** All tests of the run, for --ids. */
const ran: RanTest[] = [];

/** Prints what the tests cover; false when it is below the floor. */
function checkCoverage(): boolean {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(checkout, path), "utf8"));
  const paths = globSync("lib/**/*.ts", { cwd: checkout }).map((path) => join(checkout, path));
  const coverage = totalCoverage(
    read(".tap/report/coverage-summary.json") as CoverageSummary,
    new Map(paths.map((path) => [path, readFileSync(path, "utf8")])),
  );
  const { lines, isBelow } = judgeCoverage(coverage, read("test/coverage-floor.json") as Coverage);
  process.stdout.write(`${lines.join("\n")}\n`);
  return !isBelow;
}

/** Relative to the checkout, which is how tap names them. */
function chosenFiles(argv: readonly string[]): string[] {
  const named = argv.filter((argument) => !argument.startsWith("-"));
  const patterns = named.length === 0 ? ["test/**/*.test.ts"] : named.map(asPattern);
  const found = patterns.map((pattern) => globSync(pattern, { cwd: checkout }));
  const missing = patterns.filter((_, index) => found[index]?.length === 0);
  if (missing.length > 0) throw new Error(`no test file at ${missing.join(", ")}`);
  return [...new Set(found.flat())].toSorted();
}

function asPattern(argument: string): string {
  const path = relative(checkout, argument);
  if (path.endsWith(".ts")) return path;
  return join(path, "**/*.test.ts");
}

/** tap compiles its plugins into itself once per installation, and the run in which it does so fails. */
async function buildTap(): Promise<void> {
  const stamp = join(checkout, "node_modules", ".tap-build");
  const wanted = `${tap}\n${readFileSync(join(checkout, ".taprc"), "utf8")}`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("building tap with its plugins, once\n");
  const [code]: unknown[] = await once(
    spawn(process.execPath, [tap, "build"], { cwd: checkout, stdio: "inherit" }),
    "exit",
  );
  if (code !== 0) throw new Error("tap build failed; is the installation complete? Try: npm ci");
  writeFileSync(stamp, wanted);
}

interface TapRun {
  files: readonly string[];
  flags: readonly string[];
  environment?: Readonly<Record<string, string>>;
}

/**
 * Measuring what is covered takes up to a third more of a processor: unless the flags say otherwise, it is measured in a run of
 * all tests, and only for the files that are to cover something.
 */
function tapRuns(files: readonly string[], flags: readonly string[], isWhole: boolean): TapRun[] {
  if (flags.some((flag) => flag.includes("coverage"))) return [{ files, flags }];
  const covers = (file: string) => isWhole && globSync(coveredFiles(file), { cwd: checkout }).length > 0;
  const withoutCoverage = {
    flags: [...flags, "--disable-coverage"],
    // A command that starts from its sources does so in half of the time. What is covered would be less exact.
    environment: { NODE_COMPILE_CACHE: join(checkout, "node_modules", ".cache", "compiled") },
  };
  return [
    { files: files.filter((file) => covers(file)), flags },
    { files: files.filter((file) => !covers(file)), ...withoutCoverage },
  ].filter((run) => run.files.length > 0);
}

const sumOf = (one: Counts, other: Counts): Counts => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

async function runTap(
  { files, flags, environment }: TapRun,
  shared: Readonly<Record<string, string>>,
): Promise<[Counts, number]> {
  const results = tapResults(files, show);
  const child = spawn(process.execPath, [tap, "run", "--reporter=tap", ...flags, ...files], {
    cwd: checkout,
    env: { ...process.env, ...shared, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const interrupted = passOnSignals(child);
  child.stdout.on("data", (chunk: Buffer) => results.write(chunk));
  const [code]: unknown[] = await once(child, "close");
  return [results.end(), interrupted() || (typeof code === "number" ? code : 1)];
}

/**
 * An interruption ends tap and all test files, which are one process group, at once if they do not end by
 * themselves. Returns the exit code that it stands for, 0 as long as there was none.
 */
function passOnSignals(child: ChildProcess): () => number {
  const { pid } = child;
  let exitCode = 0;
  const send = (signal: NodeJS.Signals) => {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // They have ended already.
    }
  };
  for (const [code, signal] of interruptions) {
    const passOn = () => {
      send(exitCode === 0 ? "SIGINT" : "SIGKILL");
      exitCode = code;
      setTimeout(send, patienceMs, "SIGKILL").unref();
    };
    process.on(signal, passOn);
    child.once("close", () => process.off(signal, passOn));
  }
  return () => exitCode;
}

function show({ file, passed, failed, skipped, durationMs, failures, tests }: FileResult): void {
  ran.push(...tests.map((test) => ({ file, ...test })));
  const skips = skipped === 0 ? "" : `, ${skipped} skipped`;
  const seconds = (durationMs / 1000).toFixed(1);
  process.stdout.write(
    `${failed > 0 ? "FAIL" : "ok  "} ${file}  ${passed} passed, ${failed} failed${skips}  ${seconds} s\n`,
  );
  for (const failure of failures) process.stdout.write(`     ${failure.replaceAll("\n", "\n     ")}\n`);
}

process.exitCode = await main();
