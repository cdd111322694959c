import type { KubernetesObject } from "../../kubernetes/object.ts";
import { egress, type Egress } from "../egress.ts";
import { finding, type InstallationFinding } from "../installation-rules.ts";
import { NAME } from "../installed.ts";

/** Nodes pull images, and send nothing. */
const isPulled = ({ what }: Egress): boolean => what === "image";

/**
 * What the stored Deployment and its settings say of each way out of the cluster: the proof that those are off which are to be.
 * Nothing where there is no Deployment. Pure.
 */
export function egressProof(objects: readonly KubernetesObject[]): {
  findings: InstallationFinding[];
  egress: Egress[];
} {
  const deployment = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === NAME);
  if (deployment === undefined) return { findings: [], egress: [] };
  const { namespace } = deployment.metadata;
  const subject = { kind: "Deployment", name: NAME, ...(namespace === undefined ? {} : { namespace }) };
  const all = egress(objects);
  const leaving = all.filter((one) => one.leaves !== "no" && !isPulled(one));
  return {
    findings: leaving.map(({ what, to, leaves, change }) => {
      const does = leaves === "yes" ? "goes" : "may go";
      return finding("data-leaves", subject, `${what}: ${does} to ${to}.`, `Nothing to do, or change ${change}.`);
    }),
    egress: all,
  };
}
