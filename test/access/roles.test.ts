import t from "tap";
import { exemptedAttributes } from "../../lib/access/intent.ts";
import { dangerousRules } from "../../lib/access/roles.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";

const plain: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log"] };

const rules: { name: string; rule: PolicyRule; isDangerous: boolean }[] = [
  { name: "plain reads", rule: plain, isDangerous: false },
  ...["escalate", "bind", "impersonate", "impersonate:user-info", "*"].map((verb) => ({
    name: `the verb ${verb}`,
    rule: { ...plain, verbs: ["get", verb] },
    isDangerous: true,
  })),
  {
    name: "verbs that only contain such a word",
    rule: { ...plain, verbs: ["binding", "unbind", "get*"] },
    isDangerous: false,
  },
  { name: "every group", rule: { ...plain, apiGroups: ["apps", "*"] }, isDangerous: true },
  { name: "every resource", rule: { ...plain, resources: ["*"] }, isDangerous: true },
  { name: "a subresource of every resource", rule: { ...plain, resources: ["*/scale"] }, isDangerous: true },
  { name: "every subresource of one", rule: { ...plain, resources: ["pods/*"] }, isDangerous: false },
  { name: "one path", rule: { verbs: ["get"], nonResourceURLs: ["/metrics/*"] }, isDangerous: false },
  { name: "every path", rule: { verbs: ["get"], nonResourceURLs: ["/*"] }, isDangerous: true },
  { name: "every path, as `*`", rule: { verbs: ["get"], nonResourceURLs: ["*"] }, isDangerous: true },
  { name: "names that are wildcards for nobody", rule: { ...plain, resourceNames: ["*"] }, isDangerous: false },
];
for (const { name, rule, isDangerous } of rules)
  t.test(`${name} ${isDangerous ? "needs" : "does not need"} --dangerous`, async (t) => {
    t.same(dangerousRules([plain, rule]), isDangerous ? [rule] : []);
  });

t.test(
  "a role that is no exemption exempts from nothing, whatever stands at the place of the attributes",
  async (t) => {
    t.same(exemptedAttributes("privileged/hostPID"), ["hostPID"]);
    t.equal(exemptedAttributes("clusterrol/hostPID"), undefined);
    t.equal(exemptedAttributes("privileged/hostPID,nothing"), undefined);
  },
);
