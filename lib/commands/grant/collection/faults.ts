import type { Membership } from "../../../access/collection.ts";
import type { World } from "../../../cli/world.ts";

/** Says which namespaces have labels that do not go with their path: a grant reaches them, or not, against it. */
export function warnOfFaults(members: readonly Membership[], world: Pick<World, "warn">): void {
  for (const { namespace, fault } of members) {
    if (fault !== undefined) {
      world.warn(
        `namespace ${namespace} has labels that do not go with its collection: ${fault} (grant sync mends them)`,
      );
    }
  }
}
