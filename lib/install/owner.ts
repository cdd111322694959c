import type { KubernetesObject } from "../kubernetes/object.ts";

/** Who installed something and would do so again; what we write or delete there would be undone. */
export interface Owner {
  kind: "Helm release" | "HelmRelease" | "Kustomization" | "Argo CD Application";
  name: string;
  /** Argo CD does not write it down. */
  namespace?: string;
}

const fluxKinds = [
  ["helm", "HelmRelease"],
  ["kustomize", "Kustomization"],
] as const;

/**
 * The first owner that one of the objects names; a controller stands above Helm, which it may use. Undefined: ours.
 * Sources: Helm's and Flux's and Argo CD's labels and annotations of what they apply.
 */
export function installationOwner(objects: readonly KubernetesObject[]): Owner | undefined {
  const found = objects.flatMap((object) => controllerOwner(object) ?? []);
  return found[0] ?? objects.flatMap((object) => helmOwner(object) ?? [])[0];
}

function helmOwner({ metadata: { annotations = {} } }: KubernetesObject): Owner | undefined {
  const { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace } = annotations;
  return name === undefined || namespace === undefined ? undefined : { kind: "Helm release", name, namespace };
}

function controllerOwner({ metadata: { annotations = {}, labels = {} } }: KubernetesObject): Owner | undefined {
  for (const [word, kind] of fluxKinds) {
    const name = labels[`${word}.toolkit.fluxcd.io/name`];
    const namespace = labels[`${word}.toolkit.fluxcd.io/namespace`];
    if (name !== undefined) return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  }
  const [tracked] = annotations["argocd.argoproj.io/tracking-id"]?.split(":") ?? [];
  const application = tracked ?? labels["argocd.argoproj.io/instance"];
  return application === undefined ? undefined : { kind: "Argo CD Application", name: application };
}

/** `Helm release mirrord-operator in namespace mirrord`. */
export function ownerText({ kind, name, namespace }: Owner): string {
  return `${kind} ${name}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
