import t from "tap";
import type { Fate } from "./fates.ts";
import type { Mutant } from "./instrument.ts";
import { mutationReport } from "./report.ts";

function mutant(changes: Partial<Mutant>): Mutant {
  const valid = { id: "1", file: "lib/rbac/a.ts", line: 3, mutator: "Regex" };
  return { ...valid, original: "a === b", replacement: "false", ...changes };
}

const killed: Fate = { outcome: "killed", file: "test/rbac/a.test.ts", by: "a test" };
const mutants = [
  mutant({}),
  mutant({}),
  mutant({ file: "lib/access/b.ts" }),
  mutant({ original: `a ===\n    ${"b".repeat(100)}` }),
  mutant({ replacement: "true" }),
];

t.test("what takes too long is killed; what changes nothing is not, but is said", async (t) => {
  const fates: Fate[] = [
    killed,
    { outcome: "crash" },
    { outcome: "timeout" },
    { outcome: "uncovered" },
    { outcome: "survived" },
  ];
  const judgements = [{ file: "lib/rbac/a.ts", original: "a === b", replacement: "true", why: "as before" }];
  const { figures, lines, isBelow } = mutationReport(mutants, fates, { total: 40, judgements });
  t.same(lines, [
    `uncovered lib/rbac/a.ts:3 Regex: a === ${"b".repeat(51)}... -> false`,
    "lib/access   1 of 1 killed, 100.0 %",
    "lib/rbac     2 of 4 killed, 50.0 %",
    "mutants: 3 of 5 killed, 60.0 % (at least 85 % are wanted); of all 40, 23.0 to 88.2 % (95 % interval); 1 of the others change nothing that can be seen",
  ]);
  t.equal(isBelow, true);
  t.match(figures, { total: 40, tried: 5, killed: 3, score: 60, equivalent: 1 });
  t.equal(figures.survivors.length, 1);
});

t.test("all mutants have no interval, and 85 % are enough", async (t) => {
  const many = Array.from({ length: 100 }, () => mutant({}));
  const fates = many.map((_, index): Fate => (index < 85 ? killed : { outcome: "survived" }));
  const { lines, isBelow } = mutationReport(many, fates, { total: 100, judgements: [] });
  t.equal(lines.at(-1), "mutants: 85 of 100 killed, 85.0 % (at least 85 % are wanted)");
  t.equal(isBelow, false);
  t.equal(
    mutationReport(many, [...fates.slice(1), { outcome: "survived" }], { total: 100, judgements: [] }).isBelow,
    true,
  );
});
