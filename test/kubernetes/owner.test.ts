import t from "tap";
import { installationOwner, ownerText, type Owner } from "../../lib/kubernetes/owner.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const object = (metadata: KubernetesObject["metadata"]): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
});
const helm = object({
  annotations: { "meta.helm.sh/release-name": "m", "meta.helm.sh/release-namespace": "default" },
});

const cases: { name: string; objects: KubernetesObject[]; want: Owner | undefined; text?: string }[] = [
  { name: "nobody's", objects: [object({})], want: undefined },
  {
    name: "half an annotation",
    objects: [object({ annotations: { "meta.helm.sh/release-name": "m" } })],
    want: undefined,
  },
  {
    name: "a Helm release",
    objects: [object({}), helm],
    want: { kind: "Helm release", name: "m", namespace: "default" },
    text: "Helm release m in namespace default",
  },
  {
    name: "Flux, by Helm",
    objects: [
      helm,
      object({ labels: { "helm.toolkit.fluxcd.io/name": "m", "helm.toolkit.fluxcd.io/namespace": "flux" } }),
    ],
    want: { kind: "HelmRelease", name: "m", namespace: "flux" },
  },
  {
    name: "Flux, by Kustomize",
    objects: [object({ labels: { "kustomize.toolkit.fluxcd.io/name": "m" } })],
    want: { kind: "Kustomization", name: "m" },
    text: "Kustomization m",
  },
  {
    name: "Argo CD, by annotation",
    objects: [object({ annotations: { "argocd.argoproj.io/tracking-id": "app:apps/Deployment:mirrord/x" } })],
    want: { kind: "Argo CD Application", name: "app" },
  },
  {
    name: "Argo CD, by label",
    objects: [object({ labels: { "argocd.argoproj.io/instance": "app" } })],
    want: { kind: "Argo CD Application", name: "app" },
  },
];

for (const { name, objects, want, text } of cases) {
  t.test(`who installed it: ${name}`, async (t) => {
    t.same(installationOwner(objects), want);
    if (want !== undefined && text !== undefined) t.equal(ownerText(want), text);
  });
}
