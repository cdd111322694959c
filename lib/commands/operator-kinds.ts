import { organizationType } from "../access/organizations/definition.ts";
import { withoutExpired } from "../access/stored.ts";
import type { CustomKinds } from "../kube/manifests/manifests-cluster.ts";
import { mirrordResources } from "../mirrord/resources.ts";

/** What a folder of manifests is told: the operator's kinds and ours, and that grants which have ended give nothing. */
export const operatorKinds: CustomKinds = {
  types: [...Object.values(mirrordResources), organizationType],
  inForce: withoutExpired,
};
