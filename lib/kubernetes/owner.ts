import { isJsonObject, listIn, textIn } from "../json.ts";
import type { KubernetesObject } from "./object.ts";

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

/** The names under which these tools write. Source: their defaults; a person's kubectl writes as `kubectl-…`. */
const tool = /^(argocd|kustomize-controller|helm-controller|helm|flux|configsync|fleet)/;

/**
 * The source from which a tool wrote that field, which it will write again: `path` is that of managedFields
 * (`["f:metadata", "f:labels", "f:team"]`). Undefined where a person did, or nobody.
 */
export function fieldSource(object: KubernetesObject, path: readonly string[]): string | undefined {
  for (const entry of listIn(object.metadata["managedFields"])) {
    if (!isJsonObject(entry)) continue;
    const manager = textIn(entry["manager"]);
    const field = path.reduce(
      (fields: unknown, key) => (isJsonObject(fields) ? fields[key] : undefined),
      entry["fieldsV1"],
    );
    if (field !== undefined && tool.test(manager)) {
      const owner = installationOwner([object]);
      return owner === undefined ? manager : ownerText(owner);
    }
  }
  return undefined;
}
