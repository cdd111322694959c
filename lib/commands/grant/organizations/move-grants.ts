import { movedGrant } from "../../../access/organizations/moved-grant.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import type { GrantSubject } from "../../../access/subject.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { planRevocation } from "../plan-revocation.ts";
import type { OrganizationChange } from "./change.ts";

/** The grants under the new names of their subjects; those under the old ones go when they are there. */
export async function moveGrants(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  renamed: (subject: GrantSubject) => GrantSubject,
  world: World,
): Promise<Pick<OrganizationChange, "revocation" | "made">> {
  if (grants.length === 0) return {};
  const made = grants.map((grant) => {
    const { intent, id } = grant;
    if (intent === undefined) throw usageError(`grant ${id} cannot be read`, "Revoke it by its id.");
    return movedGrant(grant, intent, renamed(intent.subject));
  });
  return { made, revocation: await planRevocation(cluster, grants, [], world) };
}
