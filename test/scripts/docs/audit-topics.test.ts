import t from "tap";
import { edges } from "../../../lib/audit/edges.ts";
import type { EdgeRule } from "../../../lib/audit/edges/edge.ts";
import { auditRules } from "../../../lib/audit/rules.ts";
import { auditFindingsPage } from "../../../scripts/docs/audit-findings.ts";
import { auditTopics, ruleTopics } from "../../../scripts/docs/audit-topics.ts";

const ways: Readonly<Record<string, EdgeRule>> = edges;

t.test("every rule is about something, and every topic has rules that there are", async (t) => {
  t.same(
    Object.keys(auditRules).filter((rule) => ruleTopics(rule).length === 0),
    [],
  );
  t.same(
    auditTopics.flatMap(({ rules }) => rules).filter((rule) => !(rule in auditRules)),
    [],
  );
  t.same(
    auditTopics.filter(({ rules }) => rules.length === 0).map(({ topic }) => topic),
    [],
  );
  t.equal(new Set(auditTopics.map(({ topic }) => topic)).size, auditTopics.length, "each topic once");
});

t.test("each right of a topic is one that a way of its rules needs", async (t) => {
  for (const { topic, rules, rights = [] } of auditTopics) {
    const needed = new Set(rules.flatMap((rule) => ways[rule]?.ways.flatMap((way) => way.rights) ?? []));
    t.same(
      rights.filter((right) => !needed.has(right)),
      [],
      topic,
    );
  }
});

t.test("every way of a path is named by a right of a topic, but for those whose ways depend on others", async (t) => {
  const named = new Set(auditTopics.flatMap(({ rules, rights = [] }) => (rights.length > 0 ? rules : [])));
  t.same(
    Object.keys(edges).filter((edge) => !named.has(edge)),
    ["constrained-impersonation"],
  );
});

t.test("the page has each rule by its name, with a link to its section", async (t) => {
  const page = auditFindingsPage();
  for (const rule of Object.keys(auditRules)) {
    t.ok(page.includes(`\n| [${rule}](#${rule}) | `), rule);
    t.ok(page.includes(`\n## ${rule}\n`), rule);
  }
});
