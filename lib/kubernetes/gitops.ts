// Whether a tool writes an object from somewhere else, and would undo, or be undone by, what is written here.

import { isJsonObject, listIn, textIn } from "../json.ts";
import type { KubernetesObject } from "./object.ts";

/** A key of the metadata that a tool leaves, and how its value names the source. */
const marks: readonly [key: string, name: (value: string, marks: Readonly<Record<string, string>>) => string][] = [
  ["argocd.argoproj.io/tracking-id", (value) => `the Argo CD Application ${value.split(":")[0] ?? ""}`],
  ["argocd.argoproj.io/instance", (value) => `the Argo CD Application ${value}`],
  ["helm.toolkit.fluxcd.io/name", named("the Flux HelmRelease", "helm.toolkit.fluxcd.io")],
  ["kustomize.toolkit.fluxcd.io/name", named("the Flux Kustomization", "kustomize.toolkit.fluxcd.io")],
  ["configsync.gke.io/resource-id", () => "Config Sync"],
  ["objectset.rio.cattle.io/id", (value) => `the Fleet bundle ${value}`],
  ["meta.helm.sh/release-name", (value) => `the Helm release ${value}`],
];

function named(what: string, prefix: string) {
  return (value: string, all: Readonly<Record<string, string>>): string => {
    const namespace = all[`${prefix}/namespace`];
    return `${what} ${namespace === undefined ? "" : `${namespace}/`}${value}`;
  };
}

/** The source that an object comes from, as a tool says in its labels or annotations: `the Argo CD Application shop`. */
function sourceElsewhere({ metadata }: KubernetesObject): string | undefined {
  const all = { ...metadata.labels, ...metadata.annotations };
  for (const [key, name] of marks) {
    const value = all[key];
    if (value !== undefined) return name(value, all);
  }
  return undefined;
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
    if (field !== undefined && tool.test(manager)) return sourceElsewhere(object) ?? manager;
  }
  return undefined;
}
