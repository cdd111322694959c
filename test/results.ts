// Reads what tap says (TAP 14, one subtest per file) and counts for itself: a file that crashes, times out, asserts
// nothing or is never heard of is a failure, whatever the exit code.
import { Parser } from "tap-parser";
import type { Result } from "tap-parser";

/** A test is a `t.test` at the top of a file, or an assertion outside of any. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface FileResult extends Counts {
  file: string;
  durationMs: number;
  /** One per failed assertion: its path of names, then its diagnostics. */
  failures: string[];
  /** The tests in it, also those within others, by their names. */
  tests: { name: string; result: "passed" | "failed" | "skipped" }[];
}

export interface TapResults {
  write(chunk: string | Buffer): void;
  /** Call once, when tap has ended. */
  end(): Counts;
}

/**
 * @param files the files that tap was told to run, as it names them
 * @param report called with each result as it is known
 */
export function tapResults(files: readonly string[], report: (result: FileResult) => void): TapResults {
  const totals: Counts = { passed: 0, failed: 0, skipped: 0 };
  const missing = new Set(files);
  let current: FileResult = emptyResult("");
  const finish = (result: FileResult) => {
    missing.delete(result.file);
    totals.passed += result.passed;
    totals.failed += result.failed;
    totals.skipped += result.skipped;
    report(result);
  };

  const parser = new Parser();
  parser.on("child", (file: Parser) => {
    current = emptyResult(file.name);
    const result = current;
    file.on("assert", (point: Result) => countTest(result, point));
    collectFailures(file, [], result.failures);
    collectTests(file, result.tests);
  });
  parser.on("assert", (point: Result) => {
    if (isTimeoutNotice(point)) return;
    const result = current.file === point.name ? current : emptyResult(point.name);
    current = emptyResult("");
    finish(closeFile(result, point));
  });

  return {
    write: (chunk) => void parser.write(chunk),
    end() {
      parser.end();
      for (const file of missing)
        finish({ ...emptyResult(file), failed: 1, failures: ["nothing was heard of it; was there a timeout before?"] });
      return totals;
    },
  };
}

function emptyResult(file: string): FileResult {
  return { file, passed: 0, failed: 0, skipped: 0, durationMs: 0, failures: [], tests: [] };
}

function countTest(result: Counts, point: Result): void {
  if (point.skip !== false || point.todo !== false) result.skipped += 1;
  else if (point.ok) result.passed += 1;
  else result.failed += 1;
}

/** An extra point of tap's for a file that timed out, beside the file's own; later files then go unheard. */
function isTimeoutNotice(point: Result): boolean {
  return !point.ok && point.name === "timeout!" && diagnostics(point.diag).includes("expired:");
}

/** What the file's own test point says beyond its tests. */
function closeFile(result: FileResult, point: Result): FileResult {
  result.durationMs = point.time ?? 0;
  if (!point.ok && result.failed === 0) {
    result.failed = 1;
    result.failures.push(`the file failed as a whole${diagnostics(point.diag)}`);
  } else if (result.passed + result.failed === 0) {
    result.failed = 1;
    result.failures.push("the file asserts nothing");
  }
  return result;
}

function collectFailures(parser: Parser, path: readonly string[], failures: string[]): void {
  parser.on("child", (child: Parser) => collectFailures(child, [...path, child.name], failures));
  parser.on("assert", (point: Result) => {
    const failed = !point.ok && point.skip === false && point.todo === false;
    // The point after a subtest repeats what is inside, where more is known.
    if (failed && !point.closingTestPoint) failures.push([...path, point.name].join(" > ") + diagnostics(point.diag));
  });
}

function collectTests(parser: Parser, tests: FileResult["tests"]): void {
  parser.on("child", (child: Parser) => collectTests(child, tests));
  parser.on("assert", (point: Result) => {
    const isLeftOut = point.skip !== false || point.todo !== false;
    if (point.closingTestPoint || isLeftOut)
      tests.push({ name: point.name, result: isLeftOut ? "skipped" : point.ok ? "passed" : "failed" });
  });
}

function diagnostics(diag: unknown): string {
  if (typeof diag !== "object" || diag === null) return "";
  return Object.entries(diag)
    .map(([key, value]: [string, unknown]) => `\n  ${key}: ${typeof value === "string" ? text(value) : inline(value)}`)
    .join("");
}

function text(value: string): string {
  const lines = value.trimEnd().split("\n");
  return lines.length === 1 ? value.trimEnd() : lines.map((line) => `\n    ${line}`).join("");
}

function inline(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
