import { clusterScoped } from "../access/allow.ts";
import { customRole, customRoleName } from "../access/custom-role.ts";
import type { Intent } from "../access/intent.ts";
import { usageError } from "../errors.ts";
import type { Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { roleRules } from "../rbac/decode.ts";
import { shellQuote } from "../text/shell-quote.ts";
import { lookUp } from "./look-up.ts";
import { servedTypes } from "./served-types.ts";

/**
 * Throws UserError "usage" for a grant in namespaces of a role that administrators made, where something in the role has no
 * namespace: its binding there would not give it. A role that may not be read is not judged.
 */
export async function refuseOutOfReach(cluster: Cluster, { role, set }: Pick<Intent, "role" | "set">): Promise<void> {
  const name = customRole(role);
  if (name === undefined || set.kind === "all") return;
  const found = await lookUp(cluster, nativeResources.clusterRoles, customRoleName(name));
  if (typeof found === "string") return;
  const [first, ...others] = clusterScoped(roleRules(found), (await servedTypes(cluster)).types);
  if (first === undefined) return;
  const what = first.startsWith("/") ? `${first} is in no namespace` : `${first} is cluster-scoped`;
  const more = others.length === 0 ? "" : ` (and so with ${others.join(", ")})`;
  throw usageError(`${what}${more}: a grant in namespaces cannot cover it`, [
    "Grant the role everywhere: -A.",
    `Or take that out into a role of its own: kubectl mirrord grant role edit ${shellQuote(name)}`,
  ]);
}
