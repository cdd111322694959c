import type { GrantRole } from "../access/intent.ts";
import { opensMirrord } from "../access/roles.ts";
import type { Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { roleRules } from "../rbac/decode.ts";
import { lookUp } from "./look-up.ts";

const CUSTOM = "clusterrole/";

/** Whether a grant's role is one by name without a rule of mirrord's. One that cannot be read counts as one of mirrord's. */
export async function isPlainRole(cluster: Cluster, role: GrantRole): Promise<boolean> {
  if (!role.startsWith(CUSTOM)) return false;
  const found = await lookUp(cluster, nativeResources.clusterRoles, role.slice(CUSTOM.length));
  return typeof found !== "string" && !opensMirrord(roleRules(found));
}
