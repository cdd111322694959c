import t from "tap";
import { accessDiff, type Side } from "../../../lib/audit/diff/diff.ts";
import { readSide } from "../../../lib/audit/diff/read-side.ts";
import { formatSubject } from "../../../lib/access/subject.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { sessionRequests } from "../../../lib/mirrord/session-requests.ts";
import { likelyPlan } from "../../../lib/preview/resolve.ts";
import { authorizer } from "../../../lib/rbac/authorizer.ts";
import { subjectIdentity } from "../../../lib/access/subject.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";
import { deployment, operatorRoles, user as userSubject } from "../../preview/objects.ts";
import { generateWorld } from "../../rbac/generate-world.ts";
import { random } from "../../rbac/random.ts";
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
} from "../../rbac/objects.ts";

const targets = [
  { kind: "deployment", name: "web", namespace: "dev" },
  { kind: "deployment", name: "db", namespace: "dev" },
  { kind: "deployment", name: "web", namespace: "qa" },
] as const;
const side = (rbac: readonly KubernetesObject[], more: Partial<Side> = {}): Side => ({
  rbac,
  policies: [],
  targets,
  ...more,
});

const basic = clusterRole("basic", [
  rule("operator.metalbear.co", "mirrordoperators", "get"),
  rule("operator.metalbear.co", "mirrordclusteroperatorusercredentials", "create"),
]);
const connect = clusterRole("connect", [
  rule("operator.metalbear.co", "targets", "proxy"),
  rule("apps", "deployments", "get"),
  rule("", "pods", "list"),
]);
const base = [basic, connect, clusterRoleBinding("basic", "basic", [group("system:authenticated")])];
const inDev = roleBinding("dev", "connect", clusterRoleRef("connect"), [user("jim")]);

const brief = (before: readonly KubernetesObject[], after: readonly KubernetesObject[]) =>
  accessDiff(side(before), side(after)).sessions.map(
    ({ subject, change, actions, namespaces, targets: which }) =>
      `${formatSubject(subject)} ${change} ${actions.join("+")} ${namespaces.join(",")} ${which.join(",")}`,
  );

const cases: { name: string; before: KubernetesObject[]; after: KubernetesObject[]; want: string[] }[] = [
  { name: "nothing differs", before: [...base, inDev], after: [inDev, ...base], want: [] },
  {
    name: "a binding gives every deployment",
    before: base,
    after: [...base, inDev],
    want: ["jim gains mirror and steal dev deployment/*"],
  },
  {
    name: "taken away, it is lost",
    before: [...base, inDev],
    after: base,
    want: ["jim loses mirror and steal dev deployment/*"],
  },
  {
    name: "the same in two namespaces is one row",
    before: base,
    after: [...base, inDev, roleBinding("qa", "connect", clusterRoleRef("connect"), [user("jim")])],
    want: ["jim gains mirror and steal dev,qa deployment/*"],
  },
  {
    name: "in the whole cluster, what namespaces had is not gained again",
    before: [...base, inDev],
    after: [...base, inDev, clusterRoleBinding("connect", "connect", [user("jim")])],
    want: ["jim gains mirror and steal * deployment/*"],
  },
  {
    name: "a limit to one target loses the others",
    before: [...base, inDev],
    after: [
      ...base,
      role("dev", "one", [
        rule("operator.metalbear.co", "targets", "proxy", "deployment.web"),
        rule("apps", "deployments", "get", "web"),
        rule("", "pods", "list"),
      ]),
      roleBinding("dev", "connect", roleRef("one"), [user("jim")]),
    ],
    want: ["jim loses mirror and steal dev deployment/*"],
  },
  {
    name: "one target more",
    before: base,
    after: [
      ...base,
      role("dev", "one", [
        rule("operator.metalbear.co", "targets", "proxy", "deployment.web"),
        rule("apps", "deployments", "get", "web"),
        rule("", "pods", "list"),
      ]),
      roleBinding("dev", "one", roleRef("one"), [serviceAccount("runner", "ci")]),
    ],
    want: ["sa:ci/runner gains mirror and steal dev deployment/web"],
  },
  {
    name: "half of a session is none",
    before: [basic, connect],
    after: [basic, connect, inDev],
    want: [],
  },
  {
    name: "the half that a group had is lost by everybody with the other half",
    before: [...base, inDev],
    after: [basic, connect, inDev],
    want: [
      "group:system:authenticated loses list-sessions * ",
      "group:system:authenticated loses ci  ",
      "jim loses mirror and steal dev deployment/*",
    ],
  },
  {
    name: "a role that loses a rule takes it from whoever is bound to it",
    before: [...base, inDev],
    after: [basic, clusterRole("connect", [rule("apps", "deployments", "get")]), ...base.slice(2), inDev],
    want: ["jim loses mirror and steal dev deployment/*"],
  },
];
for (const { name, before, after, want } of cases) t.test(name, async (t) => t.same(brief(before, after), want));

t.test("rights are told apart from sessions, and by where they are", async (t) => {
  const secrets = clusterRole("secrets", [rule("", "secrets", "get"), rule("", "pods", "list")]);
  const { rights, sessions } = accessDiff(
    side([secrets, roleBinding("dev", "s", clusterRoleRef("secrets"), [group("ops")])]),
    side([
      secrets,
      clusterRoleBinding("s", "secrets", [group("ops")]),
      roleBinding("dev", "s", clusterRoleRef("connect"), [group("ops")]),
      connect,
    ]),
  );
  t.same(sessions, []);
  t.match(rights, [
    {
      change: "gains",
      namespaces: ["*"],
      rules: [{ resources: ["pods"] }, { resources: ["secrets"], verbs: ["get"] }],
    },
    { change: "gains", namespaces: ["dev"], rules: [{ resources: ["deployments"] }, { resources: ["targets"] }] },
  ]);
});

t.test("the operator's whole role: every target, in one row for all actions that it opens", async (t) => {
  const bindings = [
    clusterRoleBinding("b", "mirrord-operator-user", [user("jim")]),
    clusterRoleBinding("c", "mirrord-operator-user-basic", [user("jim")]),
    clusterRoleBinding("d", "view", [user("jim")]),
  ];
  const view = clusterRole("view", [rule("*", "*", "get"), rule("*", "*", "list")]);
  const [first] = accessDiff(side([...operatorRoles, view]), side([...operatorRoles, view, ...bindings])).sessions;
  t.match(first, { change: "gains", namespaces: ["*"], targets: ["*"] });
  t.ok(first?.actions.includes("mirror and steal"));
});

t.test("policies that differ are named", async (t) => {
  const policy = (name: string, spec: object, namespace?: string): KubernetesObject => ({
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: namespace === undefined ? "MirrordClusterPolicy" : "MirrordPolicy",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec,
  });
  const before = [policy("a", { block: [] }), policy("b", { block: [] }, "dev"), policy("same", {})];
  const after = [policy("a", { block: ["steal"] }), policy("c", { block: [] }), policy("same", {})];
  t.same(accessDiff(side([], { policies: before }), side([], { policies: after })).policies, [
    { change: "changed", kind: "MirrordClusterPolicy", name: "a" },
    { change: "added", kind: "MirrordClusterPolicy", name: "c" },
    { change: "removed", kind: "MirrordPolicy", name: "b", namespace: "dev" },
  ]);
});

t.test("in worlds at random, every right in a row is had on one side only", async (t) => {
  const wrong: object[] = [];
  let asked = 0;
  for (let seed = 1; seed <= 8; seed += 1) {
    const one = generateWorld(random(seed), "w-", ["w-a", "w-b"]).objects;
    const other = one.filter((_, at) => (at + seed) % 5 !== 0);
    const [before, after] = [authorizer(one), authorizer(other)];
    for (const { subject, change, rules, namespaces } of accessDiff(side(one), side(other)).rights) {
      if (change === "gains") wrong.push({ gains: "by what was only taken away", rules });
      for (const { verbs, apiGroups = [], resources = [], resourceNames = [] } of rules) {
        const [verb = "", apiGroup = "", type = ""] = [verbs[0], apiGroups[0], resources[0]];
        const [resource = "", subresource, ...rest] = type.split("/");
        if (verb === "" || resource === "" || rest.length > 0 || `${verb}${apiGroup}${type}`.includes("*")) continue;
        const request = {
          user: subjectIdentity(subject),
          verb,
          apiGroup,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
          namespace: namespaces[0] === "*" ? "" : (namespaces[0] ?? ""),
          ...(resourceNames[0] === undefined ? {} : { name: resourceNames[0] }),
        };
        asked += 1;
        if (!before.authorize(request).allowed || after.authorize(request).allowed) wrong.push(request);
      }
    }
  }
  t.same(wrong, []);
  t.ok(asked > 100, `${asked} questions`);
});

t.test("every row about sessions agrees with asking the authorizer on both sides", async (t) => {
  const all = [inDev, roleBinding("qa", "connect", clusterRoleRef("connect"), [user("ann"), group("team")])];
  const [before, after] = [
    [...base, ...all.slice(0, 1)],
    [...base, ...all.slice(1)],
  ];
  const rows = accessDiff(side(before), side(after)).sessions;
  const engines = { base: authorizer(before), head: authorizer(after) };
  for (const subject of [userSubject("jim"), user("ann"), group("team")])
    for (const { kind, name, namespace } of targets) {
      const requests = sessionRequests({
        ...likelyPlan({ action: "mirror", target: { kind, name }, namespace }),
        namespace,
      });
      const who =
        subject.kind === "Group"
          ? { kind: "Group" as const, name: subject.name }
          : { kind: "User" as const, name: subject.name };
      const can = (engine: (typeof engines)["base"]) =>
        requests
          .filter(({ required }) => required)
          .every(({ attributes }) => engine.authorize({ user: subjectIdentity(who), ...attributes }).allowed);
      const [was, is] = [can(engines.base), can(engines.head)];
      const row = rows.find(
        (each) => formatSubject(each.subject) === formatSubject(who) && each.namespaces.includes(namespace),
      );
      t.equal(row?.change, was === is ? undefined : is ? "gains" : "loses");
    }
});

t.test("one side is read whole; what may not be read is named; pods are no targets of their own", async (t) => {
  const pod = { ...deployment("p"), kind: "Pod", apiVersion: "v1" };
  const { side: read, unreadable } = await readSide(
    fakeCluster({ objects: [...base, deployment("web"), pod], forbidden: ["roles", "jobs"] }),
    0,
  );
  t.match(read, { targets: [{ kind: "deployment", name: "web", namespace: "dev" }] });
  t.equal(read.targets.length, 1);
  t.same(unreadable, ["roles", "jobs"]);
});

t.test("in a folder what has ended gives nothing; in a cluster it does for as long as it is bound", async (t) => {
  const binding = clusterRoleBinding("mirrord:grant:jim", "basic", [user("jim")]);
  const ended = {
    ...binding,
    metadata: {
      ...binding.metadata,
      labels: { "kubectl-mirrord.io/grant": "x" },
      annotations: { "kubectl-mirrord.io/intent": "{}", "kubectl-mirrord.io/expires-at": "2026-01-01T00:00:00Z" },
    },
  };
  const count = async (offline: boolean, now: string) =>
    (await readSide(fakeCluster({ objects: [ended], offline }), Date.parse(now))).side.rbac.length;
  t.equal(await count(true, "2026-01-02T00:00:00Z"), 0);
  t.equal(await count(true, "2025-12-31T00:00:00Z"), 1);
  t.equal(await count(false, "2026-01-02T00:00:00Z"), 1);
});

t.test("where organizations may not be read, or sync cannot say what it would do, that is said", async (t) => {
  const binding = clusterRoleBinding("mirrord:grant:jim", "basic", [user("jim")]);
  const intent = { version: 1, subject: { kind: "User", name: "jim" }, selectors: ["env=test"] };
  const granted = {
    ...binding,
    metadata: {
      ...binding.metadata,
      labels: { "kubectl-mirrord.io/grant": "x", "app.kubernetes.io/managed-by": "kubectl-mirrord" },
      annotations: { "kubectl-mirrord.io/intent": JSON.stringify(intent) },
    },
  };
  const blind = await readSide(fakeCluster({ objects: [granted], forbidden: ["organizations"] }), 0);
  t.same([blind.unreadable, blind.side.organizations, blind.side.synced], [["organizations"], undefined, undefined]);
  const failing = await readSide(fakeCluster({ objects: [granted], forbidden: ["jobs"] }), 0);
  t.equal(failing.side.synced, undefined);
  t.match(failing.notSynced, /jobs/);
});
