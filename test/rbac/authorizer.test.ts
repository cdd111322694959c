import fc from "fast-check";
import t from "tap";
import type { AccessRequest } from "../../lib/kubernetes/access.ts";
import { withAggregation } from "../../lib/rbac/decide/aggregation.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { stockRbac } from "../../lib/rbac/write/stock.ts";
import { generateQuestions } from "./generate-questions.ts";
import { generateWorld } from "./generate-world.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  user,
} from "./objects.ts";
import { random } from "./random.ts";
import { vectors } from "./vectors.ts";

for (const { name, objects, checks } of vectors("authorize")) {
  t.test(`upstream: ${name}`, async (t) => {
    const engine = authorizer(objects);
    for (const { request, allowed } of checks) {
      t.equal(engine.authorize(request).allowed, allowed, JSON.stringify(request));
      t.equal(engine.explain(request).answer, allowed ? "yes" : "no");
    }
  });
}

for (const [position, { objects, checks }] of vectors("effective-rules").entries()) {
  t.test(`upstream: rules for a user, ${position}`, async (t) => {
    const engine = authorizer(objects);
    const sorted = (rules: unknown[]): string[] => rules.map((each) => JSON.stringify(each)).toSorted();
    for (const { user: who, namespace, rules } of checks)
      t.same(sorted(engine.rulesFor(who, namespace)), sorted(rules));
  });
}

for (const { name, namespace, subjects, user: who, index } of vectors("applies-to")) {
  t.test(`upstream: ${name}`, async (t) => {
    const rules = [rule("", "pods", "get")];
    const bound =
      namespace === ""
        ? clusterRoleBinding("b", "r", subjects)
        : roleBinding(namespace, "b", clusterRoleRef("r"), subjects);
    const { via } = authorizer([clusterRole("r", rules), bound]).explain({
      user: who,
      verb: "get",
      apiGroup: "",
      resource: "pods",
      namespace,
    });
    t.same(
      via.map((match) => match.subjectIndex),
      index === undefined ? [] : [index],
    );
  });
}

const { objects: reviewed, cases: reviews } = vectors("reviews");
const live = authorizer(withAggregation(stockRbac()).objects.concat(reviewed));
for (const { name, request, allowed, reason, node } of reviews) {
  t.test(`live: ${name}`, async (t) => {
    const explained = live.explain(request);
    if (node === true) {
      t.equal(explained.answer, "unknown");
      t.match(explained.reason, /Node authorizer/u);
      return;
    }
    t.equal(live.authorize(request).allowed, allowed);
    // Where stored rules lag behind, the server's no is not the last word.
    t.equal(explained.answer, name.startsWith("aggregated role") ? "unknown" : allowed ? "yes" : "no");
    if (explained.answer !== "unknown" && explained.via.length > 0) t.equal(explained.reason, reason);
  });
}

t.test("a request without a user of its own groups is answered for exactly the groups it carries", async (t) => {
  const engine = authorizer([
    clusterRole("r", [rule("", "pods", "get")]),
    clusterRoleBinding("b", "r", [group("system:authenticated")]),
  ]);
  const request = { verb: "get", apiGroup: "", resource: "pods" };
  t.equal(engine.authorize({ ...request, user: { name: "jane", groups: [] } }).allowed, false);
  t.equal(engine.authorize({ ...request, user: { name: "jane", groups: ["system:authenticated"] } }).allowed, true);
});

t.test("a Role of the same name in another namespace is another role", async (t) => {
  const engine = authorizer([
    role("dev", "r", [rule("", "pods", "get")]),
    role("qa", "r", [rule("", "secrets", "get")]),
    roleBinding("dev", "b", roleRef("r"), [user("jane")]),
    roleBinding("test", "b", roleRef("r"), [user("jane")]),
  ]);
  const may = (namespace: string, resource: string): boolean =>
    engine.authorize({ user: { name: "jane", groups: [] }, verb: "get", apiGroup: "", resource, namespace }).allowed;
  t.same(
    [may("dev", "pods"), may("dev", "secrets"), may("test", "pods"), may("test", "secrets")],
    [true, false, false, false],
  );
});

t.test("names that mean something to JavaScript mean nothing", async (t) => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const engine = authorizer([
      clusterRole(name, [rule(name, name, name, name)]),
      clusterRoleBinding(name, name, [user(name)]),
      role(name, name, [rule("", name, "see")]),
      roleBinding(name, name, roleRef(name), [group(name)]),
    ]);
    const nobody = authorizer([]);
    const own: AccessRequest = { user: { name, groups: [] }, verb: name, apiGroup: name, resource: name, name };
    t.equal(engine.authorize(own).allowed, true);
    t.equal(nobody.authorize(own).allowed, false);
    t.equal(
      engine.authorize({
        user: { name: "x", groups: [name] },
        verb: "see",
        apiGroup: "",
        resource: name,
        namespace: name,
      }).allowed,
      true,
    );
    t.same(
      nobody.whoCan(own).subjects.map((subject) => subject.name),
      ["system:masters"],
    );
  }
});

t.test("nothing that can be written in JSON makes it throw", async () => {
  const key = fc.constantFrom(
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "namespace",
    "rules",
    "subjects",
    "roleRef",
    "verbs",
    "apiGroups",
    "resources",
    "resourceNames",
    "aggregationRule",
    "clusterRoleSelectors",
    "matchLabels",
    "labels",
    "__proto__",
  );
  const word = fc.constantFrom(
    "rbac.authorization.k8s.io/v1",
    "ClusterRole",
    "Role",
    "RoleBinding",
    "ClusterRoleBinding",
    "User",
    "Group",
    "x",
    "*",
    "",
    "get",
    "__proto__",
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      word,
      fc.constant(null),
      fc.integer(),
      fc.boolean(),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 6 }),
    ),
  }));
  const header = fc.record({
    apiVersion: fc.constant("rbac.authorization.k8s.io/v1"),
    kind: word,
    metadata: fc.oneof(fc.record({ name: word, namespace: word }), tree),
  });
  const object = fc.oneof(
    tree,
    fc.tuple(header, fc.dictionary(key, tree)).map(([head, rest]) => Object.assign(rest, head)),
  );
  const questions: AccessRequest[] = [
    { user: { name: "x", groups: ["x", ""] }, verb: "get", apiGroup: "", resource: "x", namespace: "x" },
    { user: { name: "", groups: [] }, verb: "get", path: "/x" },
  ];
  fc.assert(
    fc.property(fc.array(object, { maxLength: 8 }), (anything) => {
      const objects: ReturnType<typeof stockRbac> = JSON.parse(JSON.stringify(anything));
      const engine = authorizer(objects);
      for (const question of questions) {
        engine.authorize(question);
        engine.explain(question);
        engine.whoCan(question);
        engine.rulesFor(question.user, "x");
      }
    }),
    { numRuns: 2000 },
  );
});

t.test("authorize, explain and whoCan say the same", async (t) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const choices = random(seed);
    const world = generateWorld(choices, "w-", ["ns1", "ns2"]);
    const engine = authorizer(world.objects);
    for (const request of generateQuestions(choices, world, 100)) {
      const { allowed } = engine.authorize(request);
      const explained = engine.explain(request);
      const { subjects } = engine.whoCan(request);
      const named = subjects.some((subject) =>
        subject.kind === "Group"
          ? request.user.groups.includes(subject.name)
          : request.user.name ===
            (subject.kind === "User" ? subject.name : `system:serviceaccount:${subject.namespace}:${subject.name}`),
      );
      if ((explained.answer === "yes") !== allowed || named !== allowed)
        t.fail(`seed ${seed}: ${JSON.stringify(request)}`);
    }
  }
});
