// Ways around the secure defaults, for people who administrate a namespace: to be exempt without an administrator, to stay so
// past the end, and to have a controller make the pod that they may not.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { defaultsWorld, dryRunPod, type Person } from "../e2e/secure-defaults-world.ts";
import { until } from "../until.ts";

t.setTimeout(600_000);
const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
await world.must("install", "--secure-defaults=enforce", "-y");
await world.namespace("shop");

const RBAC = "rbac.authorization.k8s.io";
const GROUP = "access.kubectl-mirrord.io";
const roles = `/apis/${RBAC}/v1/namespaces/shop/roles`;
const bindings = `/apis/${RBAC}/v1/namespaces/shop/rolebindings`;

// The hardest to keep out: everything in the namespace, past every escalation check of RBAC.
const mallory = world.user("mallory");
const friend = world.user("friend");
await world.bind(mallory, "cluster-admin", "shop");
await world.bind(friend, "edit", "shop");
await world.settled("refused", mallory, "shop");
await world.settled("refused", friend, "shop");

const role = (name: string, ...rules: object[]) => ({
  apiVersion: `${RBAC}/v1`,
  kind: "Role",
  metadata: { name },
  rules,
});
const bindTo = (name: string, kind: "Role" | "ClusterRole", to: string, who: Person) => ({
  apiVersion: `${RBAC}/v1`,
  kind: "RoleBinding",
  metadata: { name },
  roleRef: { apiGroup: RBAC, kind, name: to },
  subjects: [{ apiGroup: RBAC, kind: "User", name: who.name }],
});
const rule = (group: string, resource: string, ...names: string[]) => ({
  apiGroups: [group],
  resources: [resource],
  verbs: ["use"],
  ...(names.length === 0 ? {} : { resourceNames: names }),
});

const forged: { name: string; rules: object[] }[] = [
  { name: "a rule that names the resource", rules: [rule(GROUP, "privilegedattributes", "hostPID")] },
  { name: "all of our group", rules: [rule(GROUP, "*", "hostPID")] },
  { name: "the resource in every group", rules: [rule("*", "privilegedattributes", "hostPID")] },
  { name: "a subresource of it", rules: [rule("*", "privilegedattributes/x")] },
  { name: "everything, by name", rules: [rule("*", "*", "hostPID")] },
  { name: "everything below, by name", rules: [rule("*", "*/x", "hostPID")] },
  { name: "one rule of several", rules: [rule("", "pods"), rule(GROUP, "privilegedattributes", "hostPID")] },
];
for (const { name, rules } of forged) {
  t.test(`nobody but administrators writes a role with ${name}`, async (t) => {
    const made = await world.call(mallory, "POST", roles, role("forged", ...rules));
    t.match(made, {
      status: 403,
      body: { message: /only an administrator can write a rule that names privilegedattributes/ },
    });
    await world.call(mallory, "POST", roles, role("widened", rule("", "pods")));
    const patch = { rules };
    const widened = await world.call(mallory, "PATCH", `${roles}/widened`, patch, "application/merge-patch+json");
    t.match(widened, { status: 403, body: { message: /only an administrator/ } }, "nor widens one to it");
  });
}

t.test("a role of everything is written as before, and is no exemption", async (t) => {
  t.equal(
    (await world.call(mallory, "POST", roles, role("all", { apiGroups: ["*"], resources: ["*"], verbs: ["*"] })))
      .status,
    201,
  );
  t.equal((await world.call(mallory, "POST", bindings, bindTo("all", "Role", "all", friend))).status, 201);
  await until("friend has everything in the namespace", async () => {
    const { body } = await world.call(friend, "POST", `/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: {
        resourceAttributes: {
          verb: "use",
          group: GROUP,
          resource: "privilegedattributes",
          name: "hostPID",
          namespace: "shop",
        },
      },
    });
    return (body["status"] as { allowed: boolean }).allowed;
  });
  t.equal((await dryRunPod(world, friend, "shop", { hostPID: true })).status, 403);
  const granted = await world.mirrord(
    "grant",
    "friend",
    "--privileged",
    "hostPID",
    "--ns",
    "shop",
    "--for",
    "1h",
    "--groups=",
  );
  t.match(
    granted,
    { code: 2, stderr: /friend holds every right in shop by a wildcard/ },
    "and grant says that one would not count",
  );
  await world.call(mallory, "DELETE", `${bindings}/all`);
  await until("friend has not", async () => {
    const { body } = await world.call(friend, "GET", "/api/v1/namespaces/shop/secrets");
    return body.code === 403 || body.kind === "SecretList";
  });
});

t.test("nobody but administrators binds what exempts, or changes such a binding", async (t) => {
  const own = bindTo("own", "ClusterRole", "mirrord:role:privileged-hostPID", mallory);
  t.match(await world.call(mallory, "POST", bindings, own), {
    status: 403,
    body: { message: /only an administrator can bind a role whose name begins with mirrord:/ },
  });
  const erin = world.user("erin");
  await world.bind(erin, "edit", "shop");
  await world.must("grant", "erin", "--privileged", "hostPID", "--ns", "shop", "--for", "1h", "--groups=");
  await world.settled("allowed", erin, "shop");
  const { body } = await world.call(world.admin, "GET", bindings);
  const granted = (body["items"] as KubernetesObject[]).find(
    ({ metadata }) => metadata.name?.endsWith(":hostPID") === true,
  );
  const path = `${bindings}/${granted?.metadata.name ?? ""}`;
  const changes: [string, object][] = [
    ["subjects", { subjects: own.subjects }],
    ["owners", { metadata: { ownerReferences: [] } }],
    ["finalizers", { metadata: { finalizers: ["example.com/keep"] } }],
  ];
  for (const [what, change] of changes) {
    const { status } = await world.call(mallory, "PATCH", path, change, "application/merge-patch+json");
    t.equal(status, 403, what);
  }
  t.equal((await world.call(mallory, "DELETE", path)).status, 200, "to take it away is no attack");
});

t.test("the end of an exemption cannot be moved by who administrates the namespace", async (t) => {
  const finn = world.user("finn");
  await world.bind(finn, "admin", "shop");
  await world.must("grant", "finn", "--privileged", "hostPID", "--ns", "shop", "--for", "12s", "--groups=");
  await world.settled("allowed", finn, "shop");
  const list = "/apis/batch/v1/namespaces/shop/jobs";
  const { body } = await world.call(world.admin, "GET", `${list}?labelSelector=kubectl-mirrord.io/grant`);
  const anchor = (body["items"] as KubernetesObject[]).find(({ metadata }) => metadata.name?.includes("finn") === true);
  const path = `${list}/${anchor?.metadata.name ?? ""}`;
  const patch = "application/merge-patch+json";
  const attempts: [string, string, string, unknown][] = [
    ["a later end", "PATCH", path, { spec: { ttlSecondsAfterFinished: 2_000_000_000 } }],
    ["no end", "PATCH", path, { spec: { ttlSecondsAfterFinished: null } }],
    ["a finalizer", "PATCH", path, { metadata: { finalizers: ["example.com/keep"] } }],
    ["without its label", "PATCH", path, { metadata: { labels: null } }],
    ["by its status", "PATCH", `${path}/status`, { metadata: { labels: null, finalizers: ["example.com/keep"] } }],
    ["orphaning", "DELETE", `${path}?propagationPolicy=Orphan`, undefined],
    ["all at once", "DELETE", `${list}?propagationPolicy=Orphan&labelSelector=kubectl-mirrord.io/grant`, undefined],
  ];
  for (const [what, method, at, change] of attempts) {
    const answer = await world.call(mallory, method, at, change, change === undefined ? undefined : patch);
    t.match(answer, { status: 403, body: { message: /only an administrator can change when a grant ends/ } }, what);
  }
  await world.settled("refused", finn, "shop");
  await until("nothing is left of it", async () => {
    const left = await world.call(world.admin, "GET", bindings);
    return !JSON.stringify(left.body["items"]).includes("finn-shop");
  });
});

t.test("jobs of others are changed and deleted as before, and a namespace with a grant is deleted", async (t) => {
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "plain" },
    spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
  };
  const list = "/apis/batch/v1/namespaces/shop/jobs";
  t.equal((await world.call(friend, "POST", list, job)).status, 201);
  const { status } = await world.call(
    friend,
    "PATCH",
    `${list}/plain`,
    { metadata: { labels: { a: "b" } } },
    "application/merge-patch+json",
  );
  t.equal(status, 200);
  t.equal((await world.call(friend, "DELETE", `${list}/plain?propagationPolicy=Background`)).status, 200);
  await world.namespace("gone");
  await world.must("grant", "gina", "--privileged", "hostPID", "--ns", "gone", "--for", "1h", "--groups=");
  t.equal((await world.call(world.admin, "DELETE", "/api/v1/namespaces/gone")).status, 200);
  await until(
    "the namespace is gone",
    async () => (await world.call(world.admin, "GET", "/api/v1/namespaces/gone")).status === 404,
  );
});

t.test("a forged revision of a StatefulSet makes no privileged pod", async (t) => {
  const selector = { matchLabels: { app: "db" } };
  const spec = (more: object) => ({ containers: [{ name: "app", image: "i", ...more }] });
  const set = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db" },
    spec: {
      serviceName: "db",
      replicas: 1,
      selector,
      template: { metadata: { labels: { app: "db" } }, spec: spec({}) },
    },
  };
  t.equal((await world.call(mallory, "POST", "/apis/apps/v1/namespaces/shop/statefulsets", set)).status, 201);
  const list = "/apis/apps/v1/namespaces/shop/controllerrevisions";
  const made = await until("its revision is there", async () => {
    const { body } = await world.call(world.admin, "GET", list);
    return (body["items"] as KubernetesObject[]).find(({ metadata }) => metadata.name?.startsWith("db-") === true);
  });
  const { resourceVersion: _version, uid: _uid, ...metadata } = made.metadata;
  const data = {
    spec: {
      template: {
        $patch: "replace",
        metadata: { labels: { app: "db" } },
        spec: { ...spec({ securityContext: { privileged: true } }), hostPID: true },
      },
    },
  };
  t.equal((await world.call(mallory, "DELETE", `${list}/${made.metadata.name}`)).status, 200);
  const forgery = { ...made, kind: "ControllerRevision", apiVersion: "apps/v1", metadata, data };
  t.match(await world.call(mallory, "POST", list, forgery), {
    status: 403,
    body: { message: /spec\.hostPID, containers\[app\]\.privileged/ },
  });
  const honest = {
    ...forgery,
    metadata: { ...metadata, name: "db-honest" },
    data: { spec: { template: { spec: spec({}) } } },
  };
  t.equal((await world.call(mallory, "POST", list, honest)).status, 201, "others are written as before");
  for (const [what, given] of [
    ["no pod in it", { a: 1 }],
    ["nothing", undefined],
  ] as const) {
    const other = { ...forgery, metadata: { ...metadata, name: `db-${what.replaceAll(" ", "-")}` }, data: given };
    t.notMatch((await world.call(mallory, "POST", list, other)).body.message ?? "", /not an admin|expression/, what);
  }
});

const odd: [string, object][] = [
  ["null where a truth belongs", { hostPID: null }],
  [
    "a hundred containers",
    {
      containers: Array.from({ length: 100 }, (_, at) => ({
        name: `c${at}`,
        image: "i",
        securityContext: { privileged: true, capabilities: { add: ["NET_ADMIN"] } },
      })),
    },
  ],
];
for (const [what, spec] of odd) {
  t.test(`${what}: refused in the page's words, or let through as harmless`, async (t) => {
    const { status, body } = await dryRunPod(world, friend, "shop", spec);
    if (what.startsWith("null")) t.equal(status, 201);
    else
      t.match(
        { code: status, message: body.message },
        {
          code: 403,
          message: /user "friend" is not an admin and does not have permissions to use privileged mode for resource: /,
        },
      );
  });
}

t.test("a user whose name breaks a line is refused all the same", async (t) => {
  const eve = world.user("eve\nadmin");
  await world.bind(eve, "edit", "shop").catch(() => undefined);
  const { status } = await dryRunPod(world, eve, "shop", { hostPID: true });
  t.equal(status, 403);
});
