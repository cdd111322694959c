import t from "tap";
import { encodeIntent, grantId, type Intent } from "../../lib/access/intent.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld } from "../e2e/secure-defaults-world.ts";
import { attack, firstSteps } from "./first-steps.ts";

// Somebody who may write ClusterRoleBindings and holds little writes the intent of a grant that nobody made, and waits for an
// administrator to sync.
const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
const { grant, labelled, api, remove } = grantProbe(cluster);

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";

await api("POST", `${rbac}/clusterroles`, {
  metadata: { name: "writes-bindings" },
  rules: [{ apiGroups: [apiGroup], resources: ["clusterrolebindings"], verbs: ["create", "patch", "get"] }],
});
const ivan = world.user("ivan");
await world.bind(ivan, "writes-bindings");
await world.bind(ivan, "view");

const base: Intent = {
  subject: { kind: "User", name: "ivan" },
  role: "user",
  set: { kind: "all" },
  targets: [],
  reads: false,
};

/** Written by ivan himself: he may bind view, which he holds. Resolves to the grant's id. */
async function forge(change: Partial<Intent>, subject = "ivan", notes: Record<string, string> = {}): Promise<string> {
  const intent = { ...base, ...change };
  const id = grantId(intent);
  const forged = firstSteps.forgeIntent({ id, intent: encodeIntent(intent), notes }, { role: "view", user: subject });
  await attack(world, ivan, forged);
  return id;
}

/** The roles that labelled bindings bind, but the one that the forger bound himself. */
async function bound(): Promise<string[]> {
  const bindings = [...(await labelled("clusterrolebindings")), ...(await labelled("rolebindings"))];
  return bindings.map((each) => (each["roleRef"] as { name: string }).name).filter((name) => name !== "view");
}

const attacks: [what: string, change: Partial<Intent>, why: RegExp][] = [
  ["cluster-admin everywhere", { role: "clusterrole/cluster-admin" }, /gain more rights/],
  [
    "cluster-admin in a namespace",
    { role: "clusterrole/cluster-admin", set: { kind: "namespaces", namespaces: ["dev"] } },
    /gain more rights/,
  ],
  ["consent that he wrote himself", { role: "clusterrole/cluster-admin", dangerous: true }, /gain more rights/],
  ["everybody", { subject: { kind: "Group", name: "system:authenticated" } }, /of Kubernetes itself/],
  [
    "Kubernetes' own namespace",
    { set: { kind: "namespaces", namespaces: ["kube-system"] }, allowSystem: true },
    /kube-system/,
  ],
  ["the operator's namespace", { set: { kind: "namespaces", namespaces: ["mirrord"] } }, /operator's own/],
];
for (const [what, change, why] of attacks) {
  t.test(`sync binds nothing for a forged intent: ${what}`, async (t) => {
    const id = await forge(change);
    const synced = await grant("sync", "-y");
    t.equal(synced.code, 4, synced.stderr);
    t.match(synced.stderr, why);
    t.match(synced.stderr, id);
    t.same(await bound(), []);
    t.equal((await grant("revoke", id)).code <= 1, true, "taking it away is never refused");
    t.same(await labelled("clusterrolebindings"), []);
  });
}

t.test("extend makes nothing of it either, and nothing longer", async (t) => {
  const id = await forge(
    { role: "clusterrole/cluster-admin", temporary: true, set: { kind: "namespaces", namespaces: ["dev"] } },
    "ivan",
    {
      "kubectl-mirrord.io/expires-at": "2099-01-01T00:00:00Z",
    },
  );
  const extended = await grant("extend", id, "--for", "1h");
  t.equal(extended.code, 2, extended.stdout);
  t.match(extended.stderr, /gain more rights[\s\S]*--dangerous/);
  t.same(await bound(), []);
  await remove();
});

t.test("narrowing it does not make the rest of it", async (t) => {
  const id = await forge({ role: "clusterrole/cluster-admin", set: { kind: "namespaces", namespaces: ["dev", "qa"] } });
  const narrowed = await grant("revoke", id, "--ns", "qa");
  t.equal(narrowed.code, 2, narrowed.stdout);
  t.match(narrowed.stderr, /gain more rights[\s\S]*Revoke it whole/);
  t.same(await bound(), []);
  await remove();
});

t.test("subject, role and place of each change are shown before the question", async (t) => {
  t.equal((await grant("ann", "--ns", "qa")).code, 0);
  await forge({ set: { kind: "namespaces", namespaces: ["dev"] } });
  const { code, stderr } = await grant("sync");
  t.equal(code, 2, "there is nobody to ask");
  t.match(
    stderr,
    /rolebinding\S* in namespace dev created.*: ivan gets clusterrole mirrord-operator-user in namespace dev/,
  );
  t.match(stderr, /ivan gets clusterrole mirrord-operator-user-basic in all namespaces/);
  t.match(stderr, "--yes");
  t.same(await labelled("rolebindings", "dev"), []);
  await remove();
});

t.test("a dangerous grant of an administrator is restored by sync only where intents are guarded", async (t) => {
  const made = await grant("ann", "--ns", "dev", "--role", "clusterrole/cluster-admin", "--dangerous");
  t.equal(made.code, 0, made.stderr);
  t.equal((await grant("sync", "-y")).code, 0, "as long as it is whole, there is nothing to refuse");
  const [child] = await labelled("rolebindings", "dev");
  const path = `${rbac}/namespaces/dev/rolebindings/${encodeURIComponent(child?.metadata.name ?? "")}`;
  await api("DELETE", path);
  t.equal((await grant("sync", "-y")).code, 4);

  const spec = { validationActions: ["Deny"], policyName: "kubectl-mirrord-grants" };
  const admission = "/apis/admissionregistration.k8s.io/v1";
  await api("POST", `${admission}/validatingadmissionpolicies`, {
    metadata: { name: "kubectl-mirrord-grants" },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [apiGroup], apiVersions: ["v1"], operations: ["CREATE"], resources: ["clusterrolebindings"] },
        ],
      },
      validations: [{ expression: "true" }],
    },
  });
  await api("POST", `${admission}/validatingadmissionpolicybindings`, {
    metadata: { name: "kubectl-mirrord-grants" },
    spec,
  });
  const synced = await grant("sync");
  t.equal(synced.code, 0, synced.stderr);
  t.ok((await labelled("rolebindings", "dev")).length > 0);
  await remove();
});
