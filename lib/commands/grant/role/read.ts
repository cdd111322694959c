import { entryOf } from "../../../json.ts";
import { builtInClusterRoles, customRoles, missingRole } from "../../../access/custom-role.ts";
import { ownRole } from "../../../access/roles.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import { usageError, UserError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { readGrants } from "../../../reading/grants.ts";
import { readAllRbac } from "../../../reading/rbac-objects.ts";
import { shellCommand } from "../../../text/shell-quote.ts";

/** All RBAC objects. Throws UserError "undetermined" where some may not be listed: who would get access, or lose it, is not known then. */
export async function readWholeRbac(cluster: Cluster): Promise<KubernetesObject[]> {
  const { objects, unreadable } = await readAllRbac(cluster);
  if (unreadable.length === 0) return objects;
  throw new UserError("undetermined", `you may not list ${unreadable.join(", ")}: who holds a role is not known`);
}

/** A custom role with all that says who holds it. */
export interface RoleSeen {
  role: KubernetesObject;
  objects: KubernetesObject[];
  grants: StoredGrant[];
}

/** The same of a role that is built in, which stands as it will be made as long as no grant has needed it; else of a custom one. */
export async function readAnyRole(cluster: Cluster, name: string): Promise<RoleSeen> {
  const clusterRole = entryOf(builtInClusterRoles, name);
  if (clusterRole === undefined) return await readRole(cluster, name);
  const objects = await readWholeRbac(cluster);
  const stored = objects.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === clusterRole);
  const role = stored ?? ownRole(clusterRole);
  if (role === undefined)
    throw usageError(
      `the operator's clusterrole "${clusterRole}" was not found`,
      "The operator brings it: kubectl mirrord install",
    );
  return { role: { ...role }, objects, grants: await readGrants(cluster) };
}

/** A role that can be changed. Throws UserError "usage" for one that is built in, and for one that nobody made. */
export async function readRole(cluster: Cluster, name: string): Promise<RoleSeen> {
  if (Object.hasOwn(builtInClusterRoles, name))
    throw usageError(
      `role ${JSON.stringify(name)} is built in: it cannot be changed or deleted`,
      `See who holds it: ${shellCommand(["kubectl", "mirrord", "grant", "role", "describe"], [name])}`,
    );
  // What may not be listed is the same for both, and said better here.
  const objects = await readWholeRbac(cluster);
  const grants = await readGrants(cluster);
  const known = customRoles(objects);
  const role = known.get(name);
  if (role === undefined) throw missingRole(name, known.keys());
  return { role, objects, grants };
}
