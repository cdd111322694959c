// The whole way on a small checkout: mutants are made, reached, and killed or not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { coverage, fates } from "./fates.ts";
import { makeMutants } from "./instrument.ts";
import { pureTests } from "./tests.ts";

const source = `/** Comments are not mutated. */
export function isSmall(count: number): boolean {
  return count < 10;
}
export function length(list: readonly number[]): number {
  let index = 0;
  while (index < list.length) index += 1;
  return index;
}
export const names: readonly string[] = ["a"];
export function neverCalled(): boolean {
  return names.length > 1;
}
`;
const test = `import t from "tap";
import { isSmall, length, names } from "../../lib/rbac/small.ts";
let list: number[] = [];
t.test("of two", async (t) => {
  list = [1, 2];
  t.equal(isSmall(9), true);
});
t.test("of what the test before left", async (t) => t.equal(length(list), 2));
t.test("of names", async (t) => t.same(names, ["a"]));
`;
const needsControlPlane = `import "../control-plane/start.ts"; throw new Error("not to be run");\n`;

t.test("a mutant is killed by the test that notices it, also when that needs another test", async (t) => {
  const checkout = t.testdir({
    "package-lock.json": "{}",
    "package.json": '{"type":"module"}',
    lib: { rbac: { "small.ts": source } },
    test: {
      rbac: { "small.test.ts": test, "live.test.ts": needsControlPlane },
      "control-plane": { "start.ts": "" },
    },
  });
  const mutants = await makeMutants(checkout);
  const tests = pureTests(checkout);
  t.same(
    tests.map(({ file }) => file),
    ["test/rbac/small.test.ts"],
  );
  const covered = await coverage(mutants, tests, 2, () => {});
  const chosen = mutants.mutants.filter(({ mutator }) => mutator !== "BlockStatement");
  const run = async () => {
    const ended = await fates(mutants, chosen, covered, { tests, jobs: 2, progress: () => {} });
    return chosen.map(({ line, original, replacement }, index) => {
      const fate = ended[index];
      const by = fate?.outcome === "killed" ? ` by ${fate.by}` : "";
      return `${line} ${original} -> ${replacement}: ${fate?.outcome}${by}`;
    });
  };
  const first = await run();
  t.same(first, [
    "3 count < 10 -> true: survived",
    "3 count < 10 -> false: killed by of two",
    "3 count < 10 -> count <= 10: survived",
    "3 count < 10 -> count >= 10: killed by of two",
    "7 index < list.length -> false: killed by of what the test before left",
    "7 index < list.length -> index <= list.length: killed by of what the test before left",
    "7 index < list.length -> index >= list.length: killed by of what the test before left",
    "7 index += 1 -> index -= 1: killed by of what the test before left",
    '10 ["a"] -> []: killed by of names',
    '10 "a" -> "": killed by of names',
    "12 names.length > 1 -> true: uncovered",
    "12 names.length > 1 -> false: uncovered",
    "12 names.length > 1 -> names.length >= 1: uncovered",
    "12 names.length > 1 -> names.length <= 1: uncovered",
  ]);
  const known = readFileSync(join(mutants.folder, "fates.jsonl"), "utf8");
  t.same(await run(), first);
  t.equal(readFileSync(join(mutants.folder, "fates.jsonl"), "utf8"), known, "what is known is not run again");
});
