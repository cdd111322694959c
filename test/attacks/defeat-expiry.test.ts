import t from "tap";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { defaultsWorld } from "../e2e/secure-defaults-world.ts";
import { until } from "../until.ts";
import { attack, firstSteps } from "./first-steps.ts";

// Who can keep access past its end, on a real API server with its real controllers: each is refused beforehand.
const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});
const { grant, labelled, api, may, settled, remove } = grantProbe(cluster);

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** A Role in dev with these rules, bound to a subject, seen by the authorizer; undone by the function that it resolves to. */
async function allow(name: string, subject: { kind: "User" | "Group"; name: string }, rule: Rule) {
  const at = `${rbac}/namespaces/dev`;
  const subjects = [{ apiGroup, ...subject }];
  await api("POST", `${at}/roles`, { metadata: { name }, rules: [rule] });
  await api("POST", `${at}/rolebindings`, { metadata: { name }, roleRef: { apiGroup, kind: "Role", name }, subjects });
  const [verb = "", resource = "", group = ""] = [rule.verbs[0], rule.resources[0], rule.apiGroups[0]];
  const [plural = "", subresource] = resource.split("/");
  const as = subject.kind === "User" ? [`--as=${subject.name}`] : ["--as=anybody", `--as-group=${subject.name}`];
  const words = ["auth", "can-i", verb, group === "" ? plural : `${plural}.${group}`, "-n", "dev", ...as];
  const asked = subresource === undefined ? words : [...words, `--subresource=${subresource}`];
  await until("the authorizer follows", async () =>
    (await cluster.kubectl("admin", ...asked)).stdout.startsWith("yes"),
  );
  return async () => {
    await api("DELETE", `${at}/rolebindings/${name}`);
    await api("DELETE", `${at}/roles/${name}`);
    await until("the authorizer follows", async () => (await cluster.kubectl("admin", ...asked)).code !== 0);
  };
}

const jim = { kind: "User", name: "jim" } as const;
const powers: [what: string, rule: Rule][] = [
  ["patch jobs", { apiGroups: ["batch"], resources: ["jobs"], verbs: ["patch"] }],
  ["patch the status of jobs", { apiGroups: ["batch"], resources: ["jobs/status"], verbs: ["patch"] }],
  ["update the status of jobs", { apiGroups: ["batch"], resources: ["jobs/status"], verbs: ["update"] }],
  ["create rolebindings", { apiGroups: [apiGroup], resources: ["rolebindings"], verbs: ["create"] }],
];
for (const [what, rule] of powers) {
  t.test(`a grant that ends is refused to somebody who may ${what}`, async (t) => {
    const undo = await allow("power", jim, rule);
    const refused = await grant("jim", "--ns", "dev", "--for", "1h");
    t.equal(refused.code, 2, refused.stdout);
    t.match(refused.stderr, /EXPIRY NOT ENFORCED: jim may change jobs or rolebindings in dev/);
    t.same(await labelled("clusterrolebindings"), [], "nothing was written");
    await undo();
  });
}

t.test("the access can really be copied: it outlives the grant that was accepted all the same", async (t) => {
  const undo = await allow("copy", jim, { apiGroups: [apiGroup], resources: ["rolebindings"], verbs: ["create"] });
  const accepted = await grant("jim", "--ns", "dev", "--for", "5s", "--accept-weak-expiry");
  t.equal(accepted.code, 0, accepted.stderr);
  await settled("yes", "jim", "dev");
  const copy = firstSteps.copyBinding("dev", "mine", { role: "mirrord-operator-user", user: "jim" });
  await attack(world, world.user("jim"), copy);
  await until("the grant is over", async () => (await labelled("rolebindings", "dev")).length === 0);
  t.equal(await may("jim", "dev"), true);
  await api("DELETE", `${rbac}/namespaces/dev/rolebindings/mine`);
  await undo();
  await remove();
});

t.test(
  "a group that may is unknown, named and refused, until somebody says which groups the subject is in",
  async (t) => {
    const devs = { kind: "Group", name: "oidc:devs" } as const;
    const undo = await allow("devs", devs, { apiGroups: ["batch"], resources: ["jobs"], verbs: ["patch"] });
    const refused = await grant("jim", "--ns", "dev", "--for", "1h");
    t.equal(refused.code, 2, refused.stdout);
    t.match(refused.stderr, /unknown: group "oidc:devs" may change jobs or rolebindings in dev[\s\S]*--groups/);
    t.notMatch(refused.stderr, /system:/, "the groups that every cluster binds are none");
    t.equal((await grant("group:web", "--ns", "dev", "--for", "1h")).code, 2, "a member of a group may be in others");

    const isIn = await grant("jim", "--ns", "dev", "--for", "1h", "--groups", "web,oidc:devs");
    t.equal(isIn.code, 2, "a stated group that may is a yes");
    t.match(isIn.stderr, /EXPIRY NOT ENFORCED: jim may change jobs or rolebindings in dev/);
    t.same(await labelled("clusterrolebindings"), [], "nothing was written so far");

    const settledBy = await grant("jim", "--ns", "dev", "--for", "1h", "--groups", "web");
    t.equal(settledBy.code, 0, settledBy.stderr);
    t.match((await grant("list", "jim")).stdout, /\bok\b/, "what was stated is kept with the grant");
    t.equal((await grant("jim", "--ns", "dev", "--for", "1h", "--groups=")).code, 0, "none is a statement, too");

    const accepted = await grant("jim", "--ns", "dev", "--for", "1h", "--accept-weak-expiry");
    t.equal(accepted.code, 0, accepted.stderr);
    t.match(accepted.stderr, /group "oidc:devs"/);
    t.match((await grant("list", "jim")).stdout, /expiry in doubt/);
    await undo();
    await remove();
  },
);

t.test("describe lists what stays open", async (t) => {
  const undo = await allow("pods", jim, {
    apiGroups: [""],
    resources: ["pods", "serviceaccounts/token"],
    verbs: ["create"],
  });
  t.equal((await grant("jim", "--ns", "dev", "--for", "1h")).code, 0);
  const { stdout } = await grant("describe", "jim");
  t.match(
    stdout,
    /Routes past its end that nothing closes:\n {2}it may create pods: .*\(in dev\)\n {2}it may create service account tokens/,
  );
  await undo();
  t.match((await grant("describe", "jim")).stdout, /Routes past its end that nothing closes: none/);
  await remove();
});

t.test("a fake CronJob makes no grant in all namespaces end", async (t) => {
  const ivan = world.user("ivan");
  await api("POST", `${rbac}/clusterroles`, {
    metadata: { name: "makes-cronjobs" },
    rules: [{ apiGroups: ["batch"], resources: ["cronjobs"], verbs: ["create"] }],
  });
  await world.bind(ivan, "makes-cronjobs");
  const forge = (namespace: string, name: string, account: string) =>
    attack(world, ivan, firstSteps.forgeSync(namespace, name, account));
  const refused = async (why: RegExp) => {
    const result = await grant("jim", "-A", "--for", "1h");
    t.equal(result.code, 2, result.stdout);
    t.match(result.stderr, why);
    t.same(await labelled("clusterrolebindings"), []);
  };
  await forge("dev", "mirrord-access", "default");
  await refused(/there is no cronjob mirrord-access in namespace mirrord-access/);

  await api("POST", "/api/v1/namespaces", { metadata: { name: "mirrord-access" } });
  await forge("mirrord-access", "other", "default");
  await refused(/there is no cronjob mirrord-access/);

  await forge("mirrord-access", "mirrord-access", "syncer");
  await refused(/sa:mirrord-access\/syncer, which may not delete clusterrolebindings/);
});
