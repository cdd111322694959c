// An operator that somebody else installed, on a cluster in memory.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { renderOperator } from "../../../lib/install/render.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { helmObject, helmRecord } from "../../install/helm-objects.ts";
import { apiFailure, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { runInstall } from "./install-world.ts";
import { workingCluster } from "./working-cluster.ts";

const release = { name: "op", namespace: "tools" };

function valuesFile(t: { testdir(files: Record<string, string>): string }): string {
  const file = join(t.testdir({}), "values.yaml");
  writeFileSync(file, "license: {keyRef: licence}\n");
  return file;
}

const licence: KubernetesObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "licence", namespace: "mirrord" },
  data: { OPERATOR_LICENSE_KEY: "YQ==" },
};

/** What a Helm release has left there, with one object that our values do not have. */
async function helmCluster(): Promise<MemoryCluster> {
  const cluster = workingCluster({}, licence);
  const extra = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "only-helms", namespace: "mirrord" } };
  const objects = [...renderOperator({ license: { keyRef: "licence" } }), extra];
  const managedFields = [
    { manager: "helm", operation: "Update", fieldsV1: { "f:metadata": { "f:labels": { "f:x": {} } } } },
  ];
  cluster.put(
    ...objects.map((object) => {
      const { metadata, ...fields } = helmObject(object, release);
      return { ...fields, metadata: { ...metadata, managedFields } };
    }),
    helmRecord(release, 1),
    helmRecord({ name: "other", namespace: "tools" }, 1, "nginx"),
  );
  return cluster;
}

t.test("it stops at Helm's release, and names it", async (t) => {
  const cluster = await helmCluster();
  const ran = await runInstall(cluster, ["--values", valuesFile(t), "-y"]);
  t.match(ran, {
    code: 2,
    stdout: "",
    stderr: /by Helm, as release op in namespace tools[^]*--adopt[^]*helm get values op -n tools/,
  });
  t.same(cluster.writes, []);
});

t.test("Helm's record goes after everything else; interrupted before, the same again finishes", async (t) => {
  const file = valuesFile(t);
  const whole = await helmCluster();
  await runInstall(whole, ["--values", file, "--adopt", "-y"]);
  t.equal(whole.writes.at(-1), "delete Secret tools/sh.helm.release.v1.op.v1");
  t.ok(whole.writes.includes("delete ConfigMap mirrord/only-helms"));
  t.ok(whole.writes.filter((line) => line.startsWith("patch ")).length > 20, "what Helm set becomes ours first");
  const at = whole.writes.length - 1;
  const cluster = await helmCluster();
  cluster.beforeWrite = (_count, what) => {
    if (what.startsWith("delete Secret")) throw apiFailure(403, "Forbidden", "no such right");
  };
  const failed = await runInstall(cluster, ["--values", file, "--adopt", "-y"]);
  t.match(failed, { code: 4, stderr: /Not done:\n +delete secret\/sh\.helm\.release\.v1\.op\.v1 in namespace tools/ });
  cluster.beforeWrite = () => undefined;
  // In memory nothing takes away what is not applied any more, as server-side apply does.
  for (const object of cluster.objects()) {
    const { annotations: _helms, managedFields: _fields, ...metadata } = object.metadata;
    if (object.metadata.annotations?.["meta.helm.sh/release-name"] !== undefined) cluster.put({ ...object, metadata });
  }
  const again = await runInstall(cluster, ["--values", file, "--adopt", "-y"]);
  t.equal(again.code, 0, again.stderr);
  t.equal(cluster.writes.at(-1), "delete Secret tools/sh.helm.release.v1.op.v1");
  t.notOk(cluster.writes.includes("delete Secret tools/sh.helm.release.v1.other.v1"), "another chart's record stays");
  t.ok(at > 0);
});

const keepers: { name: string; mark: Partial<KubernetesObject["metadata"]>; says: RegExp }[] = [
  {
    name: "Flux by a HelmRelease",
    mark: { labels: { "helm.toolkit.fluxcd.io/name": "op", "helm.toolkit.fluxcd.io/namespace": "flux" } },
    says: /HelmRelease op in namespace flux keeps the operator/,
  },
  {
    name: "Argo CD",
    mark: { annotations: { "argocd.argoproj.io/tracking-id": "mirrord:apps/Deployment:mirrord/mirrord-operator" } },
    says: /Argo CD Application mirrord keeps the operator/,
  },
];

for (const { name, mark, says } of keepers) {
  t.test(`${name} would undo it: refused, with --adopt too`, async (t) => {
    for (const words of [[], ["--adopt"]]) {
      const cluster = workingCluster({}, licence);
      const metadata = { name: "mirrord-operator", namespace: "mirrord", ...mark };
      cluster.put({ apiVersion: "apps/v1", kind: "Deployment", metadata });
      const ran = await runInstall(cluster, ["--values", valuesFile(t), "-y", ...words]);
      t.match(ran, { code: 2, stdout: "", stderr: says });
      t.same(cluster.writes, []);
    }
  });
}

t.test("an Application that lists the operator among its resources keeps it, whatever it marks", async (t) => {
  const cluster = workingCluster({}, licence);
  const metadata = { name: "mirrord-operator", namespace: "mirrord" };
  const resources = [{ group: "apps", kind: "Deployment", ...metadata }];
  cluster.put(
    { apiVersion: "apps/v1", kind: "Deployment", metadata },
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: "app", namespace: "argocd" },
      status: { resources },
    },
  );
  const ran = await runInstall(cluster, ["--values", valuesFile(t), "-y"]);
  t.match(ran, { code: 2, stderr: /Argo CD Application app in namespace argocd keeps the operator/ });
});

t.test("--adopt where Helm has nothing is a plain installation", async (t) => {
  const ran = await runInstall(workingCluster({}, licence), ["--values", valuesFile(t), "--adopt", "-y"]);
  t.match(ran, { code: 0, stdout: /answers in namespace mirrord/ });
});
