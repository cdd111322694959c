import t from "tap";
import { withAggregation } from "../../../lib/rbac/decide/aggregation.ts";
import { rbacIndex } from "../../../lib/rbac/decide/rbac-index.ts";
import { bindingEscalation } from "../../../lib/rbac/write/escalation.ts";
import { stockRbac } from "../../../lib/rbac/write/stock.ts";
import { clusterRole, clusterRoleBinding, clusterRoleRef, roleBinding, rule, user } from "../objects.ts";
import { vectors } from "../vectors.ts";

const { objects, cases } = vectors("writes");
const index = rbacIndex([...withAggregation(stockRbac()).objects, ...objects]);

for (const { name, message, code, object, user: writer } of cases) {
  if (!object.kind.endsWith("Binding")) continue;
  t.test(`live: ${name}`, async (t) => {
    t.equal(bindingEscalation(index, writer, object), code === 403 ? message : undefined);
  });
}

t.test("what the caller is bound to and does not exist is named beside the missing rules", async (t) => {
  const stored = rbacIndex([
    clusterRole("reader", [rule("", "secrets", "get")]),
    clusterRoleBinding("gone", "gone", [user("jane")]),
    roleBinding("dev", "gone", clusterRoleRef("lost"), [user("jane")]),
  ]);
  t.match(
    bindingEscalation(stored, { name: "jane", groups: [] }, roleBinding("dev", "b", clusterRoleRef("reader"), [])),
    `; resolution errors: [[rolebindings.rbac.authorization.k8s.io "gone" not found, rolebindings.rbac.authorization.k8s.io "lost" not found]]`,
  );
});

t.test("system:masters may bind what they do not hold by any rule", async (t) => {
  const stored = rbacIndex([clusterRole("all", [rule("*", "*", "*")])]);
  const binding = clusterRoleBinding("b", "all", []);
  t.equal(bindingEscalation(stored, { name: "root", groups: ["system:masters"] }, binding), undefined);
  t.match(bindingEscalation(stored, { name: "root", groups: [] }, binding), "not currently held");
});
