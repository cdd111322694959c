import { movedGrant } from "../../../access/organizations/moved-grant.ts";
import { isRevoked, type StoredGrant } from "../../../access/stored.ts";
import type { GrantSubject } from "../../../access/subject.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { readGrants } from "../../../reading/grants.ts";
import { planRevocation } from "../plan-revocation.ts";
import type { OrganizationChange } from "./change.ts";

type Renamed = (subject: GrantSubject) => GrantSubject;

/** Grants that go along with who they are to. */
export interface GrantsAlong {
  /** The grants under the new names of their subjects; those under the old ones go when they are there. */
  plan(grants: readonly StoredGrant[], renamed: Renamed): Promise<Pick<OrganizationChange, "revocation" | "made">>;
  /**
   * Called when those under the new names are there, and before the old ones go: what somebody revoked meanwhile does not go along.
   * @param isSettled whether the old ones go by this very move, which somebody else is at
   */
  check(isSettled: () => Promise<boolean>): Promise<void>;
  /** Nothing goes along. */
  isEmpty(): boolean;
}

export function grantsAlong(cluster: Cluster, world: World): GrantsAlong {
  // New ids by old ones, of all attempts: any of them may have made some.
  const copies = new Map<string, string>();
  const revoked = new Set<string>();
  let areMade = false;
  return {
    async plan(grants, renamed) {
      const standing = grants.filter((grant) => !isRevoked(grant));
      const made = standing.map((grant) => {
        const { intent, id } = grant;
        if (intent === undefined) throw usageError(`grant ${id} cannot be read`, "Revoke it by its id.");
        const copy = movedGrant(grant, intent, renamed(intent.subject));
        copies.set(id, copy.id);
        return copy;
      });
      const lost = revoked.size === 0 ? [] : (await readGrants(cluster)).filter(({ id }) => revoked.has(id));
      if (grants.length + lost.length === 0) return {};
      // One that is gone again was revoked.
      return { made: areMade ? [] : made, revocation: await planRevocation(cluster, [...grants, ...lost], [], world) };
    },
    isEmpty: () => copies.size === 0,
    async check(isSettled) {
      areMade = true;
      if (copies.size === 0) return;
      const stored = await readGrants(cluster);
      const standing = new Set(stored.flatMap((grant) => (isRevoked(grant) ? [] : [grant.id])));
      const gone = [...copies].filter(([from]) => !standing.has(from));
      // Read after the grants: who takes them has said so before.
      if (gone.length === 0 || (await isSettled())) return;
      for (const [, to] of gone) revoked.add(to);
    },
  };
}
