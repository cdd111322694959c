// Tools that keep the operator's objects as they stand somewhere else, and would undo what is written here.

import { listIn, objectIn, textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { resourceType } from "../../kubernetes/resources.ts";
import { readList } from "../../reading/read.ts";
import type { Release } from "../chart.ts";
import type { Owner } from "../../kubernetes/owner.ts";

const helmReleases = resourceType("helm.toolkit.fluxcd.io/v2", "Namespaced", "helmreleases", "HelmRelease");
const applications = resourceType("argoproj.io/v1alpha1", "Namespaced", "applications", "Application");

/**
 * What the tools say themselves, where the cluster has them and they may be listed: a HelmRelease of this Helm release, or an
 * Argo CD Application with one of these objects among its resources. Not every tool marks what it applies.
 */
export async function declaredKeeper(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  release: Release | undefined,
): Promise<Owner | undefined> {
  const [releases, apps] = await Promise.all([
    release === undefined ? { failed: false as const, value: [] } : readList(cluster, helmReleases),
    readList(cluster, applications),
  ]);
  const declared = (releases.failed || release === undefined ? [] : releases.value).find((object) =>
    isFor(object, release),
  );
  if (declared !== undefined) return { kind: "HelmRelease", ...place(declared) };
  const keeping = (apps.failed ? [] : apps.value).find((application) =>
    objects.some((object) => hasResource(application, object)),
  );
  return keeping === undefined ? undefined : { kind: "Argo CD Application", ...place(keeping) };
}

function place({ metadata: { name = "", namespace } }: KubernetesObject): Pick<Owner, "name" | "namespace"> {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

/** Source: HelmRelease.spec; helm-controller's GetReleaseName and GetReleaseNamespace. */
function isFor({ metadata, spec }: KubernetesObject, release: Release | undefined): boolean {
  const { releaseName, targetNamespace } = objectIn(spec);
  const target = textIn(targetNamespace);
  const { name: own = "" } = metadata;
  const name = textIn(releaseName) || (target === "" ? own : `${target}-${own}`);
  return name === release?.name && (target || metadata.namespace) === release.namespace;
}

function hasResource(application: KubernetesObject, { kind, metadata }: KubernetesObject): boolean {
  return listIn(objectIn(application["status"])["resources"])
    .map(objectIn)
    .some(
      (resource) =>
        resource["kind"] === kind &&
        resource["name"] === metadata.name &&
        textIn(resource["namespace"]) === (metadata.namespace ?? ""),
    );
}
