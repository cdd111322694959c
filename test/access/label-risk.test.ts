import t from "tap";
import { describeSubject, labelRisk } from "../../lib/access/label-risk.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { saysKept } from "../kept-text.ts";
import { bound, clusterRole } from "./rbac-objects.ts";

const labeller = clusterRole("labeller", { apiGroups: [""], resources: ["namespaces"], verbs: ["patch"] });
const updater = clusterRole("updater", { apiGroups: [""], resources: ["namespaces"], verbs: ["update"] });
const reader = clusterRole("reader", { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] });
const many = Array.from({ length: 12 }, (_, index) => bound(`b${index}`, "labeller", `user${index + 10}`));

const risks: [what: string, objects: KubernetesObject[], says: RegExp][] = [
  ["everywhere", [labeller, bound("a", "labeller", "jim")], /today: group system:masters, user jim$/],
  ["by an update", [updater, bound("a", "updater", { group: "web" })], /today: group system:masters, group web$/],
  [
    "in one of the namespaces",
    [labeller, bound("a", "labeller", "jim", "dev")],
    /today: group system:masters, user jim$/,
  ],
  ["in another namespace", [labeller, bound("a", "labeller", "jim", "prod")], /today: group system:masters$/],
  ["who only look", [reader, bound("a", "reader", "jim")], /today: group system:masters$/],
  ["many", [labeller, ...many], /today: group system:masters, user user10, .*user user18 and 3 more$/],
];
const accepted = { accepted: true, unreadGuards: [] };
for (const [what, objects, says] of risks) {
  t.test(`who may change labels is named: ${what}`, async (t) => {
    t.match(labelRisk({ objects, unreadable: [] }, ["dev", "qa"], accepted), [says]);
  });
}

t.test("the risk is refused unless it was accepted", async (t) => {
  const rbac = { objects: [labeller, bound("a", "labeller", "jim")], unreadable: [] };
  t.throws(() => labelRisk(rbac, ["dev"], { ...accepted, accepted: false }), {
    kind: "usage",
    message: /user jim/,
    hint: /--accept-label-risk/,
  });
});

t.test("a policy that may not be read is named: it may keep others from these labels", async (t) => {
  const rbac = { objects: [labeller, bound("a", "labeller", "jim")], unreadable: [] };
  const unreadGuards = ["validatingadmissionpolicies"];
  const doubt = /^you may not read validatingadmissionpolicies: whether a policy keeps the labels of collections/;
  t.match(labelRisk(rbac, ["dev"], { accepted: true, unreadGuards }), [/user jim/, doubt]);
  t.throws(() => labelRisk(rbac, ["dev"], { accepted: false, unreadGuards }), {
    message: /user jim[^]*whether a policy keeps/,
  });
});

t.test("what may not be listed is said, and no list is taken for whole", async (t) => {
  const rbac = { objects: [labeller, bound("a", "labeller", "jim")], unreadable: ["roles"] };
  t.match(labelRisk(rbac, [], accepted), [/today: unknown, because you may not list roles$/]);
});

t.test("subjects have their kind before them", async (t) => {
  t.equal(describeSubject({ kind: "ServiceAccount", namespace: "ci", name: "runner" }), "service account ci/runner");
  t.equal(describeSubject({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "web" }), "group web");
});

t.test("the risk in words, accepted or not", async (t) => {
  const rbac = { objects: [labeller, bound("a", "labeller", "jim")], unreadable: [] };
  const refused = { accepted: false, unreadGuards: ["validatingadmissionpolicies"] };
  saysKept(t, import.meta.filename, "refused", () => labelRisk(rbac, ["dev"], refused));
  saysKept(t, import.meta.filename, "accepted", () => labelRisk(rbac, ["dev"], { ...refused, accepted: true }));
  const blind = { objects: [], unreadable: ["roles", "rolebindings"] };
  saysKept(t, import.meta.filename, "not known", () => labelRisk(blind, ["dev"], accepted));
});
