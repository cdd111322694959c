import t from "tap";
import { auditFinding, someOf } from "../../lib/audit/finding.ts";
import { countByGrade, failOnGrades, failOnSeverity, gradeSeverity, isGrade } from "../../lib/audit/grades.ts";
import { isControlPlane, isEverybody, isStockBinding, isStockSubject } from "../../lib/audit/control-plane.ts";
import { edges } from "../../lib/audit/edges.ts";
import { rights } from "../../lib/audit/edges/rights.ts";
import { auditRules } from "../../lib/audit/rules.ts";

t.test("every rule says what, why and what to do, in sentences", async (t) => {
  for (const [id, { summary, explanation, fix }] of Object.entries(auditRules)) {
    t.match(id, /^[a-z]+(-[a-z]+)*$/);
    for (const text of [summary, explanation, fix]) t.match(text, /^\S.*[.>]$|kubectl/, id);
  }
});

t.test(
  "every right that a way needs is one that roles are asked for, and every one that is asked for is used by somebody",
  async (t) => {
    for (const [id, { ways }] of Object.entries(edges))
      for (const way of ways) for (const right of way.rights) t.ok(rights[right], `${id}: ${right}`);
  },
);

t.test("grades are severities in other words", async (t) => {
  t.same(failOnGrades.map(failOnSeverity), ["error", "warning", "note", "never"]);
  t.ok(isGrade("high") && !isGrade("error"));
  t.equal(gradeSeverity("medium"), "warning");
  const found = auditFinding("bind", { subject: { kind: "Role", name: "x" }, message: "m" });
  t.same(countByGrade([found, { ...found, severity: "note" }]), { high: 1, medium: 0, low: 1 });
});

t.test("a finding has the fix of its rule, with a command where its subject is a binding", async (t) => {
  const of = (kind: string, name: string, more: { namespace?: string; fix?: string } = {}) => {
    const { fix, namespace } = more;
    const subject = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
    return auditFinding("escalate", { subject, message: "m", ...(fix === undefined ? {} : { fix }) }).fix;
  };
  t.equal(of("Role", "x"), edges.escalate.fix);
  t.equal(
    of("RoleBinding", "a b", { namespace: "dev" }),
    `${edges.escalate.fix} Change it: kubectl edit rolebinding 'a b' -n dev`,
  );
  t.equal(
    of("ClusterRoleBinding", "mirrord:grant:jim-dev-jmqmywrpvdvdqjpmbelm"),
    `${edges.escalate.fix} Change it: kubectl mirrord grant revoke jmqmywrpvdvdqjpmbelm`,
  );
  t.equal(of("RoleBinding", "x", { fix: "Run: kubectl get x" }), "Run: kubectl get x");
  t.throws(() => auditFinding("no-such-rule", { subject: { kind: "Role", name: "x" }, message: "m" }), /no rule/);
});

t.test("a few names stand for many", async (t) => {
  t.equal(someOf([]), "");
  t.equal(someOf(["a"]), "a");
  t.equal(someOf(["a", "b", "c"]), "a, b and c");
  t.equal(someOf(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
});

const user = (name: string) => ({ kind: "User", name }) as const;
const group = (name: string) => ({ kind: "Group", name }) as const;
const account = (namespace: string) => ({ kind: "ServiceAccount", namespace, name: "x" }) as const;

t.test("who is the control plane, and who is everybody", async (t) => {
  for (const one of [
    user("system:kube-scheduler"),
    group("system:masters"),
    group("system:nodes"),
    account("kube-system"),
  ])
    t.ok(isControlPlane(one), one.name);
  for (const one of [
    user("jim"),
    group("masters"),
    account("dev"),
    user("system:anonymous"),
    group("system:authenticated"),
  ])
    t.notOk(isControlPlane(one), one.name);
  for (const one of [user("system:anonymous"), group("system:unauthenticated"), group("system:serviceaccounts:dev")])
    t.ok(isEverybody(one), one.name);
  for (const one of [user("system:authenticated"), group("system:masters"), group("web")])
    t.notOk(isEverybody(one), one.name);
});

t.test("bindings of the control plane, by their names", async (t) => {
  const binding = (name: string, namespace?: string) => ({
    kind: "ClusterRoleBinding" as const,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  });
  t.ok(isStockBinding(binding("system:discovery")));
  t.ok(isStockBinding(binding("system:controller:job-controller")));
  t.ok(isStockBinding(binding("system:controller:bootstrap-signer", "kube-public")));
  t.notOk(isStockBinding(binding("system:discovery", "dev")));
  t.notOk(isStockBinding(binding("mine")));
  t.ok(isStockSubject(binding("system:discovery"), group("system:authenticated")));
  t.notOk(isStockSubject(binding("system:discovery"), group("system:unauthenticated")));
  t.notOk(isStockSubject(binding("cluster-admin"), group("system:authenticated")));
});
