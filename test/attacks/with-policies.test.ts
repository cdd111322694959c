// The first write of each attack on grants once more, with the access model's policies: none is done, whoever sends it holds
// every right there is on what it writes, and may not manage grants.
import t from "tap";
import { encodeIntent, grantId, type Intent } from "../../lib/access/intent.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld } from "../e2e/secure-defaults-world.ts";
import { firstSteps, refusedAttack, type Step } from "./first-steps.ts";

t.setTimeout(600_000);
const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
const { labelled, json } = grantProbe(cluster);
await world.must("install", "--access-model", "-y");
await world.must("grant", "jim", "--ns", "dev", "--for", "1h", "--groups=");

const mallory = world.user("mallory");
await world.put("/apis/rbac.authorization.k8s.io/v1/clusterroles", {
  metadata: { name: "writer" },
  rules: [
    { apiGroups: ["rbac.authorization.k8s.io"], resources: ["*"], verbs: ["create", "patch", "bind", "escalate"] },
    { apiGroups: ["batch"], resources: ["*"], verbs: ["create", "patch"] },
  ],
});
await world.bind(mallory, "writer");

const [binding] = await labelled("rolebindings", "dev");
const [anchor] = await labelled("jobs", "dev");
if (binding === undefined || anchor === undefined) throw new Error("there is no grant that ends");
const before = await Promise.all(["clusterrolebindings", "rolebindings", "jobs"].map((plural) => labelled(plural)));

const intent: Intent = {
  subject: { kind: "User", name: "eve" },
  role: "user",
  set: { kind: "all" },
  targets: [],
  reads: true,
};
const owner: KubernetesObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "stays", uid: "1" } };
const onGrants = "only an administrator can manage grants";
const onEnds = "only an administrator can change when a grant ends";
const onSync = "only an administrator can change what runs in namespace mirrord-access";

/** Each of them, and what is said to it. */
const steps: Record<keyof typeof firstSteps, [step: Step, says: string]> = {
  addFinalizer: [firstSteps.addFinalizer(binding, "example.com/keep"), onGrants],
  addOwner: [firstSteps.addOwner(binding, owner), onGrants],
  takeOwnersOff: [firstSteps.takeOwnersOff(binding), onGrants],
  detach: [firstSteps.detach(binding, { "kubectl-mirrord.io/grant": null }), onGrants],
  forgeAnchor: [firstSteps.forgeAnchor(anchor, "aaa"), onEnds],
  suspendAnchor: [firstSteps.suspendAnchor(anchor), onEnds],
  moveEnd: [firstSteps.moveEnd(anchor, 2_000_000_000), onEnds],
  holdByStatus: [firstSteps.holdByStatus(anchor, "example.com/keep"), onEnds],
  copyBinding: [firstSteps.copyBinding("dev", "mine", { role: "mirrord-operator-user", user: "eve" }), onGrants],
  labelBinding: [firstSteps.labelBinding("dev", "junka"), onGrants],
  forgeIntent: [
    firstSteps.forgeIntent({ id: grantId(intent), intent: encodeIntent(intent) }, { role: "view", user: "eve" }),
    onGrants,
  ],
  forgeSync: [firstSteps.forgeSync("mirrord-access", "mirrord-access", "default"), onSync],
};

for (const [name, [step, says]] of Object.entries(steps)) {
  t.test(`with the policies an attack fails at its first step: ${name}`, async (t) => {
    const { status, body } = await refusedAttack(world, mallory, step);
    t.equal(status, 403);
    t.equal(body.reason, "Forbidden");
    t.match(body.message, says);
  });
}

t.test("and the grant is what it was", async (t) => {
  const after = await Promise.all(["clusterrolebindings", "rolebindings", "jobs"].map((plural) => labelled(plural)));
  const versions = (lists: KubernetesObject[][]) =>
    lists.flat().map(({ metadata: { uid, resourceVersion } }) => [uid, resourceVersion]);
  t.same(versions(after), versions(before));
  t.match(await json<unknown>("list", "jim"), { items: [{ status: "ok" }] });
});
