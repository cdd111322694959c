import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import type { UserInfo } from "../../../lib/kubernetes/access.ts";
import { withAggregation } from "../../../lib/rbac/decide/aggregation.ts";
import { stockRbac } from "../../../lib/rbac/write/stock.ts";
import { writePreflight, type WriteRequest } from "../../../lib/rbac/write/write-preflight.ts";
import { clusterRole, clusterRoleBinding, clusterRoleRef, role, roleBinding, rule, user } from "../objects.ts";
import { vectors } from "../vectors.ts";

const { objects, cases } = vectors("writes");
const live = writePreflight([...withAggregation(stockRbac()).objects, ...objects]);

for (const { name, message, code: status, object: given, ...request } of cases) {
  t.test(`live: ${name}`, async (t) => {
    const object: KubernetesObject = JSON.parse(
      JSON.stringify(given).replace("<REPEAT x 262144>", "x".repeat(262_144)),
    );
    const predicted = live.predict({ ...request, object, fieldManager: "test" });
    t.equal(predicted.code, status, predicted.message);
    t.equal(predicted.message, message);
    t.equal(predicted.allowed, status < 300);
  });
}

const RBAC = "rbac.authorization.k8s.io";
const jane: UserInfo = { name: "jane", groups: [] };
const writer = (...verbs: string[]): KubernetesObject[] => [
  clusterRole("writer", [{ apiGroups: [RBAC], resources: ["*"], verbs }, rule("", "pods", "get")]),
  clusterRoleBinding("writer", "writer", [user("jane")]),
];
const held = role("dev", "r", [rule("", "pods", "get")]);
const tooMuch = role("dev", "r", [rule("", "secrets", "get")]);

function code(stored: KubernetesObject[], request: Omit<WriteRequest, "user">): number {
  return writePreflight(stored).predict({ ...request, user: jane }).code;
}

t.test("a 403 says which rules are missing, shortened", async (t) => {
  const object = role("dev", "r", [{ apiGroups: [""], resources: ["pods", "secrets"], verbs: ["get", "list"] }]);
  t.same(writePreflight(writer("create")).predict({ user: jane, verb: "create", object }).missing, [
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
    { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] },
  ]);
});

t.test("who may not write at all is told so, before anything else", async (t) => {
  t.equal(code(writer("get"), { verb: "create", object: tooMuch }), 403);
  t.same(writePreflight(writer("get")).predict({ user: jane, verb: "create", object: tooMuch }), {
    allowed: false,
    code: 403,
    message: `roles.${RBAC} is forbidden: User "jane" cannot create resource "roles" in API group "${RBAC}" in the namespace "dev"`,
    missing: [],
  });
});

t.test("an update or an apply that creates needs create as well, by name", async (t) => {
  const named = [
    clusterRole("creator", [{ ...rule(RBAC, "roles", "create", "r") }]),
    clusterRoleBinding("creator", "creator", [user("jane")]),
  ];
  t.same(
    ["update", "apply"].map((verb) =>
      code(writer("update", "patch"), { verb: verb === "update" ? "update" : "apply", object: held }),
    ),
    [403, 403],
  );
  t.same(
    [
      code([...writer("update"), ...named], { verb: "update", object: held }),
      code([...writer("patch"), ...named], { verb: "apply", object: held }),
    ],
    [201, 201],
  );
  t.equal(
    code([...named, clusterRole("p", [rule("", "pods", "get")]), clusterRoleBinding("p", "p", [user("jane")])], {
      verb: "create",
      object: held,
    }),
    403,
    "a POST has no name",
  );
});

t.test("a role in the way is 409 on create, and not before the escalation check", async (t) => {
  t.equal(code([...writer("create"), held], { verb: "create", object: held }), 409);
  t.equal(code([...writer("create"), held], { verb: "create", object: tooMuch }), 403);
});

t.test("an old version, or another object of that name, is 409", async (t) => {
  const stored = { ...held, metadata: { ...held.metadata, resourceVersion: "7", uid: "u" } };
  const put = (more: object): number =>
    code([...writer("update"), stored], {
      verb: "update",
      object: { ...held, metadata: { ...held.metadata, ...more } },
    });
  t.same(
    [put({}), put({ resourceVersion: "7", uid: "u" }), put({ resourceVersion: "6" }), put({ uid: "v" })],
    [200, 200, 409, 409],
  );
});

t.test("deleting asks for nothing but the verb", async (t) => {
  t.same(
    [
      code([...writer("delete"), tooMuch], { verb: "delete", object: tooMuch }),
      code(writer("delete"), { verb: "delete", object: tooMuch }),
      code([...writer("get"), tooMuch], { verb: "delete", object: tooMuch }),
    ],
    [200, 404, 403],
  );
});

t.test("a body that cannot be read is 400, but only for those who may write", async (t) => {
  const broken: KubernetesObject = { ...held, rules: [{ verbs: "get" }] };
  t.same(
    [code(writer("create"), { verb: "create", object: broken }), code([], { verb: "create", object: broken })],
    [400, 403],
  );
  t.equal(
    code(writer("create"), { verb: "create", object: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" } } }),
    400,
  );
  t.equal(
    code(writer("create"), {
      verb: "create",
      object: { ...clusterRole("x", []), metadata: { name: "x", namespace: "dev" } },
    }),
    400,
  );
});

t.test("apply leaves what it does not name, and the check is about the result", async (t) => {
  const stored = { ...tooMuch, metadata: { ...tooMuch.metadata, labels: { a: "b" } } };
  const labelsOnly: KubernetesObject = { ...held, metadata: { ...held.metadata, labels: { a: "c" } } };
  delete labelsOnly["rules"];
  t.equal(code([...writer("patch"), stored], { verb: "apply", object: labelsOnly }), 403);
  t.equal(code([...writer("patch"), stored], { verb: "apply", object: held }), 200);
});

t.test("a field of another manager is a conflict, unless forced", async (t) => {
  const managedFields = [{ manager: "m1", operation: "Apply", fieldsV1: { "f:rules": {} } }];
  const stored = { ...role("dev", "r", []), metadata: { name: "r", namespace: "dev", managedFields } };
  const apply = (more: Partial<WriteRequest>): number =>
    code([...writer("patch"), stored], { verb: "apply", object: held, fieldManager: "m2", ...more });
  t.same(
    [apply({}), apply({ force: true }), apply({ fieldManager: "m1" }), apply({ object: { ...held, rules: [] } })],
    [409, 200, 200, 200],
  );
});

t.test("what the caller is bound to and does not exist is named beside the missing rules", async (t) => {
  const stored = [
    ...writer("create"),
    clusterRoleBinding("gone", "gone", [user("jane")]),
    roleBinding("dev", "gone", clusterRoleRef("lost"), [user("jane")]),
  ];
  t.match(
    writePreflight(stored).predict({ user: jane, verb: "create", object: tooMuch }).message,
    `; resolution errors: [[roles.${RBAC} "gone" not found, roles.${RBAC} "lost" not found]]`,
  );
});

t.test("system:masters may write what is valid, and only that", async (t) => {
  const master = { name: "root", groups: ["system:masters"] };
  const predict = (object: KubernetesObject): number =>
    writePreflight([]).predict({ user: master, verb: "create", object }).code;
  t.same(
    [predict(tooMuch), predict(clusterRoleBinding("b", "nowhere", [])), predict(role("dev", "a/b", []))],
    [201, 201, 422],
  );
});
