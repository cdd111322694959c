// Growth is counted in steps: what a cluster of ten times the size costs.
import t from "tap";
import type { AuditFacts } from "../../lib/audit/findings.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { steps } from "../steps.ts";
import { auditFacts } from "./facts.ts";

const OPERATOR = "operator.metalbear.co";

/** Namespaces with a team, its sessions, a limited target, an account that another may act as, and pods. */
function company(namespaces: number): AuditFacts {
  const each = <One>(make: (at: number, namespace: string) => One[]): One[] =>
    Array.from({ length: namespaces }, (_, at) => make(at, `ns-${at}`)).flat();
  const rbac = [
    clusterRole("basic", [rule(OPERATOR, "mirrordoperators", "get")]),
    clusterRole("connect", [rule(OPERATOR, "targets", "proxy")]),
    clusterRole("actor", [rule("", "serviceaccounts", "impersonate")]),
    clusterRole(
      "big",
      Array.from({ length: 800 }, (_, at) => rule("example.com", `kind-${at}`, "get")),
    ),
    clusterRoleBinding("open", "basic", [group("system:authenticated")]),
    ...each((at, namespace) => [
      role(namespace, "one", [rule(OPERATOR, "targets", "proxy", "deployment.web")]),
      roleBinding(namespace, "limited", roleRef("one"), [user(`user-${at}`)]),
      roleBinding(namespace, "team", clusterRoleRef("connect"), [group(`team-${at}`), serviceAccount("runner")]),
      roleBinding(namespace, "actor", clusterRoleRef("actor"), [user(`user-${at + 1}`)]),
      roleBinding(namespace, "big", clusterRoleRef("big"), [group(`team-${at}`)]),
    ]),
  ];
  return auditFacts(rbac, {
    accounts: each((_, namespace) => [{ namespace, name: "runner" }]),
    pods: each((_, namespace) =>
      ["web", "api"].map((name) => ({ namespace, name, account: "runner", targets: [`deployment.${name}`] })),
    ),
  });
}

t.test("ten times the namespaces, bindings, roles and pods are ten times the work of all findings", async (t) => {
  const module = import.meta.resolve("../../lib/audit/findings.ts");
  const [few, many] = [
    await steps(module, "auditFindings", company(30)),
    await steps(module, "auditFindings", company(300)),
  ];
  t.ok(many < 11 * few, `${few} steps, then ${many}`);
});
