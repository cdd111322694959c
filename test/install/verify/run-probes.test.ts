import t from "tap";
import type { Probe } from "../../../lib/install/verify/policy-set.ts";
import { runProbes } from "../../../lib/install/verify/run-probes.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import type { UserInfo } from "../../../lib/kubernetes/access.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { apiFailure, memoryCluster } from "../../kube/memory-cluster.ts";

const rbac = "rbac.authorization.k8s.io";
const apiVersion = `${rbac}/v1`;
const maker: KubernetesObject = {
  apiVersion,
  kind: "ClusterRole",
  metadata: { name: "maker" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["create"] }],
};
const binding = (names: readonly string[], namespace = "dev"): KubernetesObject => ({
  apiVersion,
  kind: "RoleBinding",
  metadata: { name: "makers", namespace },
  roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "maker" },
  subjects: names.map((name) => ({ kind: "User", apiGroup: rbac, name })),
});

const probe = (change: Partial<Probe> = {}): Probe => ({
  what: "a pod with hostPID",
  policy: "p",
  type: nativeResources.pods,
  right: { verb: "create", apiGroup: "", resource: "pods" },
  attempt: (as, namespace) =>
    as.create(
      nativeResources.pods,
      { apiVersion: "v1", kind: "Pod", metadata: { name: "x", namespace } },
      { dryRun: true },
    ),
  exempting: () => [{ verb: "manage", apiGroup: "access.kubectl-mirrord.io", resource: "grants" }],
  ...change,
});

const refusal = (policy: string) => `ValidatingAdmissionPolicy '${policy}' with binding 'p' denied request: no`;

interface Given {
  probes?: Probe[];
  policies?: string[];
  rbac?: KubernetesObject[] | undefined;
  mayAsk?: boolean;
  /** What the API server says to somebody who tries; undefined: it lets it through. */
  says?: (as: string, namespace: string) => string | undefined;
}

async function run({ probes = [probe()], policies = ["p"], says = () => refusal("p"), ...given }: Given = {}) {
  const objects = "rbac" in given ? given.rbac : [maker, binding(["jim"])];
  const cluster = memoryCluster(...(objects ?? []));
  const tried: string[] = [];
  let open = 0;
  const asked: string[] = [];
  const { review } = cluster;
  cluster.review = async (questions, user, via) => {
    asked.push(user?.name ?? "");
    const answers = await review(questions, user, via);
    return given.mayAsk === false ? answers.map((each) => ({ ...each, answer: "unknown" as const })) : answers;
  };
  const asUser = async ({ name }: UserInfo): Promise<Cluster> => {
    open += 1;
    return {
      ...cluster,
      create: async (_type, object) => {
        const namespace = object.metadata.namespace ?? "";
        tried.push(`${name} in ${namespace}`);
        const message = says(name, namespace);
        if (message !== undefined) throw apiFailure(403, "Forbidden", message);
        return object;
      },
      close: () => {
        open -= 1;
      },
    };
  };
  const { findings, count } = await runProbes(
    { policies, probes },
    { cluster, asUser, rbac: objects, operatorNamespace: "mirrord" },
  );
  const said = findings.map(({ rule, subject, message, fix }) => ({ rule, name: subject.name, message, fix }));
  return { said, count, tried, asked, open };
}

const untried = (name: string, message: string) => ({
  rule: "policy-untried",
  name,
  message,
  fix: "Nothing to do, or let somebody verify who may impersonate users.",
});
const nobody = "no user without administrator's rights was found whom RBAC lets through";
const noProbe = "no request of a user would show it without writing something";

t.test("where nobody may ask whom RBAC lets through, that is why nothing was tried", async (t) => {
  const { said, tried } = await run({ mayAsk: false });
  t.same(tried, []);
  const why = "you may not create subjectaccessreviews, and so not ask whom RBAC lets through";
  t.same(said, [untried("p", `It was compared only; nobody could try: ${why}.`)]);
});

t.test("a refusal by the policy itself is what was wanted, and each connection is closed", async (t) => {
  t.same(await run(), { said: [], count: 1, tried: ["jim in dev"], asked: ["jim"], open: 0 });
});

t.test("what gets through is a fault of the policy, named with what was tried and by whom", async (t) => {
  t.same(await run({ says: () => undefined }), {
    said: [
      {
        rule: "policy-admits",
        name: "p",
        message: "It let a pod with hostPID of jim through.",
        fix: "See the policy, its binding and their exemptions: kubectl get validatingadmissionpolicies -o yaml",
      },
    ],
    count: 1,
    tried: ["jim in dev"],
    asked: ["jim"],
    open: 0,
  });
});

t.test("a refusal by something else proves nothing: up to three try, and the last refusal is said", async (t) => {
  const given = { rbac: [maker, binding(["ann", "bob", "cyd", "dan"])] };
  const { said, count, tried } = await run({ ...given, says: (as) => `quota of ${as}` });
  t.same(tried, ["ann in dev", "bob in dev", "cyd in dev"]);
  t.same(
    [count, said],
    [0, [untried("p", "It was compared only; nobody could try: as cyd: Error from server (Forbidden): quota of cyd.")]],
  );
  const second = await run({ ...given, says: (as) => (as === "bob" ? refusal("p") : refusal("another")) });
  t.same([second.count, second.said, second.tried], [1, [], ["ann in dev", "bob in dev"]]);
});

t.test("administrators, the exempt and those of whom nothing is known try nothing", async (t) => {
  const manager: KubernetesObject = {
    ...maker,
    metadata: { name: "manager" },
    rules: [{ apiGroups: ["access.kubectl-mirrord.io"], resources: ["grants"], verbs: ["manage"] }],
  };
  const managing: KubernetesObject = {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: "managers" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "manager" },
    subjects: [{ kind: "User", apiGroup: rbac, name: "jim" }],
  };
  const { tried, said } = await run({ rbac: [maker, binding(["jim"]), manager, managing] });
  t.same(tried, []);
  t.same(said, [untried("p", `It was compared only; nobody could try: ${nobody}.`)]);
});

t.test("without roles and bindings nobody is found", async (t) => {
  const want = [untried("p", `It was compared only; nobody could try: ${nobody}.`)];
  for (const objects of [undefined, []]) {
    const { said, count, tried, asked } = await run({ rbac: objects });
    t.same({ said, count, tried, asked }, { said: want, count: 0, tried: [], asked: [] });
  }
});

t.test("of many who could try, forty are asked about at most", async (t) => {
  const names = Array.from({ length: 45 }, (_, index) => `u${index}`);
  const exempting = () => [{ verb: "create", apiGroup: "", resource: "pods", namespace: "dev" }];
  const { asked, tried } = await run({ rbac: [maker, binding(names)], probes: [probe({ exempting })] });
  t.equal(asked.length, 40);
  t.same(tried, []);
});

t.test("policies that nothing tries are said together, apart from those that nobody could try", async (t) => {
  const { said } = await run({ policies: ["p", "q", "r", "s"], rbac: [] });
  t.same(said, [
    untried("q", `It and r, s were compared only; nobody could try: ${noProbe}.`),
    untried("p", `It was compared only; nobody could try: ${nobody}.`),
  ]);
});

t.test("who could try is looked up once for the same right, place and exemptions", async (t) => {
  const same = [probe(), probe({ what: "a pod with hostIPC" })];
  t.same((await run({ probes: same })).asked, ["jim"]);
  t.equal((await run({ probes: same })).count, 2);
  const elsewhere = await run({
    probes: [probe(), probe({ only: "qa" })],
    rbac: [maker, binding(["jim"]), binding(["eve"], "qa")],
  });
  t.same(elsewhere.tried, ["jim in dev", "eve in qa"]);
  const exempted = await run({
    probes: [probe(), probe({ exempting: () => [{ verb: "create", apiGroup: "", resource: "pods" }] })],
  });
  t.equal(exempted.asked.length, 2);
  const righted = await run({
    probes: [probe(), probe({ right: { verb: "create", apiGroup: "apps", resource: "deployments" } })],
  });
  t.same(righted.tried, ["jim in dev"]);
});
