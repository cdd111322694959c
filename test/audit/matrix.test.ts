import t from "tap";
import { formatSubject, type GrantSubject } from "../../lib/access/subject.ts";
import { accessMatrix, groupRows, SOME_NAMESPACE, type MatrixAction } from "../../lib/audit/matrix.ts";
import { whoCanSend } from "../../lib/audit/who-can.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { needs } from "../../lib/mirrord/plan/session-request.ts";
import { generateWorld } from "../rbac/generate-world.ts";
import { random } from "../rbac/random.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  roleBinding,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";

const OPERATOR = "operator.metalbear.co";
const request = (verb: string, resource: string, name?: string, cluster = false) =>
  needs(verb, verb, {
    verb,
    apiGroup: OPERATOR,
    resource,
    ...(cluster ? {} : { namespace: SOME_NAMESPACE }),
    ...(name === undefined ? {} : { name }),
  });
const mirror: MatrixAction = {
  action: "mirror",
  requests: [
    request("get", "mirrordoperators", "operator", true),
    request("proxy", "targets", "deployment.web"),
    needs("version", "read", { verb: "get", path: "/version" }, { required: false }),
  ],
};
const ci: MatrixAction = { action: "ci", requests: [request("create", "keys", undefined, true)] };

const find = clusterRole("find", [rule(OPERATOR, "mirrordoperators", "get")]);
const connect = clusterRole("connect", [rule(OPERATOR, "targets", "proxy")]);
const limited = clusterRole("limited", [rule(OPERATOR, "targets", "proxy", "deployment.web")]);
const other = clusterRole("other", [rule(OPERATOR, "targets", "proxy", "deployment.cart")]);
const keys = clusterRole("keys", [rule(OPERATOR, "keys", "create")]);

const cases: { name: string; given: KubernetesObject[]; want: Record<string, Record<string, string[]>> }[] = [
  { name: "nobody", given: [find, connect], want: {} },
  {
    name: "by several bindings, in some namespaces",
    given: [
      find,
      connect,
      keys,
      clusterRoleBinding("f", "find", [user("jim"), user("ana")]),
      roleBinding("dev", "c", clusterRoleRef("connect"), [user("jim")]),
      roleBinding("qa", "c", clusterRoleRef("connect"), [user("jim"), user("eve")]),
      clusterRoleBinding("k", "keys", [user("ana")]),
    ],
    want: { jim: { mirror: ["dev", "qa"] }, ana: { ci: ["*"] } },
  },
  {
    name: "everywhere, and a limit that names the target or another",
    given: [
      find,
      connect,
      limited,
      other,
      clusterRoleBinding("f", "find", [user("jim"), user("ana"), user("eve")]),
      clusterRoleBinding("c", "connect", [user("jim")]),
      roleBinding("dev", "l", clusterRoleRef("limited"), [user("ana")]),
      roleBinding("dev", "o", clusterRoleRef("other"), [user("eve")]),
    ],
    want: { jim: { mirror: ["*"] }, ana: { mirror: ["dev"] } },
  },
  {
    name: "one half by a group that everybody is in; what the group has alone is the group's",
    given: [
      find,
      connect,
      clusterRoleBinding("f", "find", [group("system:authenticated")]),
      roleBinding("dev", "c", clusterRoleRef("connect"), [user("jim"), serviceAccount("ci", "qa")]),
      roleBinding("qa", "c", clusterRoleRef("connect"), [group("system:serviceaccounts:qa")]),
    ],
    want: {
      jim: { mirror: ["dev"] },
      "sa:qa/ci": { mirror: ["dev"] },
      "group:system:serviceaccounts:qa": { mirror: ["qa"] },
    },
  },
  {
    name: "a RoleBinding gives nothing of the cluster",
    given: [
      find,
      connect,
      keys,
      roleBinding("dev", "a", clusterRoleRef("find"), [user("jim")]),
      roleBinding("dev", "b", clusterRoleRef("connect"), [user("jim")]),
      roleBinding("dev", "k", clusterRoleRef("keys"), [user("jim")]),
    ],
    want: {},
  },
];
for (const { name, given, want } of cases)
  t.test(name, async (t) => {
    const { rows, errors } = accessMatrix(given, [mirror, ci]);
    t.same(Object.fromEntries(rows.map(({ subject, allowed }) => [formatSubject(subject), allowed])), want);
    t.same(errors, []);
  });

t.test("subjects that do not count are left out", async (t) => {
  const given = [keys, clusterRoleBinding("k", "keys", [user("jim"), user("system:kube-scheduler")])];
  const { rows } = accessMatrix(given, [ci], (_binding, _role, { name }) => !name.startsWith("system:"));
  t.same(
    rows.map(({ subject, roles }) => [formatSubject(subject), roles]),
    [["jim", ["clusterrole/keys"]]],
  );
});

t.test("of random worlds the matrix says what who-can says", async (t) => {
  let cells = 0;
  for (let seed = 1; seed <= 25; seed += 1) {
    const { objects } = generateWorld(random(seed), "", ["one", "two"]);
    for (const verb of ["get", "list", "delete"]) {
      const requests = (namespace: string) =>
        ["pods", "secrets"].map((resource) => needs(resource, "ask", { verb, apiGroup: "", resource, namespace }));
      const { rows } = accessMatrix(objects, [{ action: "mirror", requests: requests(SOME_NAMESPACE) }]);
      const shown = new Map(rows.map(({ subject, allowed }) => [formatSubject(subject), allowed.mirror]));
      const { holders } = whoCanSend(objects, ["one", "two"], requests);
      for (const { subject, namespaces } of holders) {
        const name = formatSubject(subject);
        const isOpen = holders.some(
          ({ subject: each }) =>
            each.kind === "Group" && each.name.startsWith("system:") && each.name !== "system:masters",
        );
        if (name === "group:system:masters" || (isOpen && shown.get(name) === undefined)) continue;
        t.same(shown.get(name), namespaces.toSorted(), `seed ${seed}: ${verb} ${name}`);
        cells += 1;
      }
      const listed = new Set(holders.map(({ subject }) => formatSubject(subject)));
      for (const name of shown.keys()) if (!listed.has(name)) t.fail(`seed ${seed}: ${name} is not listed`);
    }
  }
  t.ok(cells > 50, `${cells} cells`);
});

t.test("put together by team, namespace and role", async (t) => {
  const { rows } = accessMatrix(
    [
      find,
      connect,
      clusterRoleBinding("f", "find", [user("jim"), user("ana")]),
      roleBinding("dev", "c", clusterRoleRef("connect"), [user("jim"), user("ana")]),
      roleBinding("qa", "c", clusterRoleRef("connect"), [user("ana")]),
    ],
    [mirror],
  );
  const teams = ({ name }: GrantSubject) => (name === "jim" ? ["team:acme/web"] : []);
  const shown = (by: Parameters<typeof groupRows>[1]) =>
    groupRows(rows, by, teams).map(({ name, cells }) => [name, cells.mirror]);
  t.same(shown("subject"), [
    ["ana", ["dev", "qa"]],
    ["jim", ["dev"]],
  ]);
  t.same(shown("team"), [["team:acme/web", ["jim"]]]);
  t.same(shown("namespace"), [
    ["dev", ["ana", "jim"]],
    ["qa", ["ana"]],
  ]);
  t.same(shown("role"), [
    ["clusterrole/connect", ["ana", "jim"]],
    ["clusterrole/find", ["ana", "jim"]],
  ]);
});
