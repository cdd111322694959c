import t from "tap";
import { fieldSource } from "../../lib/kubernetes/owner.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const path = ["f:metadata", "f:labels", "f:team"];
const fields = { "f:metadata": { "f:labels": { "f:team": {} } } };

function object(manager: string, fieldsV1: object, marks: Record<string, string> = {}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: "shop",
      annotations: marks,
      labels: marks,
      managedFields: [{ manager, operation: "Apply", fieldsV1 }],
    },
  };
}

const cases: [what: string, object: KubernetesObject, source: string | undefined][] = [
  ["kubectl set it", object("kubectl-client-side-apply", fields), undefined],
  ["this project set it", object("kubectl-mirrord", fields), undefined],
  ["nobody set it", object("argocd-controller", {}), undefined],
  [
    "Argo CD set it",
    object("argocd-controller", fields, { "argocd.argoproj.io/tracking-id": "shop:/Namespace:shop/shop" }),
    "Argo CD Application shop",
  ],
  ["Argo CD set it without a mark", object("argocd-controller", fields), "argocd-controller"],
  [
    "Flux set it",
    object("kustomize-controller", fields, {
      "kustomize.toolkit.fluxcd.io/name": "apps",
      "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    }),
    "Kustomization apps in namespace flux-system",
  ],
  [
    "a HelmRelease set it",
    object("helm-controller", fields, { "helm.toolkit.fluxcd.io/name": "apps" }),
    "HelmRelease apps",
  ],
  [
    "Helm set it",
    object("helm", fields, { "meta.helm.sh/release-name": "apps", "meta.helm.sh/release-namespace": "shop" }),
    "Helm release apps in namespace shop",
  ],
  [
    "Config Sync set it",
    object("configsync.gke.io", fields, { "configsync.gke.io/resource-id": "x" }),
    "configsync.gke.io",
  ],
  ["Fleet set it", object("fleetagent", fields, { "objectset.rio.cattle.io/id": "apps" }), "fleetagent"],
  [
    "its managers are no list",
    { ...object("helm", fields), metadata: { name: "x", managedFields: ["x"] as never } },
    undefined,
  ],
];

for (const [what, given, source] of cases) {
  t.test(`where ${what}, its source is ${source ?? "nowhere else"}`, async (t) =>
    t.equal(fieldSource(given, path), source),
  );
}
