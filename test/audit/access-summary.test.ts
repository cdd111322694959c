import t from "tap";
import { accessSummary } from "../../lib/audit/access-summary.ts";
import { operatorRoles } from "../preview/objects.ts";
import { clusterRole, clusterRoleBinding, clusterRoleRef, group, roleBinding, user } from "../rbac/objects.ts";
import { auditFacts, held } from "./facts.ts";

const everything = clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]);

t.test("administrators and the control plane are counted apart from who may start sessions", async (t) => {
  const userRole = clusterRoleRef("mirrord-operator-user");
  const facts = auditFacts([
    ...operatorRoles,
    everything,
    clusterRoleBinding("boss", "cluster-admin", [user("boss")]),
    clusterRoleBinding("system:masters", "cluster-admin", [group("system:masters")]),
    roleBinding("dev", "one", userRole, [user("jim"), user("ann")]),
    roleBinding("qa", "one", userRole, [user("ann")]),
    clusterRoleBinding("basic", "mirrord-operator-user-basic", [user("jim"), user("ann")]),
    clusterRoleBinding("wide", "mirrord-operator-user", [group("everywhere")]),
  ]);
  t.same(accessSummary(facts, held(facts)), {
    administrators: 1,
    sessions: 3,
    sessionsEverywhere: 1,
    namespaces: 2,
    grants: 0,
    bindings: 6,
    roles: operatorRoles.length + 1,
  });
});

t.test("of nothing all is 0", async (t) => {
  const facts = auditFacts([]);
  t.ok(Object.values(accessSummary(facts, held(facts))).every((value) => value === 0));
});

for (const { unreadable, known } of [
  { unreadable: ["pods", "secrets"], known: ["administrators", "sessions", "grants", "bindings", "roles"] },
  { unreadable: ["roles"], known: ["grants", "bindings"] },
  { unreadable: ["rolebindings"], known: ["grants", "roles"] },
  { unreadable: ["clusterrolebindings"], known: ["roles"] },
  { unreadable: ["clusterroles", "roles", "clusterrolebindings", "rolebindings"], known: [] },
])
  t.test(`what ${unreadable.join(", ")} say is not counted where they may not be listed`, async (t) => {
    const facts = auditFacts([], { unreadable });
    const counted: string[] = Object.keys(accessSummary(facts, held(facts)));
    const all = ["administrators", "sessions", "grants", "bindings", "roles"];
    t.same(
      all.filter((name) => counted.includes(name)),
      known,
    );
    t.equal(counted.includes("namespaces"), known.includes("sessions"));
    t.equal(counted.includes("sessionsEverywhere"), known.includes("sessions"));
  });
