// What Helm leaves in a cluster.
import { gzipSync } from "node:zlib";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

interface Release {
  name: string;
  namespace: string;
}

/** As Helm marks what it creates. */
export function helmObject({ metadata, ...object }: KubernetesObject, release: Release): KubernetesObject {
  const labels = {
    ...metadata.labels,
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "mirrord-operator-3.187.0",
  };
  const annotations = {
    ...metadata.annotations,
    "meta.helm.sh/release-name": release.name,
    "meta.helm.sh/release-namespace": release.namespace,
  };
  return { ...object, metadata: { ...metadata, labels, annotations } };
}

/** Helm's own record of a revision, packed as it packs it. */
export function helmRecord(
  { name, namespace }: Release,
  revision: number,
  chart = "mirrord-operator",
): KubernetesObject {
  const record = { name, namespace, version: revision, chart: { metadata: { name: chart } }, config: {} };
  const packed = gzipSync(JSON.stringify(record)).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "helm.sh/release.v1",
    metadata: {
      name: `sh.helm.release.v1.${name}.v${revision}`,
      namespace,
      labels: { owner: "helm", name, version: String(revision), status: "deployed" },
    },
    data: { release: Buffer.from(packed).toString("base64") },
  };
}
