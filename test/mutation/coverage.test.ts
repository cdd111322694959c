import t from "tap";
import { testsReaching } from "./coverage.ts";
import type { Mutant } from "./instrument.ts";
import type { Coverage } from "./protocol.ts";

const mutant: Mutant = { id: "7", file: "lib/access/sync.ts", line: 1, mutator: "", original: "", replacement: "" };

function covered(durationMs: number, reached: Partial<Coverage>): Coverage {
  return { passed: true, durationMs, outside: {}, byTest: {}, ...reached };
}

t.test("the mirror of a file comes first, then its folder, its room and others, each the quickest first", async (t) => {
  const byTest = { 0: { 7: 1 } };
  const coverage = new Map([
    ["test/commands/grant.test.ts", covered(1, { byTest })],
    ["test/access/organizations/a.test.ts", covered(1, { byTest })],
    ["test/access/slow.test.ts", covered(90, { byTest })],
    ["test/access/quick.test.ts", covered(9, { byTest })],
    ["test/access/sync.test.ts", covered(1000, { byTest })],
    ["test/access/other.test.ts", covered(1, { byTest: { 0: { 8: 1 } }, outside: { 9: 1 } })],
  ]);
  const { files, durationMs } = testsReaching(mutant, coverage);
  t.same(
    files.map(({ file }) => file),
    [
      "test/access/sync.test.ts",
      "test/access/quick.test.ts",
      "test/access/slow.test.ts",
      "test/access/organizations/a.test.ts",
      "test/commands/grant.test.ts",
    ],
  );
  t.equal(durationMs, 1101);
});

t.test("only the tests that reach it are run, but all of a file that reaches it when it is loaded", async (t) => {
  const byTest = { 0: { 7: 5 }, 1: { 8: 1 }, 4: { 7: 20, 8: 1 } };
  const coverage = new Map([
    ["test/access/a.test.ts", covered(1, { byTest })],
    ["test/access/b.test.ts", covered(2, { byTest, outside: { 7: 1 } })],
  ]);
  const { files, hits } = testsReaching(mutant, coverage);
  t.same(files, [
    { file: "test/access/a.test.ts", tests: [0, 4] },
    { file: "test/access/b.test.ts", tests: "all" },
  ]);
  t.equal(hits, 26);
  t.same(testsReaching({ ...mutant, id: "1" }, coverage), { files: [], durationMs: 0, hits: 0 });
});

t.test("of many files that reach it only the nearest are tried", async (t) => {
  const near = Array.from({ length: 11 }, (_, index) => `test/access/near-${index}.test.ts`);
  const far = ["test/install/quick.test.ts", "test/install/slow.test.ts"];
  const coverage = new Map(
    [...far, ...near].map((file, index) => [file, covered(index, { byTest: { 0: { 7: 1 } } })] as const),
  );
  const { files } = testsReaching(mutant, coverage);
  t.same(
    files.map(({ file }) => file),
    [...near, "test/install/quick.test.ts"],
  );
});
