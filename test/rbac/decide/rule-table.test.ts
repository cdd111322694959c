import t from "tap";
import { toQuestion, isPathQuestion } from "../../../lib/rbac/decide/question.ts";
import { ruleAllows } from "../../../lib/rbac/decide/rule-match.ts";
import {
  addRule,
  atomDictionary,
  atomsFor,
  mergeTable,
  tableAllows,
  type RuleTable,
} from "../../../lib/rbac/decide/rule-table.ts";
import { generateQuestions } from "../generate-questions.ts";
import { generateWorld, pathRule, resourceRule } from "../generate-world.ts";
import { random } from "../random.ts";

t.test("a table allows what one of its rules allows", async (t) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const choices = random(seed);
    const rules = Array.from({ length: 6 }, () => (choices.chance(0.3) ? pathRule(choices) : resourceRule(choices)));
    const dictionary = atomDictionary();
    const [all, half, other, merged]: RuleTable[] = [new Map(), new Map(), new Map(), new Map()];
    if (all === undefined || half === undefined || other === undefined || merged === undefined) return;
    for (const rule of rules) addRule(dictionary, all, rule);
    for (const rule of rules.slice(0, 3)) addRule(dictionary, half, rule);
    for (const rule of rules.slice(3)) addRule(dictionary, other, rule);
    mergeTable(merged, half);
    mergeTable(merged, other);
    for (const request of generateQuestions(choices, generateWorld(choices, "", ["a"]), 300)) {
      const question = toQuestion(request);
      const want = rules.some((rule) => ruleAllows(rule, question));
      const [atoms, name] = [atomsFor(dictionary, question), isPathQuestion(question) ? "" : question.name];
      if (tableAllows(all, atoms, name) !== want || tableAllows(merged, atoms, name) !== want)
        t.fail(`seed ${seed}: ${JSON.stringify({ rules, request })}`);
    }
  }
});

t.test("merging leaves the tables it takes from as they were", async (t) => {
  const dictionary = atomDictionary();
  const [one, two, merged]: [RuleTable, RuleTable, RuleTable] = [new Map(), new Map(), new Map()];
  addRule(dictionary, one, { apiGroups: [""], resources: ["pods"], verbs: ["get"], resourceNames: ["a"] });
  addRule(dictionary, two, { apiGroups: [""], resources: ["pods"], verbs: ["get"], resourceNames: ["b"] });
  mergeTable(merged, one);
  mergeTable(merged, two);
  const atoms = atomsFor(dictionary, toQuestion({ verb: "get", apiGroup: "", resource: "pods" }));
  t.same(
    [one, two, merged].map((table) => ["a", "b"].map((name) => tableAllows(table, atoms, name))),
    [
      [true, false],
      [false, true],
      [true, true],
    ],
  );
});
