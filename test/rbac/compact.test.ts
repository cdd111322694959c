import t from "tap";
import { compactRules, ruleLines, ruleText, singleResource } from "../../lib/rbac/compact.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { rule } from "./objects.ts";
import { canonical } from "./canonical.ts";
import { vectors } from "./vectors.ts";

const sorted = (rules: readonly PolicyRule[]): string[] => rules.map((each) => canonical(each)).toSorted();

for (const { name, rules, compacted } of vectors("compact")) {
  t.test(`upstream: ${name}`, async (t) => {
    const before = structuredClone(rules);
    t.same(sorted(compactRules(rules)), sorted(compacted));
    t.same(rules, before, "the given rules are left as they are");
  });
}

for (const { name, rule: given, resource } of vectors("simple")) {
  t.test(`upstream: ${name}`, async (t) => t.same(singleResource(given), resource));
}

t.test("a rule reads as the API server prints it", async (t) => {
  t.equal(
    ruleText(rule("apps", "pods/log", "get", "a\n")),
    String.raw`{APIGroups:["apps"], Resources:["pods/log"], ResourceNames:["a\n"], Verbs:["get"]}`,
  );
  t.equal(
    ruleText({ nonResourceURLs: ["/a", "/b*"], verbs: ["get", "head"] }),
    `{NonResourceURLs:["/a" "/b*"], Verbs:["get" "head"]}`,
  );
  t.equal(ruleText({ verbs: [] }), "{}");
});

t.test("lines are sorted by code point and each is there once", async (t) => {
  t.same(
    ruleLines([
      rule("", "\u{1F600}", "get"),
      rule("", "\uFFFD", "get"),
      rule("", "a", "list"),
      rule("", "a", "get"),
      { nonResourceURLs: ["/x"], verbs: ["get"] },
      { nonResourceURLs: ["/x"], verbs: ["get"] },
    ]),
    [
      `{APIGroups:[""], Resources:["a"], Verbs:["list" "get"]}`,
      `{APIGroups:[""], Resources:["\uFFFD"], Verbs:["get"]}`,
      `{APIGroups:[""], Resources:["\u{1F600}"], Verbs:["get"]}`,
      `{NonResourceURLs:["/x"], Verbs:["get"]}`,
    ],
  );
});
