import t from "tap";
import {
  customGrantRole,
  customRole,
  customRoleObject,
  customRoles,
  missingRole,
  parseRoleName,
  roleText,
} from "../../lib/access/custom-role.ts";
import { clusterRole } from "./rbac-objects.ts";

const names: [name: string, refusal?: RegExp][] = [
  ["dba"],
  ["restricted-control"],
  ["a".repeat(63)],
  ["1"],
  ["viewer"],
  ["", /cannot be the name of a role/],
  ["a".repeat(64), /cannot be the name of a role/],
  ["DBA", /cannot be the name of a role/],
  ["a/b", /cannot be the name of a role/],
  ["-a", /cannot be the name of a role/],
  ["user", /role "user" is built in/],
  ["ci", /role "ci" is built in/],
  ["reads", /role "reads" is built in/],
  ["view-basic", /role "view-basic" is built in/],
  ["privileged-anything", /role "privileged-anything" is built in/],
  ["users", /too close to the built-in role user/],
  ["minmal", /too close to the built-in role minimal/],
];
for (const [name, refusal] of names)
  t.test(`${JSON.stringify(name)} ${refusal === undefined ? "is" : "is not"} a name for a role`, async (t) => {
    if (refusal === undefined) {
      t.equal(parseRoleName(name), name);
      t.equal(customGrantRole(name), `clusterrole/mirrord:role:${name}`);
      t.equal(roleText(`clusterrole/mirrord:role:${name}`), name);
    } else {
      t.throws(() => parseRoleName(name), { message: refusal });
      t.equal(customGrantRole(name), undefined);
      t.equal(customRole(`clusterrole/mirrord:role:${name}`), undefined);
    }
  });

t.test("what is no custom role is shown as it is", async (t) => {
  for (const role of ["user", "clusterrole/view", "clusterrole/mirrord:role:reads", "privileged/hostPID"])
    t.equal(roleText(role), role);
});

t.test("a label alone makes no custom role", async (t) => {
  const role = { ...customRoleObject("dba", { rules: [] }) };
  const squatted = { ...role, metadata: { ...role.metadata, name: "cluster-admin" } };
  const builtIn = { ...role, metadata: { name: "mirrord:role:reads", labels: { "kubectl-mirrord.io/role": "reads" } } };
  t.same(
    [...customRoles([squatted, builtIn, clusterRole("mirrord:role:x"), { ...role, kind: "Role" }, role]).keys()],
    ["dba"],
  );
});

t.test("a role that is not there is named with what is near", async (t) => {
  t.same(missingRole("dbaa", ["dba"]).hints[0], 'Did you mean "dba"?');
  t.same(missingRole("x", []).hints, [
    "Other ClusterRoles are named clusterrole/NAME.",
    "See what there is: kubectl mirrord grant role list",
  ]);
});
