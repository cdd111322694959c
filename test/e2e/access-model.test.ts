// `install --access-model` on a real control plane: it is written once, who is an administrator afterwards, and what goes on as
// before. Who is kept out is in test/attacks/administrators.test.ts.
import t from "tap";
import { auditEvents, auditLogLength } from "../control-plane/audit-log.ts";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";
import { defaultsWorld, type Person } from "./secure-defaults-world.ts";

t.setTimeout(600_000);
const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
const probe = grantProbe(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
const ORGANIZATIONS = "/apis/access.kubectl-mirrord.io/v1alpha1/organizations";
const merge = "application/merge-patch+json";

const organization = (name: string, spec: object = {}) => ({
  apiVersion: "access.kubectl-mirrord.io/v1alpha1",
  kind: "Organization",
  metadata: { name },
  spec,
});
const refusal = /ValidatingAdmissionPolicy 'kubectl-mirrord-/;

/** The policies hold from a second after they were written on. */
async function holds(expected: boolean): Promise<void> {
  await until(`the policies ${expected ? "hold" : "do not hold"}`, async () => {
    const { body } = await world.call(writer, "POST", `${ORGANIZATIONS}?dryRun=All`, organization("probe"));
    return refusal.test(body.message ?? "") === expected;
  });
}

/** Whom RBAC lets write organizations and bindings, and who is no administrator. */
const writer = world.user("writer");

t.test("MKE-27: whoever would be locked out with everybody else is told before anything is written", async (t) => {
  await world.put(`${RBAC}/clusterroles`, {
    metadata: { name: "all-but-manage" },
    rules: [
      { apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch", "create", "update", "patch", "delete"] },
      { apiGroups: [apiGroup], resources: ["*"], verbs: ["bind", "escalate"] },
    ],
  });
  await world.bind(writer, "all-but-manage");
  await until(
    "writer may",
    async () => (await cluster.kubectl("admin", "auth", "can-i", "bind", "clusterroles", "--as=writer")).code === 0,
  );
  const refused = await cluster.kubectl("admin", "mirrord", "install", "--access-model", "-y", "--as=writer");
  t.equal(refused.code, 2, refused.stdout);
  t.match(refused.stderr, /you would be refused yourself[\s\S]*--admin SUBJECT/);
  t.equal((await world.call(world.admin, "GET", ORGANIZATIONS)).status, 404, "nothing was written");
  const named = await cluster.kubectl(
    "admin",
    "mirrord",
    "install",
    "--access-model",
    "--admin=writer",
    "--dry-run=server",
    "--as=writer",
  );
  t.equal(named.code, 0, named.stderr);
  t.match(
    named.stdout,
    /clusterrolebinding.rbac.authorization.k8s.io\/mirrord-access-admin created \(server dry run\)/,
  );
});

t.test("who waits for the role of administrators to come is refused before anything is written", async (t) => {
  const path = `${RBAC}/clusterrolebindings`;
  await world.put(path, {
    metadata: { name: "waits" },
    roleRef: { apiGroup, kind: "ClusterRole", name: "mirrord-access-admin" },
    subjects: [{ kind: "User", apiGroup, name: "mallory" }],
  });
  const refused = await cluster.kubectl("admin", "mirrord", "install", "--access-model", "-y");
  t.equal(refused.code, 2, refused.stdout);
  t.match(refused.stderr, /made beforehand[^]*clusterrolebinding waits binds mirrord-access-admin to mallory/);
  t.equal((await world.call(world.admin, "GET", ORGANIZATIONS)).status, 404, "nothing was written");
  await world.call(world.admin, "DELETE", `${path}/waits`);
});

t.test("MKE-26: it is shown, written once, and the same again changes nothing", async (t) => {
  const diff = await world.mirrord("install", "--access-model", "--diff");
  t.equal(diff.code, 1, "something would change");
  t.match(diff.stdout, "organizations.access.kubectl-mirrord.io");
  const declined = await world.mirrord("install", "--access-model");
  t.equal(declined.code, 2, "nobody is there to say yes");
  const words = ["install", "--access-model", "--readers", "oidc:devs", "-y"];
  const first = await world.must(...words);
  t.match(first.stdout, /Access model: on[\s\S]*7 ValidatingAdmissionPolicies/);
  await holds(true);
  const seen = auditLogLength(cluster.plane);
  const second = await world.must(...words);
  t.match(second.stdout, "Nothing was changed.");
  const written = auditEvents(cluster.plane, seen).filter(
    ({ verb, requestURI, userAgent }) =>
      userAgent?.startsWith("kubectl-mirrord/") === true &&
      ["create", "patch", "update", "delete"].includes(verb) &&
      !requestURI.includes("reviews") &&
      !requestURI.includes("dryRun=All"),
  );
  t.same(written, [], "zero writes");
  const third = await world.must("install", "--access-model", "-y");
  t.match(third.stdout, "Nothing was changed.", "readers stay");
});

t.test("what it prints without a cluster is what it writes", async (t) => {
  const printed = await world.must("install", "--access-model", "-o", "yaml", "--license-secret", "x");
  t.match(printed.stdout, "kubectl-mirrord-namespaces");
  await world.must("install", "--access-model", "-y");
});

t.test("members of a group of readers may read organizations, and others may not", async (t) => {
  const ask = (...as: string[]) =>
    cluster.kubectl("admin", "auth", "can-i", "list", "organizations.access.kubectl-mirrord.io", "--as=dev", ...as);
  await until("readers may", async () => (await ask("--as-group=oidc:devs")).code === 0);
  t.equal((await ask()).code, 1);
});

t.test(
  "MKE-27: a holder of a ClusterRoleBinding to mirrord-access-admin decides on access, and may no more otherwise",
  async (t) => {
    const ada = world.user("ada");
    await world.must("install", "--access-model", "--admin", "ada", "-y");
    const as = (...words: string[]) => cluster.kubectl("admin", "mirrord", "grant", ...words, "--as=ada");
    await until(
      "ada is an administrator",
      async () => (await world.call(ada, "POST", `${ORGANIZATIONS}?dryRun=All`, organization("probe"))).status === 201,
    );
    for (const words of [
      ["bob", "--ns", "dev"],
      ["collection", "create", "prod/web"],
      ["collection", "assign", "prod/web", "--ns", "qa"],
      ["eva", "--collection", "prod"],
    ]) {
      const { code, stderr } = await as(...words);
      t.equal(code, 0, `${words.join(" ")}: ${stderr}`);
    }
    const dangerous = await as("ada", "--ns", "dev", "--role", "clusterrole/cluster-admin", "--dangerous");
    t.not(dangerous.code, 0, "RBAC lets nobody give what he lacks");
    await probe.remove();
    await world.must("grant", "collection", "unassign", "--ns", "qa");
  },
);

interface Verified {
  items: { rule: string; severity: string; subject: { name: string }; message: string }[];
  checked: { policies: number; probes: number };
}

/** Of the access model's policies. */
async function verified(): Promise<Verified> {
  const { stdout, stderr } = await world.mirrord("install", "verify", "-o", "json");
  if (stdout === "") throw new Error(stderr);
  const document = JSON.parse(stdout) as Verified;
  return { ...document, items: document.items.filter(({ rule }) => rule.startsWith("policy-")) };
}

t.test("MKE-27: install verify proves each policy by somebody whom RBAC lets through", async (t) => {
  const { items, checked } = await verified();
  t.match(
    items,
    [{ rule: "policy-untried", subject: { name: "kubectl-mirrord-collection-labels" } }],
    "only administrators get as far as that one",
  );
  t.equal(items.length, 1, JSON.stringify(items));
  t.match(checked, { policies: 7, probes: 7 }, "the agent's, and six");
  const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
  const role = "ies/kubectl-mirrord-roles";
  const spec = { validations: [{ expression: "true", message: "x" }] };
  t.equal((await world.call(world.admin, "PATCH", `${path}${role}`, { spec }, merge)).status, 200);
  await until("one that admits is an error", async () =>
    (await verified()).items.some(({ rule }) => rule === "policy-admits"),
  );
  const admits = await verified();
  t.match(
    admits.items
      .filter(({ severity }) => severity === "error")
      .map(({ rule }) => rule)
      .toSorted(),
    ["policy-admits", "policy-changed"],
  );
  const mended = await world.mirrord("install", "--access-model", "-y");
  t.equal(mended.code, 4, "somebody else manages that field now");
  await world.must("install", "--access-model", "--force-conflicts", "-y");
  await until("all hold again", async () => (await verified()).items.length === 1);
});

t.test("what is not about access goes on for everybody", async (t) => {
  await world.namespace("shop");
  const jim = world.user("jim");
  await world.bind(jim, "admin", "shop");
  const ordinary: [string, string, Person, string, unknown?, string?][] = [
    [
      "POST",
      `${RBAC}/namespaces/shop/roles`,
      jim,
      "a Role",
      { metadata: { name: "ops" }, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
    ],
    ["POST", `${RBAC}/namespaces/shop/roles`, jim, "a Role without rules", { metadata: { name: "empty" } }],
    [
      "POST",
      `${RBAC}/namespaces/shop/rolebindings`,
      jim,
      "a RoleBinding",
      { metadata: { name: "ops" }, roleRef: { apiGroup, kind: "Role", name: "ops" } },
    ],
    ["DELETE", `${RBAC}/namespaces/shop/rolebindings/ops`, jim, "its deletion"],
    [
      "POST",
      "/apis/batch/v1/namespaces/shop/jobs",
      jim,
      "a Job",
      {
        metadata: { generateName: "ops-" },
        spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
      },
    ],
    [
      "POST",
      `${RBAC}/clusterroles`,
      writer,
      "a ClusterRole",
      { metadata: { generateName: "ops-" }, rules: [{ apiGroups: ["apps"], resources: ["*"], verbs: ["*"] }] },
    ],
    [
      "PATCH",
      "/api/v1/namespaces/shop",
      writer,
      "a label of a namespace",
      { metadata: { labels: { team: "web" } } },
      merge,
    ],
    [
      "PATCH",
      "/api/v1/namespaces/shop/status",
      writer,
      "one by its status",
      { metadata: { labels: { team: "ops" } } },
      merge,
    ],
  ];
  await until(
    "jim administrates shop",
    async () => (await world.call(jim, "GET", `${RBAC}/namespaces/shop/roles`)).status === 200,
  );
  for (const [method, path, as, what, body, type] of ordinary) {
    const { status, body: answer } = await world.call(as, method, path, body, type);
    t.ok(status < 300, `${what}: ${answer.message ?? ""}`);
  }
});

t.test(
  "MKE-19: an administrator labels a namespace in YAML; labels that do not go together are refused to him, too",
  async (t) => {
    const shop = "/api/v1/namespaces/shop";
    const put = async (labels: Record<string, string | null>) =>
      await world.call(world.admin, "PATCH", shop, { metadata: { labels } }, merge);
    t.equal((await put({ "kubectl-mirrord.io/collection": "prod.web" })).status, 200, "sync adds the others");
    t.equal((await put({ "collection.kubectl-mirrord.io/prod": "" })).status, 200);
    const wrong: Record<string, string>[] = [
      { "kubectl-mirrord.io/collection": "prod..web" },
      { "kubectl-mirrord.io/collection": "Prod" },
      { "collection.kubectl-mirrord.io/dev": "" },
      { "collection.kubectl-mirrord.io/prod.we": "" },
    ];
    for (const labels of wrong) {
      const { status, body } = await put(labels);
      t.equal(status, 403, JSON.stringify(labels));
      t.match(body.message, /is a path such as prod\.web/);
    }
    t.equal(
      (await put({ "kubectl-mirrord.io/collection": "dev" })).status,
      200,
      "it moves; what is left of the other path goes with a sync",
    );
    t.equal((await world.mirrord("grant", "sync", "-y")).code, 0);
    const { body } = await world.call(world.admin, "GET", shop);
    t.match(
      Object.keys(body.metadata.labels ?? {})
        .filter((key) => key.includes("mirrord"))
        .toSorted(),
      ["collection.kubectl-mirrord.io/dev", "kubectl-mirrord.io/collection"],
    );
  },
);

t.test("MKE-26: the audit log says who moved what, and who granted whom", async (t) => {
  await world.must("grant", "jim", "--ns", "dev");
  const said = () =>
    auditEvents(cluster.plane)
      .flatMap(({ annotations = {} }) => Object.entries(annotations))
      .filter(([key]) => key.startsWith("kubectl-mirrord-"))
      .map(([key, value]) => `${key}: ${value}`);
  await until("it is in the audit log", () => said().some((line) => line.includes("for User jim")));
  t.ok(
    said().includes("kubectl-mirrord-namespaces/change: admin moved namespace shop from prod.web to dev"),
    said().join("\n"),
  );
  t.ok(
    said().some((line) =>
      /^kubectl-mirrord-grants\/change: admin CREATE rolebindings dev\/mirrord:grant:jim-\S+: ClusterRole mirrord-operator-user for User jim$/.test(
        line,
      ),
    ),
    said().join("\n"),
  );
  await probe.remove();
});

t.test("a grant ends by itself, and so do those whose namespace or binding is deleted", async (t) => {
  t.equal((await probe.grant("jim", "--ns", "dev", "--for", "4s", "--groups=")).code, 0);
  await until(
    "its time is over",
    async () => (await probe.labelled("jobs")).length + (await probe.labelled("rolebindings")).length === 0,
  );
  await probe.remove();

  for (const propagation of ["Background", "Foreground", "Orphan"]) {
    t.equal((await probe.grant("jim", "--ns", "dev", "--for", "1h", "--groups=")).code, 0);
    const [main] = await probe.labelled("clusterrolebindings");
    await probe.api(
      "DELETE",
      `${RBAC}/clusterrolebindings/${main?.metadata.name ?? ""}?propagationPolicy=${propagation}`,
    );
    await until(`it is gone: ${propagation}`, async () =>
      (await probe.labelled("clusterrolebindings")).every(({ metadata }) => metadata.name !== main?.metadata.name),
    );
    if (propagation === "Orphan") break;
    await until(
      "and what it owned",
      async () => (await probe.labelled("jobs")).length + (await probe.labelled("rolebindings")).length === 0,
    );
    await probe.remove();
  }
  await probe.remove();
});

t.test(
  "a namespace with grants, anchors and a collection is deleted like any other, and sync's own, too",
  async (t) => {
    await world.must("grant", "collection", "create", "prod");
    await world.must("grant", "collection", "move", "prod/web", "--ns", "shop");
    t.equal((await probe.grant("jim", "--ns", "shop", "--for", "1h", "--groups=")).code, 0);
    await world.put("/apis/batch/v1/namespaces/mirrord-access/cronjobs", {
      metadata: { name: "mirrord-access" },
      spec: {
        schedule: "0 0 1 1 *",
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
        },
      },
    });
    for (const name of ["shop", "mirrord-access"]) {
      await probe.api("DELETE", `/api/v1/namespaces/${name}`);
      await until(
        `${name} is gone`,
        async () => (await world.call(world.admin, "GET", `/api/v1/namespaces/${name}`)).status === 404,
      );
    }
    await probe.remove();
    await world.must("install", "--access-model", "-y");
  },
);

t.test("the CronJob of sync runs, and its pods are made", async () => {
  await until("the namespace has its account and its certificate", async () => {
    const answers = await Promise.all(
      ["serviceaccounts/default", "configmaps/kube-root-ca.crt"].map((what) =>
        world.call(world.admin, "GET", `/api/v1/namespaces/mirrord-access/${what}`),
      ),
    );
    return answers.every(({ status }) => status === 200);
  });
  await world.put("/apis/batch/v1/namespaces/mirrord-access/cronjobs", {
    metadata: { name: "mirrord-access" },
    spec: {
      schedule: "* * * * *",
      jobTemplate: {
        spec: {
          ttlSecondsAfterFinished: 1,
          template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } },
        },
      },
    },
  });
  await until("a pod of it", async () => {
    const { body } = await world.call(world.admin, "GET", "/api/v1/namespaces/mirrord-access/pods");
    return (body["items"] as unknown[]).length > 0;
  });
  await probe.api(
    "DELETE",
    "/apis/batch/v1/namespaces/mirrord-access/cronjobs/mirrord-access?propagationPolicy=Foreground",
  );
});

t.test("roles that are joined of others follow them", async () => {
  await world.put(`${RBAC}/clusterroles`, {
    metadata: { name: "mirrord-joined" },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "joins-mirrord": "yes" } }] },
  });
  await world.put(`${RBAC}/clusterroles`, {
    metadata: { name: "part", labels: { "joins-mirrord": "yes" } },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  });
  await until("the joined role has its rules", async () => {
    const { body } = await world.call(world.admin, "GET", `${RBAC}/clusterroles/mirrord-joined`);
    return Array.isArray(body["rules"]) && body["rules"].length === 1;
  });
});

t.test("off takes the policies away and nothing else", async (t) => {
  await probe.api("POST", ORGANIZATIONS, organization("acme"));
  const off = await world.must("install", "--access-model=off", "-y");
  t.match(off.stdout, /Access model: off[\s\S]*deleted/);
  await holds(false);
  t.equal((await world.call(world.admin, "GET", `${ORGANIZATIONS}/acme`)).status, 200);
  t.equal((await world.call(world.admin, "GET", `${RBAC}/clusterrolebindings/mirrord-access-admin`)).status, 200);
  t.match((await world.must("install", "--access-model=off", "-y")).stdout, "Nothing was changed.");
});
