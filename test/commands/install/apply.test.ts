import { join } from "node:path";
import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { toYaml } from "../../../lib/yaml.ts";
import type { FakeWorld } from "../../cli/fake-world.ts";
import { apiFailure } from "../../kube/memory-cluster.ts";
import { runInstall as runOn } from "./install-world.ts";
import { workingCluster } from "./working-cluster.ts";

const runInstall = (words: readonly string[], cluster: Cluster, change: Partial<FakeWorld> = {}) =>
  runOn(cluster, words, () => change);

const KEY = "a-licence-key-that-nobody-guesses";
const encodedKey = Buffer.from(KEY).toString("base64");

const keyFile = (dir: string) => join(dir, "key");
const folder = (t: { testdir(files: Record<string, string>): string }) => t.testdir({ key: `${KEY}\n` });

t.test("one command installs the operator and ends when it answers; again it writes nothing", async (t) => {
  const cluster = workingCluster();
  const words = ["--license-key-file", keyFile(folder(t)), "-y"];
  const first = await runInstall(words, cluster);
  t.match(first, { code: 0, stdout: /^The mirrord operator 3\.187\.0 answers in namespace mirrord; its licence/ });
  t.match(first.stderr, /create +1 Namespace, 10 CustomResourceDefinitions/, "the plan is shown first");
  const written = [...cluster.writes];
  t.equal(written.length, 27);
  t.equal(written[0], "create Namespace mirrord");
  t.ok(written.slice(1, 11).every((line) => line.startsWith("create CustomResourceDefinition ")));
  const at = (start: string) => written.findIndex((line) => line.startsWith(`create ${start}`));
  t.ok(at("ClusterRole ") < at("ClusterRoleBinding "));
  t.ok(at("Secret ") < at("Deployment "));
  t.ok(at("Deployment ") < at("APIService "));
  const second = await runInstall(words, cluster);
  t.match(second, { code: 0, stdout: /\nNothing was changed\.\n/, stderr: "" });
  t.equal(cluster.writes.length, written.length, "zero writes");
});

t.test("a licence key is in the Secret, as data, and nowhere else", async (t) => {
  const cluster = workingCluster();
  const dir = folder(t);
  for (const words of [["--dry-run=client"], ["--dry-run=server"], ["--diff"], ["-y"]]) {
    const { stdout, stderr } = await runInstall(["--license-key-file", keyFile(dir), ...words], cluster);
    t.notMatch(stdout + stderr, KEY, words.join());
    t.notMatch(stdout + stderr, encodedKey, words.join());
  }
  const holders = cluster.objects().filter((object) => /a-licence|YS1saWNlbmNl/.test(JSON.stringify(object)));
  t.match(holders, [{ kind: "Secret", data: { OPERATOR_LICENSE_KEY: encodedKey } }]);
  t.equal(holders[0]?.["stringData"], undefined);
});

t.test("another licence key replaces the operator's pods, and the diff shows neither", async (t) => {
  const cluster = workingCluster();
  const dir = t.testdir({ key: KEY, newer: "another-key" });
  await runInstall(["--license-key-file", keyFile(dir), "-y"], cluster);
  const digest = () => JSON.stringify(cluster.objects().find(({ kind }) => kind === "Deployment")?.["spec"]);
  const before = digest();
  cluster.writes.length = 0;
  const words = ["--license-key-file", join(dir, "newer")];
  const diff = await runInstall([...words, "--diff"], cluster);
  t.equal(diff.code, 1);
  t.match(diff.stdout, /- +OPERATOR_LICENSE_KEY: .\*\*\* \(before\).\n\+ +OPERATOR_LICENSE_KEY: .\*\*\* \(after\)/);
  t.same(cluster.writes, []);
  const { stderr } = await runInstall([...words, "-y"], cluster);
  t.match(stderr, /pods are replaced/);
  t.same(cluster.writes, [
    "update Secret mirrord/mirrord-operator-license",
    "update Deployment mirrord/mirrord-operator",
  ]);
  t.not(digest(), before);
});

t.test("nobody to ask and no --yes: nothing is written; declined: neither", async (t) => {
  const cluster = workingCluster();
  const words = ["--license-key-file", keyFile(folder(t))];
  const ask = (answer: boolean) => ({
    ask: { confirm: async () => answer, select: () => Promise.reject(), input: () => Promise.reject() },
  });
  t.match(await runInstall(words, cluster, ask(false)), { code: 1, stderr: /Nothing was written/ });
  t.same(cluster.writes, []);
  t.match(await runInstall(words, cluster, ask(true)), { code: 0 });
});

t.test("what was installed before and is not wanted any more goes last", async (t) => {
  const cluster = workingCluster();
  const dir = folder(t);
  await runInstall(["--license-key-file", keyFile(dir), "--role-namespaces", "dev", "-y"], cluster);
  cluster.put({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "licence", namespace: "mirrord" },
    data: { OPERATOR_LICENSE_KEY: "eA==" },
  });
  cluster.writes.length = 0;
  const { code, stderr } = await runInstall(["--license-secret", "licence", "-y"], cluster);
  t.equal(code, 0);
  t.match(stderr, /remove +1 Secret, 1 Role\n[^]*secret\/mirrord-operator-license in namespace mirrord goes/);
  t.same(cluster.writes.slice(-2).toSorted(), [
    "delete Role dev/mirrord-operator-user",
    "delete Secret mirrord/mirrord-operator-license",
  ]);
});

t.test("a Secret that is not there, or has no licence key, is said before anything is written", async (t) => {
  const cluster = workingCluster();
  const missing = await runInstall(["--license-secret", "licence", "-y"], cluster);
  t.match(missing.stderr, /Warning: there is no secret\/licence in namespace mirrord/);
  cluster.put({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "licence", namespace: "mirrord" },
    data: { KEY: "" },
  });
  const empty = await runInstall(["--license-secret", "licence", "-y"], cluster);
  t.match(empty.stderr, /Warning: secret\/licence in namespace mirrord has no key OPERATOR_LICENSE_KEY/);
});

t.test("the output of helm template is applied without its hooks", async (t) => {
  const objects: KubernetesObject[] = [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "plain" }, data: { a: "b" } },
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "cleanup", annotations: { "helm.sh/hook": "pre-delete" } },
    },
  ];
  const dir = t.testdir({ "rendered.yaml": objects.map((object) => toYaml(object)).join("---\n") });
  const cluster = workingCluster();
  const { code, stderr } = await runInstall(["-f", join(dir, "rendered.yaml"), "-n", "ops", "-y"], cluster);
  t.equal(code, 0, stderr);
  t.match(stderr, /Left out[^\n]*: Job cleanup\n/);
  t.same(cluster.writes, ["create ConfigMap ops/plain"]);
});

const faults: { name: string; put: KubernetesObject; says: RegExp; code: number }[] = [
  {
    name: "a namespace that is being deleted",
    put: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "mirrord", deletionTimestamp: "2026-11-22T11:00:00Z" },
      status: {
        conditions: [
          {
            type: "NamespaceDeletionDiscoveryFailure",
            status: "True",
            reason: "DiscoveryFailed",
            message: "unable to retrieve",
          },
        ],
      },
    },
    says: /namespace mirrord is being deleted[^]*unable to retrieve[^]*An APIService that does not answer keeps it/,
    code: 4,
  },
  {
    name: "a definition that stores an older version",
    put: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "mirrordpolicies.policies.mirrord.metalbear.co" },
      spec: { versions: [{ name: "v1old" }, { name: "v1alpha" }] },
      status: { storedVersions: ["v1old", "v1alpha"] },
    },
    says: /stored as v1old, a version that goes[^]*patch crd mirrordpolicies[^]*--subresource=status[^]*\["v1alpha"\]/,
    code: 4,
  },
  {
    name: "a definition of which no version stays",
    put: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "mirrordpolicies.policies.mirrord.metalbear.co" },
      spec: { versions: [{ name: "v1old" }] },
      status: { storedVersions: ["v1old"] },
    },
    says: /no version that stays[^]*kubectl delete crd mirrordpolicies/,
    code: 4,
  },
  {
    name: "an operator in another namespace",
    put: {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1.operator.metalbear.co" },
      spec: { group: "operator.metalbear.co", service: { name: "mirrord-operator", namespace: "ops" } },
    },
    says: /installed in namespace ops already[^]*-n ops/,
    code: 2,
  },
];

for (const { name, put, says, code } of faults) {
  t.test(`${name} is seen before anything is written`, async (t) => {
    const cluster = workingCluster({}, put);
    const ran = await runInstall(["--license-key-file", keyFile(folder(t)), "-y"], cluster);
    t.match(ran, { code, stdout: "", stderr: says });
    t.same(cluster.writes, []);
  });
}

t.test(
  "interrupted or refused between any two objects, it says what was done, and the same again finishes",
  async (t) => {
    const dir = folder(t);
    for (let at = 1; at <= 27; at += 1) {
      const cluster = workingCluster();
      cluster.beforeWrite = (count) => {
        if (count >= at) throw apiFailure(403, "Forbidden", "no such right");
      };
      const words = ["--license-key-file", keyFile(dir), "-y"];
      const failed = await runInstall(words, cluster);
      t.equal(failed.code, 4);
      t.match(
        failed.stderr,
        at === 1 ? /Nothing was written/ : /only part was done[^]*Done:\n[^]*Not done:\n[^]*Run the same command again/,
      );
      cluster.beforeWrite = () => undefined;
      t.match(await runInstall(words, cluster), { code: 0 });
      t.equal(
        cluster.objects().filter(({ metadata }) => metadata.labels?.["kubectl-mirrord.io/component"] === "operator")
          .length,
        27,
      );
    }
  },
);

t.test("Ctrl-C between any two objects: what was done and what was not, and the same again finishes", async (t) => {
  const words = ["--license-key-file", keyFile(folder(t)), "-y"];
  for (let at = 1; at < 27; at += 1) {
    const cluster = workingCluster();
    const abort = new AbortController();
    cluster.beforeWrite = (count) => {
      if (count === at) abort.abort(new UserError("interrupted", "interrupted"));
    };
    const stopped = await runInstall(words, cluster, { signal: abort.signal });
    t.equal(stopped.code, 130, `after ${at}`);
    t.match(stopped.stderr, /Done:\n[^]*Not done:\n[^]*Run the same command again/);
    cluster.beforeWrite = () => undefined;
    t.match(await runInstall(words, cluster), { code: 0 });
  }
});

t.test("a licence that is over is the answer no", async (t) => {
  const ran = await runInstall(
    ["--license-key-file", keyFile(folder(t)), "-y"],
    workingCluster({ licenseEnds: "2026-11-01" }),
  );
  t.match(ran, { code: 1, stdout: /but its licence is over since 2026-11-01: no session can start/ });
});
