import t from "tap";
import { customRoleObject } from "../../lib/access/custom-role.ts";
import { holderNames, holderTexts, roleHolders } from "../../lib/access/role-holders.ts";
import { planNewRole, planRoleDeletion, refuseAggregated, refuseDangerous } from "../../lib/access/role-plan.ts";
import type { Plan } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { saysKept } from "../kept-text.ts";
import { shownPlan } from "./shown-plan.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { intentWith } from "./grant.ts";
import { storedGrant, storedParts } from "./stored-grant.ts";

const secrets = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
const rules = [secrets];
const dba = (): KubernetesObject => ({ ...customRoleObject("dba", { rules }) });
const said = (plan: Plan) => plan.map(({ action, object }) => `${action} ${object.metadata.name}`);
const make = (...objects: KubernetesObject[]) => planNewRole("dba", { rules }, { objects, dangerous: false });

t.test("a role is made once", async (t) => {
  t.same(said(make()), ["create mirrord:role:dba"]);
  t.equal(make()[0]?.isNew, true, "two who make it at once do not overwrite each other");
  t.same(said(make(dba())), ["unchanged mirrord:role:dba"]);
  t.throws(() => make({ ...dba(), rules: [] }), { message: /allows something else/ });
  t.throws(() => make({ ...dba(), aggregationRule: { clusterRoleSelectors: [] } }), {
    message: /allows something else/,
  });
  t.throws(() => make(clusterRole("mirrord:role:dba", ...rules)), { kind: "refused", message: /not made here/ });
});

t.test("one that is bound already, by whom it may be, is refused", async (t) => {
  t.throws(() => make(bound("early", "mirrord:role:dba", "eve", "dev")), {
    message: /gives access to eve \(rolebinding\/early in dev\)/,
  });
  const meant = planNewRole(
    "dba",
    { rules },
    { objects: [bound("early", "mirrord:role:dba", "eve")], dangerous: true },
  );
  t.same(said(meant), ["create mirrord:role:dba"]);
});

t.test("what a role takes up counts as its own", async (t) => {
  const part: KubernetesObject = {
    ...clusterRole("part", { ...secrets, verbs: ["*"] }),
    metadata: { name: "part", labels: { team: "ops" } },
  };
  const taking: KubernetesObject = { ...customRoleObject("ops", { aggregates: [{ team: "ops" }] }) };
  t.throws(() => refuseDangerous(taking, [part]), { message: /gain more rights/ });
  refuseDangerous(taking, []);
  refuseDangerous(taking, [taking]);
});

t.test("what takes a role up gives it to its holders at once", async (t) => {
  const by = (matchLabels: object): KubernetesObject => ({
    ...clusterRole("all"),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels }] },
  });
  refuseAggregated(dba(), [by({ other: "label" }), { ...by({ "kubectl-mirrord.io/role": "dba" }), kind: "Role" }]);
  t.throws(() => refuseAggregated(dba(), [by({ "kubectl-mirrord.io/role": "dba" })]), {
    message: /clusterrole all takes up/,
  });
});

t.test("a role that takes up others is the same only while it takes up the same", async (t) => {
  const takes = (...selectors: Record<string, string>[]): KubernetesObject => ({
    ...customRoleObject("dba", { aggregates: selectors }),
  });
  const makeTaking = (current: KubernetesObject) =>
    planNewRole("dba", { aggregates: [{ team: "ops" }] }, { objects: [current], dangerous: false });
  // What the API server has filled in is not what was written.
  t.same(said(makeTaking({ ...takes({ team: "ops" }), rules })), ["unchanged mirrord:role:dba"]);
  t.throws(() => makeTaking(takes({ team: "web" })), { kind: "usage", message: /allows something else/ });
  t.throws(() => makeTaking(dba()), { kind: "usage", message: /allows something else/ });
});

t.test("in a folder the role of grant sync has no version, and is changed all the same", async (t) => {
  const sync = clusterRole("mirrord-access-sync");
  const [, change] = make(sync);
  t.match(change, { action: "update", patch: { rules: [{ resourceNames: ["mirrord:role:dba"] }] } });
  t.notOk(Object.hasOwn(change?.patch ?? {}, "metadata"));
  const after = { ...sync, rules: change?.patch?.["rules"] };
  t.same(said(make(after)), ["create mirrord:role:dba"], "what may be bound already is not written again");
});

t.test("a role without labels is taken up by whoever takes up all", async (t) => {
  const all: KubernetesObject = { ...clusterRole("all"), aggregationRule: { clusterRoleSelectors: [{}] } };
  t.throws(() => refuseAggregated(clusterRole("plain", ...rules), [all]), { message: /clusterrole all takes up/ });
  refuseAggregated(all, [all]);
});

t.test("what grant sync may bind follows, of the version that was read", async (t) => {
  const sync: KubernetesObject = {
    ...clusterRole("mirrord-access-sync"),
    metadata: { name: "mirrord-access-sync", resourceVersion: "7" },
  };
  const made = make(sync);
  t.same(said(made), ["create mirrord:role:dba", "update mirrord-access-sync"]);
  t.match(made[1], {
    optional: true,
    patch: { metadata: { resourceVersion: "7" }, rules: [{ verbs: ["bind"], resourceNames: ["mirrord:role:dba"] }] },
  });
  const after = { ...sync, rules: made[1]?.patch?.["rules"] };
  t.same(said(make(dba(), after)), ["unchanged mirrord:role:dba"]);
  t.same(said(planRoleDeletion(dba(), [after])), ["update mirrord-access-sync", "delete mirrord:role:dba"]);
  t.same(said(planRoleDeletion(dba(), [clusterRole("mirrord-access-sync")])), ["delete mirrord:role:dba"]);
});

t.test("holders are whoever bindings name, with the grant that they are of", async (t) => {
  const objects = [
    bound("b", "view", { group: "web" }, "qa"),
    bound("a", "view", "ann"),
    bound("c", "view", "ann", "dev"),
    bound("d", "edit", "eve"),
    {
      ...bound("e", "view", "zoe", "dev"),
      metadata: { name: "e", namespace: "dev", labels: { "kubectl-mirrord.io/grant": "gone" } },
    },
    { ...bound("f", "view", "zoe", "dev"), roleRef: { kind: "Role", name: "view" } },
  ];
  const holders = roleHolders("view", objects, []);
  t.same(holderTexts(holders), [
    "ann (clusterrolebinding/a)",
    "ann (rolebinding/c in dev)",
    "group:web (rolebinding/b in qa)",
    "zoe (rolebinding/e in dev)",
  ]);
  t.same(holderNames(holders), ["ann", "group:web", "zoe"]);
  const grant = storedGrant(storedParts(intentWith({ role: "clusterrole/view", plain: true })).objects);
  t.match(
    holderTexts(
      roleHolders(
        "view",
        grant.objects.map(({ object }) => object),
        [grant],
      ),
    ),
    [/ \(grant [a-z2-7]{20}\)$/],
  );
});

t.test("who has a role for single workloads holds it, although a Role of the grant's own is bound", async (t) => {
  const intent = intentWith({ targets: ["deployment/web"] });
  const limits = new Map([["dev", [{ target: { kind: "deployment" as const, name: "web" }, containers: ["app"] }]]]);
  const grant = storedGrant(storedParts(intent, limits).objects);
  const objects = grant.objects.map(({ object }) => object);
  t.match(holderTexts(roleHolders("mirrord-operator-user", objects, [grant])), [/^jim \(grant [a-z2-7]{20}\)$/]);
  t.same(roleHolders("mirrord:role:minimal", objects, [grant]), [], "and no other one");
  t.same(
    roleHolders("mirrord-operator-user", objects, []),
    [],
    "a Role of that label alone is not known to be of a grant",
  );
});

const taken = (kind: string): KubernetesObject => ({
  ...clusterRole("all"),
  kind,
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "kubectl-mirrord.io/role": "dba" } }] },
});
const sync = { ...clusterRole("mirrord-access-sync"), metadata: { name: "mirrord-access-sync", resourceVersion: "7" } };
const plans: Record<string, () => unknown> = {
  "a new role": () => make(),
  "a new role, with what runs sync": () => make(sync),
  "the same role again": () => make(dba()),
  "a role with other rules": () => make({ ...dba(), rules: [] }),
  "a role that somebody else made": () => make(clusterRole("mirrord:role:dba", ...rules)),
  "a role whose binding is there already": () =>
    make(bound("early", "mirrord:role:dba", "eve", "dev"), bound("soon", "mirrord:role:dba", { group: "ops" })),
  "a role that another takes up": () => make(taken("ClusterRole")),
  "a role that nothing takes up, although it looks so": () => make(taken("Role")),
  "a role that gives more than it says": () =>
    planNewRole("king", { rules: [{ ...secrets, verbs: ["*"] }] }, { objects: [], dangerous: false }),
  "a role that gives more than it says, on purpose": () =>
    planNewRole("king", { rules: [{ ...secrets, verbs: ["*"] }] }, { objects: [], dangerous: true }),
  "a role that takes up others": () =>
    planNewRole("ops", { aggregates: [{ team: "ops" }] }, { objects: [], dangerous: false }),
  "the deletion of a role": () => planRoleDeletion(dba(), []),
  "the deletion of one that sync may bind": () =>
    planRoleDeletion(dba(), [{ ...sync, rules: make(sync)[1]?.patch?.["rules"] }]),
};
for (const [name, plan] of Object.entries(plans)) {
  t.test(`what is planned or said of ${name}`, async (t) =>
    saysKept(t, import.meta.filename, name, () => shownPlan(plan())),
  );
}
