import t from "tap";
import type { AccessRequest, UserInfo } from "../../../lib/kubernetes/access.ts";
import { authorizer } from "../../../lib/rbac/authorizer.ts";
import { explain, matchFinder } from "../../../lib/rbac/decide/explain.ts";
import { rbacIndex } from "../../../lib/rbac/decide/rbac-index.ts";
import type { NearMiss } from "../../../lib/rbac/types.ts";
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
} from "../objects.ts";
import { generateQuestions } from "../generate-questions.ts";
import { generateWorld } from "../generate-world.ts";
import { random } from "../random.ts";
import { saysKept } from "../../kept-text.ts";

const jane: UserInfo = { name: "jane", groups: ["devs"] };
const getPod: AccessRequest = {
  user: jane,
  verb: "get",
  apiGroup: "",
  resource: "pods",
  namespace: "dev",
  name: "web",
};
const podReader = clusterRole("reader", [rule("apps", "deployments", "get"), rule("", "pods", "get")]);

t.test("a yes names every binding, role, rule and subject that makes it one", async (t) => {
  const engine = authorizer([
    podReader,
    role("dev", "local", [rule("", "*", "*", "web")]),
    roleBinding("dev", "b", roleRef("local"), [user("other"), group("devs"), user("jane")]),
    clusterRoleBinding("a", "reader", [user("jane")]),
    roleBinding("other", "c", clusterRoleRef("reader"), [user("jane")]),
  ]);
  const { answer, via, nearest, errors, reason } = engine.explain(getPod);
  t.same([answer, nearest, errors], ["yes", [], []]);
  t.match(via, [
    {
      binding: { kind: "ClusterRoleBinding", name: "a" },
      role: { kind: "ClusterRole", name: "reader" },
      ruleIndex: 1,
      subjectIndex: 0,
    },
    {
      binding: { kind: "RoleBinding", name: "b", namespace: "dev" },
      role: { kind: "Role", name: "local", namespace: "dev" },
      ruleIndex: 0,
      subjectIndex: 1,
      subject: group("devs"),
    },
  ]);
  t.equal(via.length, 2, "and no other path");
  t.equal(reason, `RBAC: allowed by ClusterRoleBinding "a" of ClusterRole "reader" to User "jane"`);
});

t.test("members of system:masters need no binding", async (t) => {
  const explained = authorizer([]).explain({ ...getPod, user: { name: "x", groups: ["system:masters"] } });
  t.match(explained, { answer: "yes", via: { length: 0 }, nearest: { length: 0 } });
});

const bound = [podReader, clusterRoleBinding("b", "reader", [user("jane")])];
const misses: {
  name: string;
  request: Partial<AccessRequest>;
  attribute: NearMiss["attribute"];
  fix: NearMiss["fix"];
}[] = [
  {
    name: "verb",
    request: { verb: "delete" },
    attribute: "verb",
    fix: { apiGroups: [""], resources: ["pods"], verbs: ["delete"], resourceNames: ["web"] },
  },
  {
    name: "subresource",
    request: { subresource: "log" },
    attribute: "subresource",
    fix: { apiGroups: [""], resources: ["pods/log"], verbs: ["get"], resourceNames: ["web"] },
  },
  {
    name: "API group",
    request: { resource: "deployments" },
    attribute: "apiGroup",
    fix: { apiGroups: [""], resources: ["deployments"], verbs: ["get"], resourceNames: ["web"] },
  },
  {
    name: "resource",
    request: { resource: "secrets" },
    attribute: "resource",
    fix: { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["web"] },
  },
];

for (const { name, request, attribute, fix } of misses) {
  t.test(`a no names the rule that matches all but the ${name}, and what would flip it`, async (t) => {
    const asked = { ...getPod, ...request };
    const { answer, nearest } = authorizer(bound).explain(asked);
    t.equal(answer, "no");
    saysKept(t, import.meta.filename, name, () => nearest);
    t.match(nearest[0], { attribute, role: { kind: "ClusterRole", name: "reader" }, binding: { name: "b" }, fix });
    const fixed = clusterRole("reader", [nearest[0]?.fix ?? rule("", "none", "none")]);
    t.equal(authorizer([fixed, ...bound.slice(1)]).authorize(asked).allowed, true);
  });
}

t.test("the nearest rule is the one limited to other names", async (t) => {
  const engine = authorizer([
    clusterRole("r", [rule("", "secrets", "get"), rule("", "pods", "list", "web"), rule("", "pods", "get", "db")]),
    clusterRoleBinding("b", "r", [group("devs")]),
  ]);
  t.same(
    engine.explain(getPod).nearest.map(({ attribute, ruleIndex }) => [attribute, ruleIndex]),
    [
      ["name", 2],
      ["verb", 1],
      ["resource", 0],
    ],
  );
});

t.test("a rule that differs in two attributes is not near", async (t) => {
  const engine = authorizer([
    clusterRole("r", [rule("apps", "pods", "list")]),
    clusterRoleBinding("b", "r", [user("jane")]),
  ]);
  t.same(engine.explain(getPod).nearest, []);
});

t.test("the right rule in another namespace is near, and it is said where", async (t) => {
  const engine = authorizer([podReader, roleBinding("qa", "b", clusterRoleRef("reader"), [user("jane")])]);
  t.match(engine.explain(getPod).nearest, [{ attribute: "namespace", binding: { namespace: "qa" }, ruleIndex: 1 }]);
  t.match(engine.explain({ ...getPod, namespace: "" }).nearest, [{ attribute: "namespace" }]);
});

t.test("a path that a RoleBinding would grant is near by its namespace: it grants nothing there", async (t) => {
  const engine = authorizer([
    clusterRole("r", [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }]),
    roleBinding("dev", "b", clusterRoleRef("r"), [user("jane")]),
  ]);
  t.match(engine.explain({ user: jane, verb: "get", path: "/metrics" }), {
    answer: "no",
    nearest: [{ attribute: "namespace" }],
  });
});

t.test("paths miss by verb or by path", async (t) => {
  const engine = authorizer([
    clusterRole("r", [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }, rule("", "pods", "get")]),
    clusterRoleBinding("b", "r", [user("jane")]),
  ]);
  const nearest = (verb: string, path: string): unknown =>
    engine.explain({ user: jane, verb, path }).nearest.map((miss) => miss.attribute);
  t.same(
    [nearest("post", "/metrics"), nearest("get", "/healthz"), nearest("post", "/healthz")],
    [["verb"], ["path"], []],
  );
});

t.test("a role that does not exist is named, and does not hide the others", async (t) => {
  const engine = authorizer([
    podReader,
    clusterRoleBinding("a", "gone", [user("jane")]),
    roleBinding("dev", "b", roleRef("gone"), [serviceAccount("x"), user("jane")]),
  ]);
  const { answer, nearest, errors, reason } = engine.explain(getPod);
  t.equal(answer, "no");
  t.match(nearest, [
    { attribute: "role", role: { kind: "ClusterRole", name: "gone" } },
    { attribute: "role", role: { kind: "Role", name: "gone", namespace: "dev" } },
  ]);
  const missing = [
    `clusterrole.rbac.authorization.k8s.io "gone" not found`,
    `role.rbac.authorization.k8s.io "gone" not found`,
  ];
  t.same(errors, missing);
  t.equal(reason, `RBAC: [${missing.join(", ")}]`);
});

t.test("a node is decided by the Node authorizer, unless RBAC says yes", async (t) => {
  const node = { name: "system:node:n1", groups: ["system:nodes"] };
  t.match(authorizer([]).explain({ ...getPod, user: node }), { answer: "unknown", reason: /Node authorizer/u });
  t.match(authorizer([]).explain({ ...getPod, user: { ...node, groups: [] } }), { answer: /^no$/u });
  t.match(
    authorizer([podReader, clusterRoleBinding("b", "reader", [group("system:nodes")])]).explain({
      ...getPod,
      user: node,
    }),
    { answer: "yes" },
  );
});

t.test("a webhook after RBAC makes a no uncertain, before RBAC a yes too", async (t) => {
  const other = { ...getPod, verb: "delete" };
  const answers = (webhook: "before-rbac" | "after-rbac"): unknown =>
    [getPod, other].map((request) => authorizer(bound, { webhook }).explain(request).answer);
  t.same(answers("after-rbac"), ["yes", "unknown"]);
  t.same(answers("before-rbac"), ["unknown", "unknown"]);
  t.equal(
    authorizer([], { webhook: "before-rbac" }).explain({ ...other, user: { name: "x", groups: ["system:masters"] } })
      .answer,
    "yes",
  );
});

t.test("an aggregated role that is not filled yet makes a no uncertain", async (t) => {
  const labelled = {
    ...clusterRole("part", [rule("", "pods", "get")]),
    metadata: { name: "part", labels: { into: "all" } },
  };
  const selectors = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { into: "all" } }] } };
  const engine = authorizer([
    labelled,
    clusterRole("all", [], selectors),
    clusterRoleBinding("b", "all", [user("jane")]),
  ]);
  t.equal(engine.authorize(getPod).allowed, false);
  t.match(engine.explain(getPod), {
    answer: "unknown",
    reason: /"all" allows it once the aggregation controller has run/u,
  });
  t.equal(engine.explain({ ...getPod, verb: "delete" }).answer, "no");
});

t.test("a rule in a namespace that does not count is near by its namespace alone, once for each binding", async (t) => {
  const reader = clusterRole("reader", [rule("", "pods", "get")]);
  const elsewhere = [
    roleBinding("qa", "by-group", clusterRoleRef("reader"), [group("devs")]),
    roleBinding("prod", "by-name", clusterRoleRef("reader"), [user("jane")]),
    roleBinding("dev", "of-another", clusterRoleRef("reader"), [user("other")]),
  ];
  const { answer, nearest } = authorizer([reader, ...elsewhere]).explain(getPod);
  t.equal(answer, "no");
  t.same(
    nearest.map(({ attribute, binding }) => `${attribute} ${binding.namespace}/${binding.name}`),
    ["namespace prod/by-name", "namespace qa/by-group"],
  );
  const here = roleBinding("dev", "here", clusterRoleRef("reader"), [user("jane")]);
  const other = { ...getPod, verb: "list" };
  t.same(
    authorizer([reader, here])
      .explain(other)
      .nearest.map(({ attribute }) => attribute),
    ["verb"],
    "and one in scope is not out of it as well",
  );
});

t.test("the first match is the first of all that an explanation names", async (t) => {
  const choices = random(7);
  let found = 0;
  for (let round = 0; round < 20; round += 1) {
    const world = generateWorld(choices, `w${round}-`, ["dev", "qa"]);
    const index = rbacIndex(world.objects);
    const findMatch = matchFinder(index);
    for (const request of generateQuestions(choices, world, 50)) {
      const [first] = explain(index, request, {}).via;
      t.same(findMatch(request), first, JSON.stringify(request));
      if (first !== undefined) found += 1;
    }
  }
  t.ok(found > 100, `${found} of them are allowed`);
  const masters = { ...getPod, user: { name: "root", groups: ["system:masters"] } };
  const reader = rbacIndex([podReader, clusterRoleBinding("a", "reader", [user("root")])]);
  t.equal(matchFinder(reader)(masters), undefined);
});
