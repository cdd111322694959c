// A finalizer keeps a deleted object, and what it gives, until somebody takes it off. Whoever may edit bindings in a namespace
// may add one.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld, type Person } from "../e2e/secure-defaults-world.ts";
import { until } from "../until.ts";
import { attack, firstSteps } from "./first-steps.ts";

const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
const { plane } = cluster;
const { grant, json, labelled, api, may, settled, remove } = grantProbe(cluster);
const mallory = world.user("mallory");
await world.bind(mallory, "admin", "dev");

interface Listed {
  items: { status: string; expiresAt?: string; findings: { kind: string; text: string }[] }[];
}

const listed = async () => (await json<Listed>("list", "jim")).items[0];

const bindingPath = ({ metadata: { namespace = "", name = "" } }: KubernetesObject) =>
  `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/${name}`;

const addFinalizer = (as: Person, object: KubernetesObject, name: string) =>
  attack(world, as, firstSteps.addFinalizer(object, name));

const inDev = () => labelled("rolebindings", "dev");
/** Mallory puts a finalizer on all of them. */
async function holdAll(): Promise<void> {
  for (const binding of await inDev()) await addFinalizer(mallory, binding, "example.com/keep");
}

/** As if its time were over: how long a busy machine needs until then, nobody knows. */
async function endNow(): Promise<void> {
  const merge = "application/merge-patch+json";
  const annotations = { "kubectl-mirrord.io/expires-at": "2026-01-01T00:00:00Z" };
  for (const { metadata } of await labelled("clusterrolebindings")) {
    const path = `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${metadata.name ?? ""}`;
    await api("PATCH", path, { metadata: { annotations } }, merge);
  }
  for (const { metadata } of await labelled("jobs")) {
    const path = `/apis/batch/v1/namespaces/${metadata.namespace ?? ""}/jobs/${metadata.name ?? ""}`;
    await api("PATCH", path, { spec: { ttlSecondsAfterFinished: 1 } }, merge);
  }
}

const everything = async () =>
  (await Promise.all(["clusterrolebindings", "rolebindings", "jobs"].map((each) => labelled(each)))).flat().length;

t.test("a held binding is a finding, and does not outlive the end of its grant by more than a sync", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--for", "1h")).code, 0);
  await settled("yes", "jim", "dev");
  await holdAll();
  const before = await listed();
  t.equal(before?.status, "DETACHED");
  t.match(before?.findings, [{ kind: "detached", text: /finalizer "example\.com\/keep"/ }]);
  await endNow();
  await until("its time is over", async () => (await listed())?.status === "EXPIRED, still bound");
  await until("its anchor is gone", async () => (await labelled("jobs")).length === 0);
  t.equal(await may("jim", "dev"), true, "and the access is not");
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  await settled("no", "jim", "dev");
  t.equal(await everything(), 0);
});

t.test("revoke takes off what holds a binding that is going, and only then says that it is gone", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--ns", "qa")).code, 0);
  await holdAll();
  const revoked = await grant("revoke", "jim");
  t.equal(revoked.code, 0, revoked.stderr);
  t.equal(await everything(), 0);
  await settled("no", "jim", "dev");
});

t.test(
  "what cannot be freed is named with exit code 4; a sync finishes, and does not give the access back",
  async (t) => {
    t.equal((await grant("jim", "--ns", "dev", "--ns", "qa")).code, 0);
    await settled("yes", "jim", "qa");
    await holdAll();
    await forbidRelease();
    const revoked = await grant("revoke", "jim");
    t.equal(revoked.code, 4, revoked.stdout);
    t.match(
      revoked.stderr,
      /rolebinding\S+ in namespace dev is still there: finalizer "example\.com\/keep" keeps it, and it binds User jim/,
    );
    t.notMatch(revoked.stdout, /can no longer/);
    const [binding] = await labelled("clusterrolebindings");
    t.match(binding?.metadata.annotations, { "kubectl-mirrord.io/revoked-at": /^20/ });
    t.same(binding?.["subjects"] ?? [], [], "what carries the intent gives nothing any more");
    t.equal((await labelled("rolebindings", "qa")).length, 0, "what can go is gone");
    t.equal((await listed())?.status, "REVOKED, still bound");

    const refused = await grant("sync", "-y");
    t.equal(refused.code, 4);
    t.equal((await labelled("rolebindings", "qa")).length, 0, "a revoked grant is not restored");
    t.equal((await grant("extend", "jim", "--for", "1h")).code, 2);

    await allowRelease();
    const synced = await grant("sync", "-y");
    t.equal(synced.code, 0, synced.stderr);
    t.equal(await everything(), 0);
    await settled("no", "jim", "dev");
  },
);

t.test(
  "a finalizer that a platform puts on every binding is a note, and is left alone while the grant lasts",
  async (t) => {
    const platform = "wrangler.cattle.io/auth-prov-v2-rb";
    const stock = (await api("GET", "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/rolebindings")) as {
      items: KubernetesObject[];
    };
    for (const binding of stock.items) await addFinalizer(world.admin, binding, platform);
    t.equal((await grant("jim", "--ns", "dev")).code, 0);
    for (const binding of await inDev()) await addFinalizer(world.admin, binding, platform);
    const item = await listed();
    t.equal(item?.status, "ok");
    t.match(item?.findings, [{ kind: "platform-finalizer", text: /wrangler/ }]);
    const synced = await grant("sync", "-y");
    t.match(synced.stderr, /In sync/);
    t.match(
      (await inDev()).map(({ metadata }) => metadata["finalizers"]),
      [[platform]],
    );
    t.equal((await grant("revoke", "jim")).code, 0);
    t.equal(await everything(), 0);
    await remove();
  },
);

const policyPath = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

/** From now on nobody takes a finalizer off a binding in dev. */
async function forbidRelease(): Promise<void> {
  const metadata = { name: "no-release" };
  await api("POST", policyPath, {
    metadata,
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ["rbac.authorization.k8s.io"],
            apiVersions: ["v1"],
            operations: ["UPDATE"],
            resources: ["rolebindings"],
          },
        ],
      },
      validations: [
        { expression: "!has(oldObject.metadata.finalizers) || has(object.metadata.finalizers)", reason: "Forbidden" },
      ],
    },
  });
  await api("POST", policyPath.replace("policies", "policybindings"), {
    metadata,
    spec: { policyName: "no-release", validationActions: ["Deny"] },
  });
  await until("the policy works", async () => (await release()) === 403);
}

async function allowRelease(): Promise<void> {
  for (const path of [policyPath, policyPath.replace("policies", "policybindings")])
    await api("DELETE", `${path}/no-release`);
  await until("the policy is gone", async () => (await release()) === 200);
}

/** What a dry run of taking the finalizers off says. */
async function release(): Promise<number> {
  const [held] = await inDev();
  const { status } = await apiRequest(plane, {
    token: plane.admin.token,
    method: "PATCH",
    path: `${held === undefined ? "" : bindingPath(held)}?dryRun=All`,
    headers: { "Content-Type": "application/merge-patch+json" },
    body: { metadata: { finalizers: null } },
  });
  return status;
}
