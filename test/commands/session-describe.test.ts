import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { entry, runSession, schemaErrors, sessionCluster, type Given } from "./session-cluster.ts";

const rbac = "rbac.authorization.k8s.io";

const role: KubernetesObject = {
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRole",
  metadata: { name: "all" },
  rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
};

const binding = (name: string, subject: object, metadata: object = {}): KubernetesObject => ({
  apiVersion: `${rbac}/v1`,
  kind: "ClusterRoleBinding",
  metadata: { name, ...metadata },
  roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "all" },
  subjects: [{ apiGroup: rbac, ...subject }],
});

const ofJim = binding("of-jim", { kind: "User", name: "jim" });
const ofGroup = binding("of-group", { kind: "Group", name: "oidc:backend" });
const expired = binding(
  "over",
  { kind: "User", name: "jim" },
  {
    labels: { "kubectl-mirrord.io/grant": "abcdefgh" },
    annotations: { "kubectl-mirrord.io/expires-at": "2026-11-22T11:00:00Z", "kubectl-mirrord.io/intent": "{}" },
  },
);

const policy = (block: string[], more: object = {}): KubernetesObject => ({
  apiVersion: "policies.mirrord.metalbear.co/v1alpha",
  kind: "MirrordPolicy",
  metadata: { name: "no-steal", namespace: "dev" },
  spec: { block, ...more },
});

const stealing = entry("A1", {
  locked_ports: [
    { port: 80, kind: "steal", filter: "header=x" },
    { port: 9, kind: "sniff" },
  ],
  key: "pr-1",
  user_id: "Zm9v",
});

const cluster = (objects: Given["objects"] = {}, given: Given = {}) =>
  sessionCluster({
    sessions: [stealing, entry("T1", { target: null }), entry("P1", { user: "preview-env" })],
    operator: { spec: { operator_version: "3.187.0", supported_features: ["ProxyApi"] }, status: { sessions: [] } },
    review: (_, user) => (user === undefined ? "yes" : "no"),
    ...given,
    objects: { clusterroles: [role], ...objects },
  });

t.test("whose it is, what it holds, how old it is, and how to end it", async (t) => {
  const { code, stdout } = await runSession(cluster({ clusterrolebindings: [ofJim] }), ["describe", "a1"]);
  t.equal(code, 0);
  for (const line of [
    /^ID: +A1$/m,
    /^Target: +deployment\/web$/m,
    /^ {2}Kubernetes user: +jim \(as the client says\)$/m,
    /^ {2}Host: +laptop$/m,
    /^ {2}User id: +Zm9v$/m,
    /^Running for: +60s$/m,
    /^Locked ports:\n {2}80 steal header=x\n {2}9 sniff$/m,
    /^Session key: +pr-1$/m,
    /^To end it: +kubectl mirrord session kill A1$/m,
  ])
    t.match(stdout, line);
});

const admissions: { name: string; bindings: KubernetesObject[]; want: RegExp; again: RegExp }[] = [
  {
    name: "the binding that lets its owner in",
    bindings: [ofJim],
    want: /ClusterRoleBinding of-jim gives ClusterRole all to User jim$/m,
    again: /again: +yes$/m,
  },
  {
    name: "a group that would, if its owner is in it",
    bindings: [ofGroup],
    want: /perhaps group "oidc:backend", if its owner is in it$/m,
    again: /again: +unknown - jim cannot .*, unless in group "oidc:backend"$/m,
  },
  {
    name: "nothing that is there now",
    bindings: [],
    want: /nothing that is there now$/m,
    again: /again: +no - jim cannot get/,
  },
  {
    name: "a grant that is over, still bound",
    bindings: [expired],
    want: /User jim, by grant abcdefgh, EXPIRED, still bound$/m,
    again: /again: +no - only by grant abcdefgh, EXPIRED, still bound$/m,
  },
];

for (const { name, bindings, want, again } of admissions)
  t.test(`who let it in: ${name}`, async (t) => {
    const allows = bindings.some((each) => each !== ofGroup);
    const target = cluster({ clusterrolebindings: bindings }, { review: () => (allows ? "yes" : "no") });
    const { stdout } = await runSession(target, ["describe", "A1"]);
    t.match(stdout, /\(proxy targets.operator.metalbear.co "deployment.web" in namespace "dev"\)/);
    t.match(stdout, want);
    t.match(stdout, again);
  });

t.test("the policies that reach it, with what they would refuse", async (t) => {
  const describe = async (policies: KubernetesObject[]) => {
    const web = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "dev" } };
    const objects = { clusterrolebindings: [ofJim], mirrordpolicies: policies, deployments: [web] };
    return (await runSession(cluster(objects), ["describe", "A1"])).stdout;
  };
  t.match(
    await describe([policy(["steal"])]),
    /^Policies:\n {2}MirrordPolicy no-steal in namespace dev: .*port 80 with http request filter: header=x is forbidden/m,
  );
  t.match(
    await describe([policy(["steal-without-filter"])]),
    /^Policies:\n {2}MirrordPolicy no-steal in namespace dev$/m,
  );
  t.match(await describe([policy(["steal"], { targetPath: "deploy/other*" })]), /^Policies: +<none>$/m);
});

t.test("a session without a target, and a preview", async (t) => {
  const targetless = await runSession(cluster({ clusterrolebindings: [ofJim] }), ["describe", "T1"]);
  t.match(targetless, { code: 0, stdout: /^Target: +targetless$/m });
  const preview = await runSession(cluster(), ["describe", "P1"]);
  t.match(preview, { code: 0, stdout: /^Kind: +preview$/m });
  t.match(preview.stdout, /^Let in by:\n {2}unknown/m);
});

t.test("json follows its schema", async (t) => {
  for (const id of ["A1", "T1", "P1"]) {
    const objects = { clusterrolebindings: [ofJim, ofGroup, expired], mirrordpolicies: [policy(["steal"])] };
    const { stdout } = await runSession(cluster(objects), ["describe", id, "-ojson"]);
    t.equal(schemaErrors("session-description.json", stdout), "No errors");
  }
});

t.test("an unknown id, and one of another namespace", async (t) => {
  t.match(await runSession(cluster(), ["describe", "FF"]), { code: 2, stderr: /session "FF" not found/ });
  t.match(await runSession(cluster(), ["describe", "A1", "-nqa"]), {
    code: 2,
    stderr: /is in namespace "dev", not in "qa"/,
  });
  t.match(await runSession(cluster(), ["describe"]), { code: 2, stderr: /ID is missing/ });
});

t.test("stale sessions: whose owner could not start them any more", async (t) => {
  const stale = async (bindings: KubernetesObject[], review: Given["review"], ...words: string[]) =>
    await runSession(cluster({ clusterrolebindings: bindings }, { review: review ?? (() => "no") }), [
      "list",
      "--stale",
      ...words,
    ]);
  const no = () => "no" as const;
  t.match((await stale([], no)).stdout, /^A1 .* jim cannot get mirrordoperators/m);
  t.match((await stale([], no)).stdout, /^T1 /m);
  t.notMatch((await stale([], no)).stdout, "P1", "a preview has no owner");
  t.match(await stale([ofJim], no), { stdout: "", stderr: /No sessions found/ });
  t.match(await stale([ofGroup], no), {
    stdout: "",
    stderr: /A1, T1: it is not known .* unless in group "oidc:backend"/,
  });
  t.match(await stale([], () => "yes"), { stdout: "" }, "another authorizer lets the owner in");
  t.match(await stale([], () => "unknown"), { stdout: "", stderr: /not known whether access is gone/ });
  t.match((await stale([expired], no)).stdout, /^A1 .* only by grant abcdefgh, EXPIRED, still bound$/m);
  const later = binding("zz", { kind: "User", name: "jim" });
  for (const standing of [ofJim, later])
    t.notMatch((await stale([expired, standing], no)).stdout, "A1", "another binding stands");
  const { stdout } = await stale([], no, "-ojson");
  t.equal(schemaErrors("session-list.json", stdout), "No errors");
  t.match(JSON.parse(stdout), { items: [{ stale: "yes" }, {}] });
});

t.test("on a terminal the reason why a session is stale is wrapped, not cut", async (t) => {
  const gone = cluster({ clusterrolebindings: [] }, { review: () => "no" });
  const { stdout } = await runSession(gone, ["list", "--stale"], () => ({
    isTerminal: { stdin: false, stdout: true, stderr: false },
    columns: 80,
  }));
  t.notMatch(stdout, "…");
  t.match(stdout.replaceAll(/\s+/g, " "), /in the whole cluster/);
  t.same(
    stdout.split("\n").filter((line) => line.length > 80),
    [],
  );
});

t.test("a name that can be read in two ways is stale only when neither may", async (t) => {
  const sessions = [entry("A1", { user: "Jim/jim@acme@h" })];
  const stale = async (...may: string[]) => {
    const bindings = may.map((name) => binding(name.replace("@", "-"), { kind: "User", name }));
    const target = cluster({ clusterrolebindings: bindings }, { sessions, review: () => "no" });
    return await runSession(target, ["list", "--stale", "-oname"]);
  };
  t.match(await stale(), { stdout: /A1/ });
  t.match(await stale("jim@acme"), { stdout: "", stderr: "No sessions found in namespace dev.\n" });
  t.match(await stale("jim"), { stdout: "", stderr: /not known/ });
});

t.test("kill --stale ends those that are known to be stale", async (t) => {
  const sessions = [entry("A1"), entry("B2", { user: "Ann/ann@h" })];
  const ofAnn = binding("of-ann", { kind: "User", name: "ann" });
  const target = cluster(
    { clusterrolebindings: [ofAnn] },
    { sessions, review: (_, user) => (user === undefined ? "yes" : "no") },
  );
  t.equal((await runSession(target, ["kill", "--stale", "-y"])).code, 0);
  t.same(target.deleted, ["A1"]);
});

t.test("several are shown one after the other, or as a list; what is missing is said once", async (t) => {
  const both = await runSession(cluster(), ["describe", "A1", "T1"]);
  t.equal(both.code, 0);
  t.match(both.stdout, /^ID: +A1\n[^]*\n\nID: +T1\n/);
  const listed = await runSession(cluster(), ["describe", "A1", "T1", "-ojson"]);
  t.equal(schemaErrors("session-description-list.json", listed.stdout), "No errors");
  t.match(JSON.parse(listed.stdout), { items: [{ session: { id: "A1" } }, { session: { id: "T1" } }] });
  t.match(await runSession(cluster(), ["describe", "A1", "nope"]), {
    code: 2,
    stdout: /^ID: +A1\n/,
    stderr: 'error: session "nope" not found\nSee what is there: kubectl mirrord session list -A\n',
  });
  t.match(await runSession(cluster(), ["describe", "nope", "nada"]), {
    code: 2,
    stdout: "",
    stderr:
      'error: session "nope" not found\nsession "nada" not found\nSee what is there: kubectl mirrord session list -A\n',
  });
});
