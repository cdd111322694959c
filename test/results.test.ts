import t from "tap";
import { tapResults } from "./results.ts";
import type { Counts, FileResult } from "./results.ts";

/** What tap prints for one file: its tests, indented, and its own point. */
function file(name: string, inside: string[], point = `ok - ${name} # time=1500ms`): string {
  return [`# Subtest: ${name}`, ...inside.map((line) => `    ${line}`), point, ""].join("\n");
}

const passing = ["# Subtest: works", "    ok 1 - one", "    ok 2 - two", "    1..2", "ok 1 - works", "1..1"];
const failing = [
  "# Subtest: breaks",
  "    ok 1 - one",
  "    not ok 2 - two",
  "      ---",
  "      at: x.ts:3",
  "      diff: |",
  "        -1",
  "        +2",
  "      ...",
  "    1..2",
  "not ok 1 - breaks",
  "1..1",
];
const counts = (passed: number, failed: number, skipped = 0): Counts => ({ passed, failed, skipped });

const cases: { name: string; files: string[]; tap: string; want: Counts; failures?: string[] }[] = [
  {
    name: "a test with many assertions is one test",
    files: ["a"],
    tap: file("a", passing) + "1..1\n",
    want: counts(1, 0),
  },
  {
    name: "a failed assertion is shown with its path and diagnostics, once",
    files: ["a", "b"],
    tap: file("a", passing) + file("b", failing, "not ok 2 - b") + "1..2\n",
    want: counts(1, 1),
    failures: ["breaks > two\n  at: x.ts:3\n  diff: \n    -1\n    +2"],
  },
  {
    name: "assertions outside of tests count by themselves",
    files: ["a"],
    tap: file("a", ["ok 1 - x", "ok 2 - y", "1..2"]) + "1..1\n",
    want: counts(2, 0),
  },
  {
    name: "skipped and todo tests are neither passed nor failed",
    files: ["a"],
    tap: file("a", [...passing.slice(0, -1), "ok 2 - x # SKIP", "not ok 3 - y # TODO", "1..3"]) + "1..1\n",
    want: counts(1, 0, 2),
  },
  {
    name: "a file that crashes after its tests passed has failed",
    files: ["a"],
    tap: file("a", passing, "not ok 1 - a\n  ---\n  signal: SIGKILL\n  ...") + "1..1\n",
    want: counts(1, 1),
    failures: ["the file failed as a whole\n  signal: SIGKILL"],
  },
  {
    name: "a file without a test has failed, although tap says ok",
    files: ["a"],
    tap: file("a", ["1..0 # no tests found"], "ok 1 - a # SKIP no tests found") + "1..1\n",
    want: counts(0, 1),
    failures: ["the file asserts nothing"],
  },
  {
    name: "a file with nothing but skipped tests has failed",
    files: ["a"],
    tap: file("a", ["ok 1 - x # SKIP", "1..1"]) + "1..1\n",
    want: counts(0, 1, 1),
    failures: ["the file asserts nothing"],
  },
  {
    name: "a file that tap never reported has failed",
    files: ["a", "b"],
    tap: file("a", passing),
    want: counts(1, 1),
    failures: ["nothing was heard of it; was there a timeout before?"],
  },
  {
    name: "a timeout counts once",
    files: ["a"],
    tap:
      file(
        "a",
        ["# Subtest: hangs", "    not ok 1 - timeout!", "    1..1", "not ok 1 - hangs", "1..1"],
        "not ok 1 - a",
      ) + "not ok 2 - timeout!\n  ---\n  expired: a\n  ...\n",
    want: counts(0, 1),
    failures: ["hangs > timeout!"],
  },
  { name: "without output everything has failed", files: ["a", "b"], tap: "", want: counts(0, 2) },
];

for (const { name, files, tap, want, failures } of cases) {
  t.test(name, async (t) => {
    const seen: FileResult[] = [];
    const results = tapResults(files, (result) => seen.push(result));
    results.write(`TAP version 14\n${tap}`);
    t.strictSame(results.end(), want);
    t.strictSame(seen.map((result) => result.file).toSorted(), files);
    if (failures !== undefined)
      t.strictSame(
        seen.flatMap((result) => result.failures),
        failures,
      );
  });
}

t.test("a file's time is tap's", async (t) => {
  const seen: FileResult[] = [];
  tapResults(["a"], (result) => seen.push(result)).write(`TAP version 14\n${file("a", passing)}1..1\n`);
  t.equal(seen[0]?.durationMs, 1500);
});
