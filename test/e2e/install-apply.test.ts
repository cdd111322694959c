// install on a real control plane, with the stand-in as the operator that it installs.
import { join } from "node:path";
import t from "tap";
import { withoutProgress } from "./comparable.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { auditEvents } from "../control-plane/audit-log.ts";
import { apiRequest } from "../control-plane/request.ts";
import { until } from "../until.ts";
import { startEmptyCluster } from "./empty-cluster.ts";

const cluster = await startEmptyCluster();
t.teardown(() => cluster.stop());
const { plane } = cluster;
const { token } = plane.admin;

const KEY = "a-licence-key-that-nobody-guesses";
const folder = t.testdir({ key: KEY, other: "another-licence-key" });
const key = join(folder, "key");
const withKey = (...words: string[]) => ["install", "--license-key-file", key, "--timeout", "10m", ...words];

/** What kubectl-mirrord has written, dry runs and questions aside. */
function writes(): string[] {
  return auditEvents(plane)
    .filter(
      ({ stage, verb, requestURI, userAgent = "" }) =>
        stage === "ResponseComplete" &&
        userAgent.startsWith("kubectl-mirrord") &&
        ["create", "update", "patch", "delete"].includes(verb) &&
        !requestURI.includes("dryRun=All") &&
        !requestURI.includes("reviews"),
    )
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

const get = async (path: string) =>
  (await apiRequest(plane, { token, path })) as {
    status: number;
    body: KubernetesObject & { items?: KubernetesObject[] };
  };

const DEPLOYMENT = "/apis/apps/v1/namespaces/mirrord/deployments/mirrord-operator";

t.test("a dry run of everything writes nothing, on a cluster without the namespace", async (t) => {
  const { code, stdout } = await cluster.mirrord("admin", ...withKey("--dry-run=server"));
  t.equal(code, 0);
  t.equal(stdout.trim().split("\n").length, 27);
  t.same(writes(), []);
});

t.test("who may not write one of the objects hears so before anything is written", async (t) => {
  const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] }];
  const writable = [
    { apiGroups: [""], resources: ["*"], verbs: ["*"] },
    { apiGroups: ["apiextensions.k8s.io", "scheduling.k8s.io"], resources: ["*"], verbs: ["*"] },
  ];
  const rbac = "rbac.authorization.k8s.io";
  const role = {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: { name: "half" },
    rules: [...rules, ...writable],
  };
  const binding = {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "half" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "half" },
    subjects: [{ apiGroup: rbac, kind: "User", name: "jim" }],
  };
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [role, binding] });
  t.equal((await cluster.kubectl("admin", ["apply", "-f", "-"], list)).code, 0);
  await until("jim may read", async () => (await cluster.kubectl("jim", ["get", "crds"])).code === 0);
  const { code, stderr } = await cluster.mirrord("jim", ...withKey("-y"));
  t.equal(code, 4, stderr);
  // All are judged at once: of two that are refused, either may be named.
  t.match(stderr, /cannot patch resource "(clusterroles|roles)"[^]*Nothing was written/);
  t.same(writes(), []);
  await cluster.kubectl("admin", ["delete", "clusterrolebinding,clusterrole", "half"]);
});

t.test("one command installs it and ends when it answers; the second time there is no write", async (t) => {
  const first = await cluster.mirrord("admin", ...withKey("-y"));
  t.equal(first.code, 0, first.stderr);
  t.match(first.stdout, /^The mirrord operator \S+ answers in namespace mirrord; its licence is valid until/);
  t.match(first.stderr, /create +1 Namespace, 10 CustomResourceDefinitions/);
  t.notMatch(first.stdout + first.stderr, KEY);
  t.equal((await cluster.kubectl("admin", ["get", "mirrordoperators", "operator"])).code, 0);
  t.equal(writes().length, 27);
  const second = await cluster.mirrord("admin", ...withKey("-y"));
  t.match(second, { code: 0, stdout: /\nNothing was changed\.\n/ });
  t.equal(withoutProgress(second.stderr), "");
  t.equal(writes().length, 27);
});

t.test("a changed licence replaces the pods; a key that is left out is gone from the Secret", async (t) => {
  const template = async () => JSON.stringify((await get(DEPLOYMENT)).body["spec"]);
  const before = await template();
  const other = ["install", "--license-key-file", join(folder, "other"), "-y", "--timeout", "10m"];
  const changed = await cluster.mirrord("admin", ...other);
  t.equal(changed.code, 0, changed.stderr);
  t.match(changed.stderr, /change +1 Secret, 1 Deployment\n[^]*pods are replaced/);
  t.not(await template(), before);
  const file = join(folder, "other");
  const pem = ["install", "--set-file", `license.file.data.license\\.pem=${file}`, "-y", "--timeout", "10m"];
  const asFile = await cluster.mirrord("admin", ...pem);
  t.equal(asFile.code, 0, asFile.stderr);
  const { body } = await get("/api/v1/namespaces/mirrord/secrets/mirrord-operator-license");
  t.same(Object.keys(body["data"] as object), ["license.pem"]);
});

t.test("what somebody else manages is a conflict that names it, and is taken over when that is said", async (t) => {
  const scaled = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "mirrord-operator", namespace: "mirrord" },
    spec: { replicas: 2 },
  };
  const words = ["apply", "--server-side", "--force-conflicts", "--field-manager=scaler", "-f", "-"];
  t.equal((await cluster.kubectl("admin", words, JSON.stringify(scaled))).code, 0);
  const refused = await cluster.mirrord("admin", ...withKey("-y"));
  t.equal(refused.code, 4);
  t.match(
    refused.stderr,
    /conflict +1 Deployment\n[^]*\.spec\.replicas is managed by scaler[^]*--force-conflicts\nNothing was written/,
  );
  const taken = await cluster.mirrord("admin", ...withKey("-y", "--force-conflicts"));
  t.equal(taken.code, 0, taken.stderr);
  t.match((await get(DEPLOYMENT)).body, { spec: { replicas: 1 } });
});

t.test(
  "MIR-12: a role for users that somebody changed stays as it is, until --force-conflicts says otherwise",
  async (t) => {
    const ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/mirrord-operator-user";
    const rules = async () => (await get(ROLE)).body["rules"];
    const charted = await rules();
    const edited = [{ apiGroups: ["operator.metalbear.co"], resources: ["targets"], verbs: ["get", "list", "proxy"] }];
    const patch = JSON.stringify({ rules: edited });
    const words = [
      "patch",
      "clusterrole",
      "mirrord-operator-user",
      "--type=merge",
      "--field-manager=security",
      "-p",
      patch,
    ];
    t.equal((await cluster.kubectl("admin", words)).code, 0);
    t.same(await rules(), edited);
    const refused = await cluster.mirrord("admin", ...withKey("-y"));
    t.equal(refused.code, 4);
    t.match(
      refused.stderr,
      /conflict +1 ClusterRole\n[^]*\.rules is managed by security[^]*--force-conflicts\nNothing was written/,
    );
    const granted = await cluster.mirrord("admin", "grant", "kim", "--ns", "default");
    t.equal(granted.code, 0, granted.stderr);
    t.same(await rules(), edited, "neither by an installation nor by a grant");
    const audited = await cluster.mirrord("admin", "audit", "findings", "--fail-on", "never");
    t.match(audited.stdout, /^medium +operator-role-changed +ClusterRole mirrord-operator-user +it lacks /m);
    const taken = await cluster.mirrord("admin", ...withKey("-y", "--force-conflicts"));
    t.equal(taken.code, 0, taken.stderr);
    t.same(await rules(), charted);
  },
);

t.test("what kubectl applied of the same objects is no conflict", async (t) => {
  const printed = await cluster.mirrord("admin", "install", "-o", "yaml", "--license-key-file", key, "--show-secrets");
  const words = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
  t.equal((await cluster.kubectl("admin", words, printed.stdout)).code, 0);
  t.match(await cluster.mirrord("admin", ...withKey("-y")), { code: 0, stdout: /\nNothing was changed\.\n/ });
});

t.test("an operator that does not come up: what the pod says, and where to look", async (t) => {
  await cluster.kubelet.stop();
  const { code, stderr } = await cluster.mirrord(
    "admin",
    ...withKey("-y", "--force-conflicts", "--timeout", "1s", "--set", "operator.podLabels.new=one"),
  );
  t.equal(code, 3, stderr);
  t.match(
    stderr,
    /error: deployment mirrord\/mirrord-operator is not ready, after 1s: [^]*kubectl describe pods -n mirrord/,
  );
});
