import t from "tap";
import { declaredKeeper } from "../../../lib/install/plan/keeper.ts";
import type { Owner } from "../../../lib/kubernetes/owner.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";

const deployment: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "mirrord-operator", namespace: "mirrord" },
};
const release = { name: "op", namespace: "mirrord" };

const helmRelease = (spec: object, name = "op", namespace = "flux"): KubernetesObject => ({
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: { name, namespace },
  spec,
});
const application = (...resources: object[]): KubernetesObject => ({
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name: "app", namespace: "argocd" },
  status: { resources },
});

const flux: Owner = { kind: "HelmRelease", name: "op", namespace: "flux" };
const cases: { name: string; objects: KubernetesObject[]; want: Partial<Owner> | undefined; forbidden?: string[] }[] = [
  { name: "nobody", objects: [], want: undefined },
  {
    name: "by the names it gives",
    objects: [helmRelease({ releaseName: "op", targetNamespace: "mirrord" })],
    want: flux,
  },
  {
    name: "by its own name, in its own namespace",
    objects: [helmRelease({}, "op", "mirrord")],
    want: { ...flux, namespace: "mirrord" },
  },
  {
    name: "by the name that a target namespace makes",
    objects: [helmRelease({ targetNamespace: "mirrord" }, "op")],
    want: undefined,
  },
  { name: "another release", objects: [helmRelease({ releaseName: "other" })], want: undefined },
  {
    name: "an Application that lists the Deployment",
    objects: [application({ group: "apps", kind: "Deployment", name: "mirrord-operator", namespace: "mirrord" })],
    want: { kind: "Argo CD Application", name: "app", namespace: "argocd" },
  },
  {
    name: "an Application of something else",
    objects: [application({ kind: "Deployment", name: "mirrord-operator", namespace: "other" }), application()],
    want: undefined,
  },
  {
    name: "what may not be listed is not known",
    objects: [helmRelease({ releaseName: "op", targetNamespace: "mirrord" })],
    forbidden: ["helmreleases", "applications"],
    want: undefined,
  },
];

for (const { name, objects, want, forbidden = [] } of cases) {
  t.test(`who keeps the operator: ${name}`, async (t) => {
    const served = fakeCluster({ objects, forbidden });
    t.same(await declaredKeeper(served, [deployment], release), want);
  });
}

t.test("a cluster without these tools is asked no more", async (t) => {
  const cluster = fakeCluster({ notServed: ["argoproj.io", "helm.toolkit.fluxcd.io"] });
  t.equal(await declaredKeeper(cluster, [deployment], undefined), undefined);
  t.notOk(cluster.reads.includes("list helmreleases"), "without a release there is none to find");
});
