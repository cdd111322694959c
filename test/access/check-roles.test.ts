import t from "tap";
import { checkOwnRoles, checkRoles, whyForeign } from "../../lib/access/check-roles.ts";
import type { Lookup } from "../../lib/access/places.ts";
import { ownRole } from "../../lib/access/roles.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { operatorClusterRoles } from "./operator-roles.ts";
import { clusterRole } from "./rbac-objects.ts";
import { saysKept } from "../kept-text.ts";

const user = "mirrord-operator-user";
const charted = operatorClusterRoles.find(({ metadata }) => metadata.name === user) ?? "absent";
const secrets = clusterRole(user, { apiGroups: [""], resources: ["secrets"], verbs: ["get"] });
const escalating = clusterRole("x", {
  apiGroups: ["rbac.authorization.k8s.io"],
  resources: ["roles"],
  verbs: ["bind"],
});

const checks: [what: string, name: string, role: Lookup, warnings: RegExp[]][] = [
  ["the chart's own role", user, charted, []],
  ["one that may not be read", user, "forbidden", [/you may not read clusterrole mirrord-operator-user/]],
  ["a changed one", user, secrets, [/it lacks .*"targets"/, /it also allows .*"secrets"/]],
  [
    "a custom one, whatever is in it",
    "x",
    clusterRole("x", { apiGroups: [""], resources: ["pods"], verbs: ["get"] }),
    [],
  ],
];
for (const [what, name, role, says] of checks) {
  t.test(`${what} is bound`, async (t) => {
    const warnings = checkRoles(new Map([[name, role]]), { dangerous: false });
    t.equal(warnings.length, says.length, warnings.join("\n"));
    t.match(warnings, says);
    saysKept(t, import.meta.filename, what, () => warnings);
  });
}

const refused: [what: string, name: string, role: Lookup, message: RegExp, hint: RegExp][] = [
  ["a missing role of the operator", user, "absent", /the operator's clusterrole .* was not found/, /--role minimal/],
  [
    "a missing role that administrators define",
    "mirrord:role:builders",
    "absent",
    /^there is no role "builders"$/,
    /^Other ClusterRoles are named clusterrole\/NAME\.\nSee what there is: kubectl mirrord grant role list$/,
  ],
  ["a missing custom role", "x", "absent", /^clusterrole "x" was not found/, /kubectl get clusterroles/],
  ["a dangerous custom role", "x", escalating, /lets its holder gain more rights/, /^Add --dangerous/],
  [
    "a role of the operator that somebody made dangerous",
    user,
    clusterRole(user, { apiGroups: ["*"], resources: ["*"], verbs: ["*"] }),
    /gain more rights/,
    /chart did not put that there[\s\S]*--dangerous/,
  ],
];
for (const [what, name, role, message, hint] of refused) {
  t.test(`${what} is refused`, async (t) => {
    t.throws(() => checkRoles(new Map([[name, role]]), { dangerous: false }), { message, hint, kind: "usage" });
    saysKept(t, import.meta.filename, what, () => checkRoles(new Map([[name, role]]), { dangerous: false }));
  });
}

t.test("a dangerous role is bound when that is meant", async (t) => {
  t.same(checkRoles(new Map([["x", escalating]]), { dangerous: true }), []);
});

const reads = ownRole("mirrord:role:reads") as KubernetesObject;
const stranger = clusterRole("mirrord:role:reads");
const aggregated = { ...reads, aggregationRule: { clusterRoleSelectors: [] } };

t.test("a role of our name is ours by its label, and unless a controller fills it", async (t) => {
  t.equal(whyForeign(reads), undefined);
  t.match(whyForeign(stranger), /"mirrord:role:reads" is there already and was not made by kubectl-mirrord/);
  t.match(whyForeign(aggregated), /is aggregated: its rules are not ours/);
});

t.test("nothing binds a role of our name that is not ours, or that nobody could look at", async (t) => {
  const name = "mirrord:role:reads";
  const check = (role: Lookup, tolerant: boolean) => checkOwnRoles(new Map([[name, role]]), { tolerant });
  t.same(check(reads, false), { found: new Map([[name, reads]]), warnings: [] });
  t.same(check("absent", false), { found: new Map(), warnings: [] });
  for (const [what, role] of Object.entries({ stranger, aggregated })) {
    t.throws(() => check(role, true), { kind: "refused", message: /clusterrole/ });
    saysKept(t, import.meta.filename, what, () => check(role, true));
  }
  t.throws(() => check("forbidden", false), { kind: "undetermined", message: /you may not read/ });
  t.match(check("forbidden", true), { found: new Map(), warnings: [/you may not read clusterrole/] });
});

t.test("a role of the name that administrators define is bound only where it has their label", async (t) => {
  const squatted = clusterRole("mirrord:role:custom-builders", {
    apiGroups: [""],
    resources: ["pods"],
    verbs: ["get"],
  });
  for (const name of ["mirrord:role:builders", "mirrord:role:custom-builders"]) {
    const role = { ...squatted, metadata: { name } };
    saysKept(t, import.meta.filename, `squatted ${name}`, () =>
      checkRoles(new Map([[name, role]]), { dangerous: false }),
    );
  }
});
