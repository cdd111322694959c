import t from "tap";
import { boundSubject, formatSubject, subjectIdentity, type RbacSubject } from "../../lib/access/subject.ts";
import { whoCanSend, type RequestsIn } from "../../lib/audit/who-can.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { needs } from "../../lib/mirrord/plan/session-request.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
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
} from "../rbac/objects.ts";
import { generateQuestions } from "../rbac/generate-questions.ts";
import { generateWorld } from "../rbac/generate-world.ts";
import { random } from "../rbac/random.ts";
import { steps } from "../steps.ts";
import { session } from "./session-work.ts";

const reader = clusterRole("reader", [rule("", "pods", "get")]);
const connector = clusterRole("connector", [rule("operator.metalbear.co", "targets", "proxy")]);

const cases: { name: string; objects: KubernetesObject[]; namespaces?: string[]; want: Record<string, string[]> }[] = [
  { name: "nothing is bound", objects: [], want: {} },
  {
    name: "one of two requests is not enough",
    objects: [reader, roleBinding("dev", "r", clusterRoleRef("reader"), [user("jim")])],
    want: {},
  },
  {
    name: "the requests may be allowed by different bindings",
    objects: [
      reader,
      connector,
      clusterRoleBinding("r", "reader", [user("jim"), user("ana")]),
      roleBinding("dev", "c", clusterRoleRef("connector"), [user("jim")]),
    ],
    want: { jim: ["dev"] },
  },
  {
    name: "every user is in system:authenticated; what a service account gets by a group of its namespace is shown there",
    objects: [
      reader,
      connector,
      clusterRoleBinding("r", "reader", [group("system:authenticated")]),
      roleBinding("dev", "c", clusterRoleRef("connector"), [user("jim"), group("system:serviceaccounts:ci")]),
      roleBinding("qa", "c", clusterRoleRef("connector"), [serviceAccount("runner", "ci")]),
    ],
    namespaces: ["dev", "qa"],
    want: { jim: ["dev"], "group:system:serviceaccounts:ci": ["dev"], "sa:ci/runner": ["qa"] },
  },
  {
    name: "what the accounts of a namespace get by their group and by that of all accounts is shown at theirs",
    objects: [
      reader,
      connector,
      clusterRoleBinding("r", "reader", [group("system:serviceaccounts")]),
      roleBinding("dev", "c", clusterRoleRef("connector"), [group("system:serviceaccounts:ci")]),
    ],
    want: { "group:system:serviceaccounts:ci": ["dev"] },
  },
  {
    name: "who needs a group that only the identity provider knows of is not named",
    objects: [
      reader,
      connector,
      clusterRoleBinding("r", "reader", [group("devs")]),
      roleBinding("dev", "c", clusterRoleRef("connector"), [user("jim")]),
    ],
    want: {},
  },
  {
    name: "what is allowed in the whole cluster is said once, not for each namespace",
    objects: [
      reader,
      connector,
      clusterRoleBinding("r", "reader", [user("jim"), user("ana")]),
      clusterRoleBinding("c", "connector", [user("jim")]),
      roleBinding("dev", "c", clusterRoleRef("connector"), [user("jim"), user("ana")]),
    ],
    namespaces: ["dev", "qa"],
    want: { ana: ["dev"], jim: ["*"] },
  },
  {
    name: "a rule for another name does not count",
    objects: [
      role("dev", "one", [rule("", "pods", "get", "api")]),
      connector,
      roleBinding("dev", "r", roleRef("one"), [user("jim")]),
      roleBinding("dev", "c", clusterRoleRef("connector"), [user("jim")]),
    ],
    want: {},
  },
  {
    name: "a user written as the name of a service account is that account",
    objects: [
      reader,
      connector,
      clusterRoleBinding("r", "reader", [user("system:serviceaccount:ci:runner")]),
      roleBinding("dev", "c", clusterRoleRef("connector"), [serviceAccount("runner", "ci")]),
    ],
    want: { "sa:ci/runner": ["dev"] },
  },
];

for (const { name, objects, namespaces = ["dev"], want } of cases)
  t.test(name, async (t) => {
    const { holders } = whoCanSend(objects, namespaces, session);
    const found = Object.fromEntries(holders.map(({ subject, namespaces: where }) => [formatSubject(subject), where]));
    t.same(found, { "group:system:masters": ["*"], ...want });
  });

t.test("each step says what allows it, and optional ones are left out", async (t) => {
  const objects = [
    reader,
    connector,
    clusterRoleBinding("r", "reader", [user("jim")]),
    roleBinding("dev", "c", clusterRoleRef("connector"), [user("jim")]),
  ];
  const jim = whoCanSend(objects, ["dev"], session).holders.find(({ subject }) => subject.name === "jim");
  t.same(
    jim?.steps.map(({ id, match }) => [id, match?.binding.kind, match?.binding.name, match?.role.name]),
    [
      ["read", "ClusterRoleBinding", "r", "reader"],
      ["connect", "RoleBinding", "c", "connector"],
    ],
  );
});

t.test("a binding whose role is missing is said", async (t) => {
  t.match(whoCanSend([clusterRoleBinding("r", "gone", [user("jim")])], ["dev"], session).errors, [/"gone" not found/]);
});

t.test("in worlds at random, who is listed is allowed everything, and who is not lacks something", async (t) => {
  const namespaces = ["dev", "qa"] as const;
  let listed = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const choices = random(seed);
    const world = generateWorld(choices, "w-", namespaces);
    const engine = authorizer(world.objects);
    for (const { user: _user, ...attributes } of generateQuestions(choices, world, 30)) {
      const requests = [needs("question", "ask", attributes)];
      const { holders } = whoCanSend(world.objects, "none", () => requests);
      listed += holders.length;
      const names = new Set(holders.map(({ subject }) => formatSubject(subject)));
      for (const { subject } of holders.filter(({ subject: { name } }) => name !== "system:masters"))
        t.ok(engine.authorize({ ...attributes, user: subjectIdentity(subject) }).allowed, formatSubject(subject));
      const named = engine
        .whoCan(attributes)
        .subjects.flatMap((subject) => boundSubject({ ...subject }, undefined) ?? []);
      t.same(names, new Set(named.map(formatSubject)), JSON.stringify({ seed, attributes }));
    }
  }
  t.ok(listed > 600, "more than system:masters alone");
});

t.test(
  "in worlds of many namespaces, everybody is listed where they are allowed everything, and nowhere else",
  async (t) => {
    const namespaces = ["dev", "qa", "prod"] as const;
    let listed = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const choices = random(seed);
      const { objects, ...world } = generateWorld(choices, "w-", namespaces);
      const engine = authorizer(objects);
      const asked = generateQuestions(choices, { objects, ...world }, 2).map(
        ({ user: _user, ...attributes }) => attributes,
      );
      const requestsIn: RequestsIn = (namespace) =>
        asked.map((each, at) => {
          // Some requests of a session are about the namespace itself, and some are outside of all.
          const isNamed = "resource" in each && each.namespace !== undefined && at === 1;
          return needs(`q${at}`, "ask", isNamed ? { ...each, namespace, name: namespace } : each);
        });
      const may = (subject: RbacSubject, namespace: string): boolean =>
        requestsIn(namespace).every(
          ({ attributes }) => engine.authorize({ ...attributes, user: subjectIdentity(subject) }).allowed,
        );
      const { holders } = whoCanSend(objects, namespaces, requestsIn);
      const places = new Map(holders.map((holder) => [formatSubject(holder.subject), holder.namespaces]));
      // Whoever gets in by a group that Kubernetes puts everybody in is listed by that group.
      const isShown = (subject: RbacSubject, namespace: string): boolean =>
        [formatSubject(subject), ...subjectIdentity(subject).groups.map((name) => `group:${name}`)].some((name) =>
          ["*", namespace].some((place) => places.get(name)?.includes(place)),
        );
      const everybody: RbacSubject[] = [
        ...holders.map(({ subject }) => subject).filter(({ name }) => name !== "system:masters"),
        ...world.users.map((name) => ({ kind: "User", name }) as const),
        ...world.groups.map((name) => ({ kind: "Group", name }) as const),
      ];
      for (const subject of everybody) {
        const shown = namespaces.filter((namespace) => isShown(subject, namespace));
        if (shown.length > 0) listed += 1;
        const allowed = namespaces.filter((namespace) => may(subject, namespace));
        t.same(shown, allowed, `seed ${seed}: ${formatSubject(subject)}`);
      }
    }
    t.ok(listed > 50, String(listed));
  },
);

t.test("ten times the namespaces and bindings are ten times the work", async (t) => {
  const world = (count: number) => [
    reader,
    connector,
    ...Array.from({ length: count }, (_, at) => clusterRoleBinding(`r${at}`, "reader", [user(`user-${at}`)])),
    ...Array.from({ length: count }, (_, at) =>
      roleBinding(`ns-${at}`, "c", clusterRoleRef("connector"), [user(`user-${at}`)]),
    ),
  ];
  const work = (count: number) =>
    steps(
      import.meta.resolve("./session-work.ts"),
      "listSession",
      world(count),
      Array.from({ length: count }, (_, at) => `ns-${at}`),
    );
  const [few, many] = [await work(40), await work(400)];
  t.ok(many < few * 11, `${few} steps, then ${many}`);
});
