// Whoever may edit the RoleBindings of a namespace can take our label and the owner off a grant's binding, or put another label on.
import t from "tap";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld } from "../e2e/secure-defaults-world.ts";
import { attack, firstSteps } from "./first-steps.ts";

const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
// Everything in the namespace: a label of a binding is not changed without holding what it gives.
const mallory = world.user("mallory");
await world.bind(mallory, "cluster-admin", "dev");
const { grant, json, api, labelled, may, settled } = grantProbe(cluster);
const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings";

async function bindingsTo(subject: string): Promise<KubernetesObject[]> {
  const { items } = (await api("GET", bindings)) as { items: KubernetesObject[] };
  return items.filter(({ metadata }) => metadata.name?.startsWith(`mirrord:grant:${subject}-`));
}

const names = async (subject: string) => (await bindingsTo(subject)).map(({ metadata }) => metadata.name);

/** Takes the bindings of a grant out of its reach, as far as its label and its owner go. */
async function detach(subject: string, labels: Record<string, string | null>): Promise<void> {
  for (const binding of await bindingsTo(subject)) await attack(world, mallory, firstSteps.detach(binding, labels));
}

/** As if the time of every grant were over: a busy machine may need longer than a short one lasts. */
async function endNow(): Promise<void> {
  const annotations = { "kubectl-mirrord.io/expires-at": "2026-01-01T00:00:00Z" };
  for (const { metadata } of await labelled("clusterrolebindings")) {
    const path = `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${metadata.name ?? ""}`;
    await api("PATCH", path, { metadata: { annotations } }, "application/merge-patch+json");
  }
}

const unlabelled = { "kubectl-mirrord.io/grant": null, "app.kubernetes.io/managed-by": null };

async function status(subject: string): Promise<string | undefined> {
  const { items } = await json<{ items: { status: string; managed: boolean }[] }>("list", subject);
  return items.find(({ managed }) => managed)?.status;
}

t.test("a binding without its label ends with its grant", async (t) => {
  t.equal((await grant("jim", "--ns", "dev", "--for", "1h")).code, 0);
  await settled("yes", "jim", "dev");
  await detach("jim", unlabelled);
  await endNow();
  t.equal(await status("jim"), "EXPIRED, still bound");
  t.equal(await may("jim", "dev"), true);
  t.equal((await grant("sync", "--check")).code, 1);
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  t.same(await names("jim"), []);
  await settled("no", "jim", "dev");
  t.equal((await grant("sync", "--check")).code, 0);
});

t.test("so does one whose grant is gone already", async (t) => {
  t.equal((await grant("jim", "--ns", "dev")).code, 0);
  await settled("yes", "jim", "dev");
  await detach("jim", unlabelled);
  await api("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?labelSelector=kubectl-mirrord.io/grant");
  t.equal(await status("jim"), "unreadable");
  const synced = await grant("sync", "-y");
  t.equal(synced.code, 0, synced.stderr);
  t.same(await names("jim"), []);
  await settled("no", "jim", "dev");
});

t.test("a grant that goes on gets its bindings back", async (t) => {
  t.equal((await grant("jim", "--ns", "dev")).code, 0);
  t.equal((await grant("ann", "--ns", "dev", "--for", "1h")).code, 0);
  const { items } = await json<{ items: { id: string; subject: string }[] }>("list");
  const ann = items.find(({ subject }) => subject === "ann")?.id ?? "";
  for (const labels of [unlabelled, { "kubectl-mirrord.io/grant": ann }]) {
    const before = await names("jim");
    await detach("jim", labels);
    t.equal(await status("jim"), "DETACHED");
    t.equal((await grant("sync", "--check")).code, 1);
    const synced = await grant("sync", "-y");
    t.equal(synced.code, 0, synced.stderr);
    t.same(await names("jim"), before);
    t.equal(await status("jim"), "ok");
    t.equal((await grant("sync", "--check")).code, 0, "one sync is enough");
  }
  t.equal(await status("ann"), "ok");
  await settled("yes", "jim", "dev");
});
