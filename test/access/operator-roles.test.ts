// A role of the operator's chart beside what the chart gives it.
import t from "tap";
import { operatorRoleDifference } from "../../lib/access/operator-roles.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { roleRules } from "../../lib/rbac/decode.ts";
import { saysKept } from "../kept-text.ts";
import { operatorClusterRoles } from "./operator-roles.ts";

const user = "mirrord-operator-user";
const basic = "mirrord-operator-user-basic";
const rules = (name: string) =>
  operatorClusterRoles.filter(({ metadata }) => metadata.name === name).flatMap((role) => roleRules(role));
const secrets: PolicyRule = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
const everything: PolicyRule = { apiGroups: ["operator.metalbear.co"], resources: ["*"], verbs: ["*"] };

const cases: [what: string, name: string, held: readonly PolicyRule[]][] = [
  ["the chart's", user, rules(user)],
  ["the chart's", basic, rules(basic)],
  ["one with nothing", user, []],
  ["one with nothing", basic, []],
  ["one that also reads Secrets", user, [...rules(user), secrets]],
  ["one with the rules of the other", basic, rules(user)],
  ["one with all of the operator's", user, [everything]],
];
for (const [what, name, held] of cases) {
  t.test(`${name}: ${what}`, async (t) => {
    saysKept(t, import.meta.filename, `${name}: ${what}`, () => operatorRoleDifference(name, held));
  });
}

t.test("a role that is called as something that every object has is no role of the chart's", async (t) => {
  for (const name of ["constructor", "toString", "__proto__"])
    t.equal(operatorRoleDifference(name, [secrets]), undefined);
});

t.test("what the chart does not install differs from nothing", async (t) => {
  t.equal(operatorRoleDifference("mine", [secrets]), undefined);
});
