import type { Finding } from "../findings/finding.ts";
import type { Cluster } from "../kube/cluster.ts";
import { keyByKind } from "../kubernetes/object-key.ts";

/** The findings, each with the file and the line of its object where the cluster is a folder that has it. */
export function withPlaces<Found extends Finding>(
  findings: readonly Found[],
  cluster: Pick<Cluster, "places">,
): Found[] {
  const places = cluster.places?.();
  return findings.map((finding) => {
    const at = places?.get(keyByKind(finding.subject.kind, finding.subject));
    return at === undefined ? finding : { ...finding, at };
  });
}
