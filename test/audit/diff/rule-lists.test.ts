import t from "tap";
import { ruleLists } from "../../../lib/audit/diff/rule-lists.ts";
import type { PolicyRule } from "../../../lib/rbac/types.ts";
import { random } from "../../rbac/random.ts";

const rule = (name: string): PolicyRule => ({ apiGroups: [""], resources: [name], verbs: ["get"] });

/** `a b|c`: two rights, the rules of each. */
const rights = (text: string) =>
  text.split("|").map((names) => ({ rules: names === "" ? [] : names.split(" ").map(rule) }));

const names = (rules: readonly PolicyRule[]): string => rules.flatMap(({ resources = [] }) => resources).join(" ");

const cases: { name: string; given: string; lists: string[]; places: number[][] }[] = [
  { name: "the rules of one right are one list", given: "a b c", lists: ["a b c"], places: [[0]] },
  { name: "the same rules are one list for all", given: "a b|a b|a b", lists: ["a b"], places: [[0], [0], [0]] },
  { name: "in any order", given: "a b|b a", lists: ["a b"], places: [[0], [0]] },
  { name: "nothing in common", given: "a|b", lists: ["a", "b"], places: [[0], [1]] },
  {
    name: "a rule that one lacks is a list of its own",
    given: "a b c|a c",
    lists: ["a c", "b"],
    places: [[0, 1], [0]],
  },
  { name: "and so is one that one has besides", given: "a|a b", lists: ["a", "b"], places: [[0], [0, 1]] },
  { name: "a right without rules has no list", given: "|a", lists: ["a"], places: [[], [0]] },
  { name: "a rule that is there twice", given: "a a b|b", lists: ["a", "b"], places: [[0, 1], [1]] },
];

for (const { name, given, ...want } of cases)
  t.test(name, async (t) => {
    const { lists, places } = ruleLists(rights(given));
    t.same({ lists: lists.map(names), places }, want);
  });

t.test("no rights, no lists", async (t) => t.same(ruleLists([]), { lists: [], places: [] }));

t.test("whatever the rights: each has the rules that it had, and each rule is written once", async (t) => {
  const choices = random(7);
  for (let run = 0; run < 200; run++) {
    const given = Array.from({ length: choices.below(8) }, () => ({
      rules: Array.from({ length: choices.below(12) }, () => rule(`r${choices.below(15)}`)),
    }));
    const { lists, places } = ruleLists(given);
    const sorted = (rules: readonly PolicyRule[]) => [...new Set(names(rules).split(" "))].toSorted();
    t.same(
      places.map((own) => sorted(own.flatMap((at) => lists[at] ?? []))),
      given.map(({ rules }) => sorted(rules)),
    );
    const all = names(lists.flat()).split(" ");
    t.equal(new Set(all).size, all.length);
    const signatures = lists.map((_, at) => places.map((own) => own.includes(at)).join());
    t.equal(new Set(signatures).size, lists.length, "no two lists belong to the same rights");
  }
});
