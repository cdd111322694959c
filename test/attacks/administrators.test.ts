// Ways to change who has access without being an administrator, past everything that RBAC itself refuses: mallory holds
// everything in her namespace, and ivan every right there is on the kinds that say who has access. Neither may manage grants.
import t from "tap";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld, type Person } from "../e2e/secure-defaults-world.ts";
import { until } from "../until.ts";

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
const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const DEFINITION = `${CRDS}/organizations.access.kubectl-mirrord.io`;

await world.must("install", "--access-model", "-y");
await world.namespace("shop");
await world.must("grant", "collection", "create", "prod/web");
await world.must("grant", "collection", "create", "dev/web");
await world.must("grant", "collection", "assign", "prod/web", "--ns", "shop");
await world.put(ORGANIZATIONS, {
  apiVersion: "access.kubectl-mirrord.io/v1alpha1",
  kind: "Organization",
  metadata: { name: "acme" },
  spec: { teams: [{ name: "web", members: ["jim"] }] },
});
await world.must("grant", "jim", "--ns", "shop", "--for", "1h", "--groups=");
await world.must("grant", "ann", "--ns", "shop");

const mallory = world.user("mallory");
const ivan = world.user("ivan");
await world.bind(mallory, "cluster-admin", "shop");
await world.bind(mallory, "cluster-admin", "mirrord-access");
await world.put(`${RBAC}/clusterroles`, {
  metadata: { name: "writer" },
  rules: [
    { apiGroups: [apiGroup, "batch", "access.kubectl-mirrord.io"], resources: ["*"], verbs: writerVerbs() },
    { apiGroups: ["apiextensions.k8s.io"], resources: ["*"], verbs: ["*"] },
    { apiGroups: [""], resources: ["namespaces", "namespaces/status", "namespaces/finalize"], verbs: ["*"] },
  ],
});
await world.bind(ivan, "writer");

/** All but the one that makes an administrator. */
function writerVerbs(): string[] {
  return ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate"];
}

const one = async (plural: string, subject: string, namespace?: string): Promise<string> => {
  const all = await probe.labelled(plural, namespace);
  const found = all.find(({ metadata }) => metadata.name?.includes(subject) === true)?.metadata.name;
  if (found === undefined) throw new Error(`no ${plural} of ${subject}`);
  return found;
};
const own = `${RBAC}/clusterrolebindings/${await one("clusterrolebindings", "jim")}`;
const child = `${RBAC}/namespaces/shop/rolebindings/${await one("rolebindings", "jim", "shop")}`;
const anchor = `/apis/batch/v1/namespaces/shop/jobs/${await one("jobs", "jim", "shop")}`;
const bindings = `${RBAC}/namespaces/shop/rolebindings`;
const roles = `${RBAC}/namespaces/shop/roles`;
const jobs = "/apis/batch/v1/namespaces/shop/jobs";
const shop = "/api/v1/namespaces/shop";
const sync = "/apis/batch/v1/namespaces/mirrord-access/cronjobs";
const inSync = "/api/v1/namespaces/mirrord-access";

const binding = (name: string, role: string, more: object = {}, kind = "ClusterRole") => ({
  metadata: { name, ...more },
  roleRef: { apiGroup, kind, name: role },
  subjects: [{ apiGroup, kind: "User", name: "eve" }],
});
const opensMirrord = { apiGroups: ["operator.metalbear.co"], resources: ["targets"], verbs: ["proxy"] };
const readsPods = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const grantLabel = { labels: { "kubectl-mirrord.io/grant": "abcdefghijklmnopqrst" } };
const job = (metadata: object, spec: object = {}) => ({
  metadata,
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } }, ...spec },
});
const cronJob = (name: string) => ({
  metadata: { name },
  spec: { schedule: "* * * * *", jobTemplate: { spec: job({}).spec } },
});
const keep = { metadata: { finalizers: ["example.com/keep"] } };

const merge = "application/merge-patch+json";
const jsonPatch = "application/json-patch+json";
const applyPatch = "application/apply-patch+yaml";

type Step = [what: string, as: Person, method: string, path: string, body?: unknown, contentType?: string];

const grants: Step[] = [
  ["a role of mirrord is given away in a namespace", mallory, "POST", bindings, binding("x", "mirrord-operator-user")],
  [
    "under a name that the server makes up",
    mallory,
    "POST",
    bindings,
    {
      ...binding("", "mirrord-operator-user"),
      metadata: { generateName: "x-" },
    },
  ],
  ["a role of ours", mallory, "POST", bindings, binding("x", "mirrord:role:minimal")],
  [
    "by server-side apply",
    mallory,
    "PATCH",
    `${bindings}/applied?fieldManager=x`,
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "RoleBinding",
      ...binding("applied", "mirrord-operator-user"),
    },
    applyPatch,
  ],
  ["by a Role of a mirrord name in the namespace", mallory, "POST", bindings, binding("x", "mirrord-own", {}, "Role")],
  ["the binding is copied with its label", mallory, "POST", bindings, binding("copy", "view", grantLabel)],
  ["or under a name like it", mallory, "POST", bindings, binding("mirrord:grant:copy-x", "view")],
  ["everywhere", ivan, "POST", `${RBAC}/clusterrolebindings`, binding("x", "mirrord-operator-user")],
  [
    "an intent is forged",
    ivan,
    "POST",
    `${RBAC}/clusterrolebindings`,
    binding("x", "view", {
      annotations: { "kubectl-mirrord.io/intent": "{}" },
    }),
  ],
  ["administrators are made", ivan, "POST", `${RBAC}/clusterrolebindings`, binding("x", "mirrord-access-admin")],
  ["somebody is added to a grant", mallory, "PATCH", child, { subjects: binding("x", "x").subjects }, merge],
  [
    "by JSON patch",
    mallory,
    "PATCH",
    child,
    [{ op: "add", path: "/subjects/-", value: { apiGroup, kind: "User", name: "eve" } }],
    jsonPatch,
  ],
  ["its label is taken off", mallory, "PATCH", child, { metadata: { labels: null } }, merge],
  ["its owner is taken off", mallory, "PATCH", child, { metadata: { ownerReferences: null } }, merge],
  ["a finalizer is put on", mallory, "PATCH", child, keep, merge],
  [
    "its intent is changed",
    ivan,
    "PATCH",
    own,
    {
      metadata: { annotations: { "kubectl-mirrord.io/intent": "{}" } },
    },
    merge,
  ],
  [
    "its end is moved",
    ivan,
    "PATCH",
    own,
    {
      metadata: { annotations: { "kubectl-mirrord.io/expires-at": "2099-01-01T00:00:00Z" } },
    },
    merge,
  ],
  ["it is deleted", mallory, "DELETE", child],
  ["orphaned", ivan, "DELETE", `${own}?propagationPolicy=Orphan`],
  ["deleted with all others", mallory, "DELETE", bindings],
  [
    "somebody is let into the namespace of sync",
    mallory,
    "POST",
    `${RBAC}/namespaces/mirrord-access/rolebindings`,
    binding("x", "edit"),
  ],
];

const roleSteps: Step[] = [
  ["a Role opens mirrord", mallory, "POST", roles, { metadata: { name: "x" }, rules: [opensMirrord] }],
  ["one rule of several does", mallory, "POST", roles, { metadata: { name: "x" }, rules: [readsPods, opensMirrord] }],
  [
    "under a name that the server makes up",
    mallory,
    "POST",
    roles,
    {
      metadata: { generateName: "x-" },
      rules: [opensMirrord],
    },
  ],
  [
    "it names the policies of mirrord",
    mallory,
    "POST",
    roles,
    {
      metadata: { name: "x" },
      rules: [{ apiGroups: ["policies.mirrord.metalbear.co"], resources: ["*"], verbs: ["*"] }],
    },
  ],
  [
    "it names what administrators may",
    ivan,
    "POST",
    `${RBAC}/clusterroles`,
    {
      metadata: { name: "x" },
      rules: [{ apiGroups: ["access.kubectl-mirrord.io"], resources: ["grants"], verbs: ["manage"] }],
    },
  ],
  [
    "it is joined to admin",
    ivan,
    "POST",
    `${RBAC}/clusterroles`,
    {
      metadata: { name: "x", labels: { "rbac.authorization.k8s.io/aggregate-to-admin": "true" } },
      rules: [opensMirrord],
    },
  ],
  [
    "a role of ours is widened",
    ivan,
    "PATCH",
    `${RBAC}/clusterroles/mirrord:role:reads`,
    { rules: [readsPods] },
    merge,
  ],
  ["a role of the operator is", ivan, "PATCH", `${RBAC}/clusterroles/mirrord-operator-user`, { rules: [] }, merge],
  ["it is deleted", ivan, "DELETE", `${RBAC}/clusterroles/mirrord:role:reads`],
];

const ends: Step[] = [
  ["a later end", mallory, "PATCH", anchor, { spec: { ttlSecondsAfterFinished: 2_000_000_000 } }, merge],
  ["no end", mallory, "PATCH", anchor, { spec: { ttlSecondsAfterFinished: null } }, merge],
  ["a finalizer", mallory, "PATCH", anchor, keep, merge],
  ["without its label", mallory, "PATCH", anchor, { metadata: { labels: null } }, merge],
  ["without its owner", mallory, "PATCH", anchor, { metadata: { ownerReferences: null } }, merge],
  ["suspended", mallory, "PATCH", anchor, { spec: { suspend: true } }, merge],
  [
    "by its status, without its label",
    mallory,
    "PATCH",
    `${anchor}/status`,
    {
      metadata: { labels: null, finalizers: ["example.com/keep"] },
    },
    merge,
  ],
  ["by its status, complete later", mallory, "PUT", `${anchor}/status`, undefined],
  ["orphaning", mallory, "DELETE", `${anchor}?propagationPolicy=Orphan`],
  ["all at once", mallory, "DELETE", `${jobs}?propagationPolicy=Orphan`],
  ["another Job takes its place", mallory, "POST", jobs, job({ name: "x", ...grantLabel }, { managedBy: "x.io/y" })],
  ["or its name", mallory, "POST", jobs, job({ generateName: "mirrord-expiry-jim-" })],
];

const label = "kubectl-mirrord.io/collection";
const below = (path: string) => `collection.kubectl-mirrord.io/${path}`;
const moved = { metadata: { labels: { [label]: "dev.web", [below("dev")]: "", [below("dev.web")]: "" } } };
const namespaces: Step[] = [
  ["one's own namespace", mallory, "PATCH", shop, moved, merge],
  [
    "by JSON patch",
    mallory,
    "PATCH",
    shop,
    [{ op: "replace", path: `/metadata/labels/${label.replace("/", "~1")}`, value: "dev.web" }],
    jsonPatch,
  ],
  [
    "by server-side apply",
    mallory,
    "PATCH",
    `${shop}?fieldManager=x&force=true`,
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", ...moved.metadata },
    },
    applyPatch,
  ],
  ["by its status", mallory, "PATCH", `${shop}/status`, moved, merge],
  ["by finalizing it", mallory, "PUT", `${shop}/finalize`, undefined],
  ["out of its collection", mallory, "PATCH", shop, { metadata: { labels: { [label]: null } } }, merge],
  ["out of one above", mallory, "PATCH", shop, { metadata: { labels: { [below("prod")]: null } } }, merge],
  ["without any label", ivan, "PATCH", shop, { metadata: { labels: null } }, merge],
  ["into one more", mallory, "PATCH", shop, { metadata: { labels: { [below("dev")]: "" } } }, merge],
  ["kube-system", ivan, "PATCH", "/api/v1/namespaces/kube-system", moved, merge],
  ["a new one", ivan, "POST", "/api/v1/namespaces", { metadata: { name: "captured", ...moved.metadata } }],
  [
    "a new one whose name the server makes up",
    ivan,
    "POST",
    "/api/v1/namespaces",
    {
      metadata: { generateName: "captured-", ...moved.metadata },
    },
  ],
];

const organizations: Step[] = [
  [
    "a new one",
    ivan,
    "POST",
    ORGANIZATIONS,
    {
      apiVersion: "access.kubectl-mirrord.io/v1alpha1",
      kind: "Organization",
      metadata: { name: "evil" },
      spec: {},
    },
  ],
  ["oneself into a team", ivan, "PATCH", `${ORGANIZATIONS}/acme`, { spec: { members: ["ivan"] } }, merge],
  ["a finalizer", ivan, "PATCH", `${ORGANIZATIONS}/acme`, keep, merge],
  ["it is emptied", ivan, "PATCH", `${ORGANIZATIONS}/acme`, { spec: null }, merge],
  ["it is deleted", ivan, "DELETE", `${ORGANIZATIONS}/acme`],
  ["all are", ivan, "DELETE", ORGANIZATIONS],
  ["the kind is", ivan, "DELETE", DEFINITION],
  ["the kind is changed", ivan, "PATCH", DEFINITION, { metadata: { labels: { x: "y" } } }, merge],
];

const ofSync: Step[] = [
  ["another CronJob", mallory, "POST", sync, cronJob("mirrord-access")],
  ["under any name", mallory, "POST", sync, cronJob("x")],
  ["a Job", mallory, "POST", "/apis/batch/v1/namespaces/mirrord-access/jobs", job({ name: "x" })],
  [
    "a pod",
    mallory,
    "POST",
    `${inSync}/pods`,
    {
      metadata: { name: "x" },
      spec: { containers: [{ name: "c", image: "i" }] },
    },
  ],
  [
    "a Deployment",
    mallory,
    "POST",
    "/apis/apps/v1/namespaces/mirrord-access/deployments",
    {
      metadata: { name: "x" },
      spec: {
        selector: { matchLabels: { app: "x" } },
        template: { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    },
  ],
  [
    "a token",
    mallory,
    "POST",
    `${inSync}/serviceaccounts/default/token`,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {},
    },
  ],
  [
    "a token in a Secret",
    mallory,
    "POST",
    `${inSync}/secrets`,
    {
      metadata: { name: "x", annotations: { "kubernetes.io/service-account.name": "default" } },
      type: "kubernetes.io/service-account-token",
    },
  ],
  ["the list of collections", mallory, "PATCH", `${inSync}/configmaps/mirrord-collections`, { data: null }, merge],
  ["it is deleted", mallory, "DELETE", `${inSync}/configmaps/mirrord-collections`],
];

const all: [can: string, policy: string, steps: Step[]][] = [
  ["manage grants", "kubectl-mirrord-grants", grants],
  ["define roles of mirrord", "kubectl-mirrord-roles", roleSteps],
  ["change when a grant ends", "kubectl-mirrord-anchors", ends],
  ["move a namespace into or out of a collection", "kubectl-mirrord-namespaces", namespaces],
  ["manage organizations and teams", "kubectl-mirrord-organizations", organizations],
  ["change what runs in namespace mirrord-access", "kubectl-mirrord-sync", ofSync],
];

/** A PUT sends what is stored, changed as an attacker would. */
async function changed(path: string): Promise<unknown> {
  const { body } = await world.call(world.admin, "GET", path.replace(/\/(status|finalize)$/, ""));
  const metadata = {
    ...body.metadata,
    labels: path.includes("/jobs/") ? {} : { ...body.metadata.labels, ...moved.metadata.labels },
  };
  return { ...body, metadata };
}

/** As somebody whom RBAC lets through would see it; the authorizer knows of both a moment after they were bound. */
async function attempt([, as, method, path, body, contentType]: Step) {
  const sent = method === "PUT" ? await changed(path) : body;
  const separator = path.includes("?") ? "&" : "?";
  return await world.call(as, method, `${path}${separator}dryRun=All`, sent, contentType);
}

await until("the policies hold, and everybody's rights are known", async () => {
  const tried = await Promise.all(
    all.flatMap(([, , steps]) => [...steps.slice(0, 1), ...steps.slice(-1)]).map(attempt),
  );
  return tried.every(
    (answer) => answer?.body.message?.includes("ValidatingAdmissionPolicy 'kubectl-mirrord-") === true,
  );
});

for (const [can, policy, steps] of all) {
  t.test(`MKE-26: only an administrator can: ${can}`, async (t) => {
    for (const step of steps) {
      const { status, body } = await attempt(step);
      t.equal(status, 403, `${step[0]}: ${body.message}`);
      t.match(
        body.message,
        `ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: only an administrator can ${can}`,
        step[0],
      );
      t.equal(body.reason, "Forbidden");
    }
  });
}

t.test("MKE-26: a namespace admin who may use mirrord there cannot let others, by kubectl itself", async (t) => {
  const nadia = world.user("nadia");
  await world.bind(nadia, "admin", "shop");
  await world.must("grant", "nadia", "--ns", "shop");
  await probe.settled("yes", "nadia", "shop");
  const words = ["create", "rolebinding", "x", "--clusterrole=mirrord-operator-user", "--user=eve", "-n", "shop"];
  const refused = await world.kubectl(nadia, undefined, ...words);
  t.equal(refused.code, 1);
  t.match(
    refused.stderr,
    /rolebindings\.rbac\.authorization\.k8s\.io "x" is forbidden: .*: only an administrator can manage grants/,
  );
  const ordinary = await world.kubectl(
    nadia,
    undefined,
    "create",
    "rolebinding",
    "x",
    "--clusterrole=view",
    "--user=eve",
    "-n",
    "shop",
  );
  t.equal(ordinary.code, 0, ordinary.stderr);
});

t.test("MKE-11: of two service accounts of one name, the one in the other namespace is no administrator", async (t) => {
  const [is, isNot] = await Promise.all([world.account("shop", "ci"), world.account("dev", "ci")]);
  await world.bind(is, "cluster-admin", "shop");
  await world.bind(isNot, "writer");
  await world.must("grant", "admin", "add", "sa:shop/ci");
  const make = (as: Person) =>
    world.call(as, "POST", `${ORGANIZATIONS}?dryRun=All`, {
      apiVersion: "access.kubectl-mirrord.io/v1alpha1",
      kind: "Organization",
      metadata: { name: "probe" },
      spec: {},
    });
  await until("the one is", async () => (await make(is)).status === 201);
  await until(
    "RBAC lets the other through to the policy",
    async () => (await make(isNot)).body.message?.includes("only an administrator") === true,
  );
  t.match(await make(isNot), { status: 403, body: { message: /only an administrator can manage organizations/ } });
});

t.test("what hangs on the end of a grant, and cannot go, keeps the Job and not the access", async (t) => {
  t.equal((await probe.grant("tom", "--ns", "shop", "--for", "20s", "--groups=")).code, 0);
  await probe.settled("yes", "tom", "shop");
  const found = await probe.labelled("jobs", "shop");
  const { name = "", uid = "" } = found.find(({ metadata }) => metadata.name?.includes("tom") === true)?.metadata ?? {};
  const made = await world.call(mallory, "POST", "/api/v1/namespaces/shop/configmaps", {
    metadata: {
      name: "hangs-on",
      finalizers: ["example.com/keep"],
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid, blockOwnerDeletion: true }],
    },
  });
  t.equal(made.status, 201);
  await probe.settled("no", "tom", "shop");
  await probe.api("PATCH", "/api/v1/namespaces/shop/configmaps/hangs-on", { metadata: { finalizers: null } }, merge);
  await until("the Job is gone", async () =>
    (await probe.labelled("jobs", "shop")).every(({ metadata }) => metadata.uid !== uid),
  );
});

t.test("in the namespace of sync others keep what they have in every namespace", async (t) => {
  const ordinary: [string, object][] = [
    ["configmaps", { metadata: { name: "certificates" } }],
    ["secrets", { metadata: { name: "registry" }, type: "Opaque" }],
    ["serviceaccounts", { metadata: { name: "x" } }],
  ];
  for (const [plural, body] of ordinary) {
    const { status, body: answer } = await world.call(mallory, "POST", `${inSync}/${plural}`, body);
    t.equal(status, 201, `${plural}: ${answer.message ?? ""}`);
  }
});
