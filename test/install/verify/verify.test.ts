import t from "tap";
import { findingsExitCode } from "../../../lib/findings/exit-code.ts";
import { exemptionObjects } from "../../../lib/install/secure-defaults/objects.ts";
import { policyObjects } from "../../../lib/install/secure-defaults/policies.ts";
import { verifyInstallation } from "../../../lib/install/verify/verify.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import type { UserInfo } from "../../../lib/kubernetes/access.ts";
import type { KubernetesObject, ResourceType } from "../../../lib/kubernetes/object.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { installedCluster } from "../installed-cluster.ts";

const rbac = "rbac.authorization.k8s.io";
const apiVersion = `${rbac}/v1`;
const user = (name: string) => ({ kind: "User", apiGroup: rbac, name });

const role = (
  name: string,
  resources: string[],
  verbs = ["create"],
  groups = ["", "apps", "batch"],
): KubernetesObject => ({
  apiVersion,
  kind: "ClusterRole",
  metadata: { name },
  rules: [{ apiGroups: groups, resources, verbs }],
});

const bind = (name: string, namespace: string | undefined, ...subjects: object[]): KubernetesObject => ({
  apiVersion,
  kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name: `b-${name}`, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
  subjects,
});

const maker = role("maker", ["pods", "deployments", "cronjobs"]);

/** What the API server says of something that somebody tries to create. */
type Admission = (as: string, type: ResourceType) => undefined | string;

const policyFor: Record<string, string> = { Pod: "pods", Deployment: "workloads", CronJob: "cronjobs" };
const refusing: Admission = (as, { kind }) =>
  as === "system:serviceaccount:mirrord:mirrord-operator"
    ? undefined
    : `ValidatingAdmissionPolicy 'kubectl-mirrord-defaults-${policyFor[kind] ?? "others"}' with binding 'b' denied request: no`;

function asUser(cluster: MemoryCluster, admission: Admission) {
  return async ({ name }: UserInfo): Promise<Cluster> => ({
    ...cluster,
    create: async (type, object, { dryRun = false } = {}) => {
      if (!dryRun) throw new Error("only tried");
      const refusal = admission(name, type);
      if (refusal !== undefined) throw apiFailure(403, "Forbidden", refusal);
      return object;
    },
  });
}

async function verify(cluster: MemoryCluster, admission: Admission = refusing) {
  const now = new Date("2026-11-22T12:00:00Z");
  const options = { namespace: undefined, now, asUser: asUser(cluster, admission) };
  const { findings: items, checked, skipped } = await verifyInstallation(cluster, options);
  const code = findingsExitCode(items, { failOn: "error", incomplete: skipped.length > 0 });
  return { code, items, checked, skipped, rules: [...new Set(items.map(({ rule }) => rule as string))] };
}

function withDefaults(enforcement: "audit" | "enforce", ...objects: KubernetesObject[]): MemoryCluster {
  const cluster = installedCluster();
  const { policies, bindings } = policyObjects({ enforcement, localClasses: [] });
  cluster.put(...policies, ...bindings, ...objects);
  return cluster;
}

const hardening = ["agents-in-clear", "network-open", "operator-optional", "unverified-server"];

t.test("a sound installation: every right stands, its hardening is said, nothing is written", async (t) => {
  const cluster = installedCluster();
  const { code, rules, checked, skipped } = await verify(cluster);
  t.equal(code, 0);
  t.ok(
    hardening.every((rule) => rules.includes(rule)),
    rules.join(),
  );
  t.ok(checked.rights > 140);
  t.match(checked, { policies: 0, probes: 1 });
  t.same(skipped, []);
  t.same(cluster.writes, []);
});

t.test("real users try every option, and only a refusal by the policy itself counts", async (t) => {
  const cluster = withDefaults("enforce", maker, bind("maker", "dev", user("jim")));
  const tried: string[] = [];
  const { code, rules, checked, items } = await verify(cluster, (as, type) => {
    tried.push(`${as} ${type.kind}`);
    return refusing(as, type);
  });
  t.equal(code, 0);
  t.match(checked, { policies: 9, probes: 22 });
  t.equal(tried.filter((one) => one === "jim Pod").length, 7);
  t.notOk(rules.includes("operator-optional"));
  const untried = items
    .filter(({ rule }) => rule === "policy-untried")
    .map(({ message, subject }) => subject.name + message);
  t.match(untried.join("\n"), /kubectl-mirrord-defaults-revisions/);
  t.notMatch(untried.join("\n"), /defaults-pods/);
});

t.test("what gets through is a finding for each option", async (t) => {
  const cluster = withDefaults("enforce", maker, bind("maker", "dev", user("jim")));
  const { code, items } = await verify(cluster, (as, type) => (type.kind === "Pod" ? undefined : refusing(as, type)));
  t.equal(code, 1);
  const through = items.filter(({ rule }) => rule === "policy-admits");
  t.equal(through.length, 7);
  t.match(through[0], {
    subject: { name: "kubectl-mirrord-defaults-pods" },
    message: "It let a pod with hostIPC of jim through.",
  });
});

t.test("a refusal by something else proves nothing: the next one tries", async (t) => {
  const cluster = withDefaults("enforce", maker, bind("maker", "dev", user("eve"), user("jim")));
  const quota: Admission = (as, type) => (as === "eve" ? "exceeded quota" : refusing(as, type));
  t.match((await verify(cluster, quota)).checked, { probes: 22 });
  const all = await verify(cluster, (as) => (as.includes("operator") ? undefined : "exceeded quota"));
  t.match(all.checked, { probes: 1 });
  t.equal(all.code, 0);
  t.match(
    all.items.filter(({ rule }) => rule === "policy-untried").map(({ message }) => message),
    [/could try: /, /exceeded quota/],
  );
});

t.test("administrators and the exempt try nothing", async (t) => {
  const admin = role("root", ["*"], ["*"], ["*"]);
  const exemptions = exemptionObjects({
    operator: { namespace: "mirrord", name: "mirrord-operator", ephemeralAgents: false },
  });
  const exempt = role("exempt", ["privilegedattributes"], ["use"], ["access.kubectl-mirrord.io"]);
  const cluster = withDefaults(
    "enforce",
    maker,
    admin,
    exempt,
    ...exemptions,
    bind("root", undefined, user("root")),
    bind("maker", "dev", user("jim")),
    bind("exempt", "dev", user("jim")),
  );
  const tried: string[] = [];
  await verify(cluster, (as, type) => {
    if (type.kind === "Pod") tried.push(as);
    return refusing(as, type);
  });
  t.same(new Set(tried), new Set(["system:serviceaccount:mirrord:mirrord-operator"]));
});

t.test("policies that only warn, and policies that are gone, are told apart", async (t) => {
  const auditing = await verify(withDefaults("audit"));
  t.equal(auditing.items.filter(({ rule }) => rule === "policy-audits").length, 6, "the guards refuse in both modes");
  t.ok(auditing.rules.includes("operator-optional"));
  t.equal(auditing.code, 0);
  const gone = withDefaults("enforce");
  await gone.delete(
    { group: "", version: "v1", resource: "x", kind: "ValidatingAdmissionPolicy", namespaced: false },
    "kubectl-mirrord-defaults-pods",
    undefined,
  );
  const { items, code } = await verify(gone);
  t.equal(code, 1);
  t.match(
    items.find(({ rule }) => rule === "policy-changed"),
    { subject: { name: "kubectl-mirrord-defaults-pods" }, message: "It is not there." },
  );
});

t.test("rights: the operator's own, those of somebody with each role, and those that it must not have", async (t) => {
  const cluster = installedCluster((object) =>
    object.kind === "RoleBinding" && object.metadata.namespace === "kube-system" ? undefined : object,
  );
  cluster.put(
    bind("mirrord-operator-user", "dev", user("jim")),
    bind("mirrord-operator-user-basic", undefined, user("jim")),
    bind("mirrord-operator-ci", undefined, { kind: "ServiceAccount", name: "ci", namespace: "dev" }),
    role("root", ["*"], ["*"], ["*"]),
  );
  const lost = await verify(cluster);
  t.equal(lost.code, 1);
  t.match(
    lost.items.filter(({ rule }) => rule === "right-refused"),
    [{ subject: { kind: "Role", name: "mirrord-operator-apiserver-authentication" } }],
  );
  cluster.put(bind("root", undefined, { kind: "ServiceAccount", name: "mirrord-operator", namespace: "mirrord" }));
  t.match((await verify(cluster)).rules, ["right-too-many"]);
  const { review } = cluster;
  cluster.review = async (questions, who, via) =>
    who?.name === "jim" ? questions.map(() => ({ answer: "no", reason: "" })) : await review(questions, who, via);
  t.match(
    (await verify(cluster)).items.filter(({ rule, message }) => rule === "right-refused" && message.startsWith("jim"))
      .length,
    2,
    "of both roles that jim holds",
  );
});

t.test("an agent that is refused is an error; one that could not be tried is said", async (t) => {
  const refused = await verify(installedCluster(), () => "violates PodSecurity");
  t.equal(refused.code, 1);
  t.match(refused.items[0], { rule: "agent-refused", message: /violates PodSecurity/ });
  const unable = await verify(installedCluster(), () => 'User "eve" cannot impersonate resource "serviceaccounts"');
  t.equal(unable.code, 3);
  t.match(unable.skipped, [/no agent was tried: .*cannot impersonate/]);
});

t.test("what could not be asked or read is said, with exit code 3", async (t) => {
  const cluster = withDefaults("enforce");
  cluster.review = async (questions) =>
    questions.map(() => ({ answer: "unknown", reason: "could not be asked (sar: no)" }));
  const { get, list } = cluster;
  cluster.get = async (type, ...place) => {
    if (type.kind === "ValidatingAdmissionPolicy") throw apiFailure(403, "Forbidden", "no");
    return await get(type, ...place);
  };
  cluster.list = async function* (type, options) {
    if (type.kind === "RoleBinding" || type.kind === "NetworkPolicy") throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  const { code, skipped } = await verify(cluster);
  t.equal(code, 3);
  t.match(skipped, [
    /^you may not read rolebindings/,
    /^\d+ rights have no answer: could not be asked \(sar: no\)$/,
    "you may not read validatingadmissionpolicies",
  ]);
  cluster.list = async function* (type, options) {
    if (type.kind === "ValidatingAdmissionPolicyBinding") throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  const blind = await verify(cluster);
  t.match(blind, { code: 3, checked: { policies: 0 } });
  t.match(blind.skipped.join("\n"), /^you may not list validatingadmissionpolicybindings$/m);
});

t.test("where nothing is installed, nothing else is looked at", async (t) => {
  const { code, rules, checked } = await verify(memoryCluster());
  t.equal(code, 1);
  t.same(rules, ["not-installed"]);
  t.same(checked, { rights: 0, policies: 0, probes: 0 });
});
