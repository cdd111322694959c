// Paths that the audit finds are walked on a real API server, each step by whoever it is about; and the matrix beside what
// the server says. What needs a kubelet (entering pods) is not here: of pods only their creation is.
import t from "tap";
import { formatSubject, subjectIdentity, type RbacSubject } from "../../lib/access/subject.ts";
import { accessMatrix, SOME_NAMESPACE } from "../../lib/audit/matrix.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { needs } from "../../lib/mirrord/plan/session-request.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { load } from "../rbac/differential-run.ts";
import { generateQuestions } from "../rbac/generate-questions.ts";
import { generateWorld } from "../rbac/generate-world.ts";
import { clusterRole, clusterRoleBinding, clusterRoleRef, roleBinding, rule, user } from "../rbac/objects.ts";
import { random } from "../rbac/random.ts";
import { deleteAll, inParallel, readAll, review } from "../rbac/server.ts";
import { until } from "../until.ts";
import { ACCOUNT, pathWorld, type Token, type Walk } from "./path-world.ts";

const plane = await sharedControlPlane();
const world = await pathWorld(plane);
const { server, readsNodes } = world;
t.teardown(() => world.close());

const RBAC = "rbac.authorization.k8s.io";
const walks: Walk[] = [
  {
    name: "cluster-admin is bound",
    edge: "bind",
    rules: [rule(RBAC, "clusterroles", "bind"), rule(RBAC, "clusterrolebindings", "create")],
    wide: true,
    async walk({ send, name }) {
      const made = await send(
        "POST",
        `/apis/${RBAC}/v1/clusterrolebindings`,
        clusterRoleBinding(`${name}-walk`, "cluster-admin", [user(name)]),
      );
      if (made.status !== 201) return made.status;
      return await until("the binding counts", async () => {
        const { status } = await send("GET", "/api/v1/nodes");
        return status === 200 && status;
      });
    },
  },
  {
    name: "a ClusterRole is bound in one namespace, where an account is",
    edge: "bind",
    rules: [rule(RBAC, "clusterroles", "bind", "cluster-admin"), rule(RBAC, "rolebindings", "create")],
    async walk({ send, name, namespace }) {
      const path = `/apis/${RBAC}/v1/namespaces/${namespace}/rolebindings`;
      const binding = roleBinding(namespace, "walk", clusterRoleRef("cluster-admin"), [user(name)]);
      const bound = await send("POST", path, binding);
      if (bound.status !== 201) return bound.status;
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
      const token = await until("the binding counts", async () => {
        const { body } = await send("POST", `${accounts}/${ACCOUNT}/token`, request);
        return (body as Token).status?.token;
      });
      return await readsNodes(token);
    },
  },
  {
    name: "any rule is written into a role of one's own",
    edge: "escalate",
    rules: [
      rule(RBAC, "clusterroles", "escalate"),
      rule(RBAC, "clusterroles", "get"),
      rule(RBAC, "clusterroles", "update"),
    ],
    wide: true,
    async walk({ send, role: own }) {
      const path = `/apis/${RBAC}/v1/clusterroles/${own}`;
      const stored = (await send("GET", path)).body as KubernetesObject;
      const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
      const made = await send("PUT", path, { ...stored, rules: [...(stored["rules"] as PolicyRule[]), everything] });
      if (made.status !== 200) return made.status;
      return await until("the rule counts", async () => {
        const { status } = await send("GET", "/api/v1/nodes");
        return status === 200 && status;
      });
    },
  },
  {
    name: "a new role is aggregated into the walker's own",
    edge: "aggregation",
    rules: [rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "create")],
    wide: true,
    more: (name) => aggregate(name),
    async walk({ send, name }) {
      const everything = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
      const extra = clusterRole(`${name}-walk`, everything);
      const labelled = { ...extra, metadata: { ...extra.metadata, labels: { [`${name}/aggregate`]: "true" } } };
      const made = await send("POST", `/apis/${RBAC}/v1/clusterroles`, labelled);
      if (made.status !== 201) return made.status;
      return await until("the controller has taken it in", async () => {
        const { status } = await send("GET", "/api/v1/nodes");
        return status === 200 && status;
      });
    },
  },
];

/** A role that takes in others by their labels, and whoever is bound to it. */
const aggregate = (name: string): KubernetesObject[] => [
  clusterRole(`${name}-all`, [], {
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${name}/aggregate`]: "true" } }] },
  }),
  clusterRoleBinding(`${name}-all`, `${name}-all`, [user(name)]),
];

for (const { name, edge, rules, walk, ...setting } of walks) {
  t.test(`${name}: the audit finds the path, and its steps lead to the end`, async (t) => {
    const start = await world.walker(t, { rules, ...setting });
    t.equal(await readsNodes(plane.token(start.name)), 403, "not by what they have themselves");
    const found = await world.paths(start.name);
    t.match(found, [new RegExp(`^${edge} .*administrator$`)], found.join("; "));
    t.equal(await walk(start, t), 200);
  });

  t.test(`${name}: without one of the rights there is no path, and the walk fails`, async (t) => {
    const start = await world.walker(t, { rules: rules.slice(1), ...setting });
    t.same(await world.paths(start.name), []);
    t.equal(await walk(start, t), 403);
  });
}

t.test("a pod that names the account is let in, and one elsewhere is not", async (t) => {
  const start = await world.walker(t, { rules: [rule("", "pods", "create")] });
  t.match(await world.paths(start.name), [/^pod-creation sa:.*\/deployer administrator$/]);
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "walk" },
    spec: { serviceAccountName: ACCOUNT, containers: [{ name: "x", image: "x" }] },
  };
  t.equal((await start.send("POST", `/api/v1/namespaces/${start.namespace}/pods?dryRun=All`, pod)).status, 201);
  t.equal((await start.send("POST", "/api/v1/namespaces/default/pods?dryRun=All", pod)).status, 403);
});

t.test("whoever the matrix lists is allowed, and of 1,000 others none is", async (t) => {
  const namespaces = [await testNamespace(plane, t), await testNamespace(plane, t)] as const;
  const choices = random(77);
  const made = generateWorld(choices, `${uniqueName("matrix")}-`, namespaces);
  const { users, groups, accounts } = made;
  const written = await load(server, made);
  t.teardown(() => deleteAll(server, written));
  const everybody: RbacSubject[] = [
    ...users.map((name) => ({ kind: "User", name }) as const),
    ...groups.map((name) => ({ kind: "Group", name }) as const),
    ...namespaces.flatMap((namespace) =>
      accounts.map((name) => ({ kind: "ServiceAccount", namespace, name }) as const),
    ),
  ];
  const questions = generateQuestions(choices, made, 80).flatMap(({ user: _user, ...asked }) =>
    "path" in asked ? [] : [asked],
  );
  const objects = await readAll(server);
  const counts = { listed: 0, unlisted: 0 };
  const cells = questions.flatMap((question) => {
    const requests = [needs("ask", "ask", { ...question, namespace: SOME_NAMESPACE })];
    const { rows } = accessMatrix(objects, [{ action: "mirror", requests }]);
    const allowed = new Map(rows.map((row) => [formatSubject(row.subject), row.allowed.mirror ?? []]));
    // Whoever gets in by a group that everybody is in is listed by that group.
    const isOpen = rows.some(
      ({ subject }) => subject.kind === "Group" && /^system:(auth|serviceaccounts)/.test(subject.name),
    );
    return everybody.flatMap((subject) =>
      namespaces.map((namespace) => {
        const places = allowed.get(formatSubject(subject)) ?? [];
        return {
          subject,
          isOpen,
          isListed: places.includes("*") || places.includes(namespace),
          request: { ...question, namespace },
        };
      }),
    );
  });
  const listed = cells.filter(({ isListed }) => isListed);
  const unlisted = cells.filter(({ isListed, isOpen }) => !isListed && !isOpen);
  const [one, ...others] = unlisted;
  if (one === undefined) return t.fail("everybody is listed");
  const picked = Array.from({ length: 1000 }, () => choices.pick([one, ...others]));
  await inParallel([...listed, ...picked], async ({ subject, isListed, request }) => {
    const { allowed } = await review(server, { ...request, user: subjectIdentity(subject) });
    counts[isListed ? "listed" : "unlisted"] += 1;
    if (allowed !== isListed) t.fail(`${formatSubject(subject)}: ${JSON.stringify(request)}: ${allowed}`);
  });
  t.ok(counts.listed > 20 && counts.unlisted === 1000, JSON.stringify(counts));
});
