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
export async function untilSmall(count: number): Promise<void> {
  if (count < 20) return;
  await new Promise(() => {});
}
export const names: readonly string[] = ["a"];
export function neverCalled(): boolean {
  return names.length > 1;
}
`;
const test = `import t from "tap";
import { isSmall, length, names, untilSmall } from "../../lib/rbac/small.ts";
let list: number[] = [];
t.test("of two", async (t) => {
  list = [1, 2];
  t.equal(isSmall(9), true);
});
t.test("of what the test before left", async (t) => t.equal(length(list), 2));
t.test("of waiting", async () => untilSmall(1));
t.test("of names", async (t) => t.same(names, ["a"]));
`;
const wanted: [original: string, replacement: string, fate: string][] = [
  ["count < 10", "true", "survived"],
  ["count < 10", "false", "killed by of two"],
  ["index += 1", "index -= 1", "killed by of what the test before left"],
  ["count < 20", "false", "killed by never ending"],
  ['"a"', '""', "killed by of names"],
  ["names.length > 1", "true", "uncovered"],
];
const needsControlPlane = `import "../control-plane/start.ts"; throw new Error("not to be run");\n`;

// Node says so once of the function that takes the types out.
const { emitWarning } = process;
process.emitWarning = () => {};
t.teardown(() => {
  process.emitWarning = emitWarning;
});

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
  // One of each fate: every one takes a process or two.
  const chosen = wanted.map(([original, replacement]) => {
    const found = mutants.mutants.find((each) => each.original === original && each.replacement === replacement);
    if (found === undefined) throw new Error(`no mutant ${original} -> ${replacement}`);
    return found;
  });
  const run = async () => {
    const ended = await fates(mutants, chosen, covered, { tests, jobs: 2, progress: () => {} });
    return chosen.map(({ original, replacement }, index) => {
      const fate = ended[index];
      const by = fate?.outcome === "killed" ? ` by ${fate.by}` : "";
      return `${original} -> ${replacement}: ${fate?.outcome}${by}`;
    });
  };
  const first = await run();
  t.same(
    first,
    wanted.map(([original, replacement, fate]) => `${original} -> ${replacement}: ${fate}`),
  );
  const known = readFileSync(join(mutants.folder, "fates.jsonl"), "utf8");
  t.same(await run(), first);
  t.equal(readFileSync(join(mutants.folder, "fates.jsonl"), "utf8"), known, "what is known is not run again");
});
