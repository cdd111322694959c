import t from "tap";
import { ruleWords } from "../../lib/rbac/rule-words.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";

const cases: [rule: PolicyRule, words: string][] = [
  [{ verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "services"] }, "get, list pods, services"],
  [{ verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"] }, "get pods named a"],
  [
    { verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["a", "b", "c"] },
    "get pods named a and 2 more",
  ],
  [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, "do anything to everything of every group"],
  [{ verbs: ["get"], apiGroups: ["*"], resources: ["pods"] }, "get pods of every group"],
  [{ verbs: ["get"], nonResourceURLs: ["/version", "/healthz"] }, "get /version, /healthz"],
  [{ verbs: ["get"] }, "get "],
];
for (const [rule, words] of cases) t.test(words, async (t) => t.equal(ruleWords(rule), words));
