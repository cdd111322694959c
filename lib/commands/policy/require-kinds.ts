import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { POLICIES_GROUP } from "../../mirrord/resources.ts";
import type { InstalledSchemas } from "../../reading/policy-schemas.ts";

/**
 * Throws when a kind that is needed is not installed; warns when nobody could look.
 * @param isSent false: nothing is sent to the cluster, so it need not have the kinds
 */
export function requireKinds(
  installed: InstalledSchemas,
  kinds: ReadonlySet<string>,
  { cluster, isSent }: { cluster: Cluster; isSent: boolean },
  world: World,
): void {
  const absent = installed.missing.filter(({ kind }) => kinds.has(kind));
  if (absent.length > 0) {
    const message = `${cluster.place} has no ${absent.map(({ kind }) => kind).join(" and no ")} (${POLICIES_GROUP}/v1alpha)`;
    if (isSent) {
      throw new UserError(
        "undetermined",
        message,
        "Is this the right cluster? The mirrord operator brings these kinds: kubectl mirrord install",
      );
    }
    world.warn(`${message}: checked against the definitions of chart 3.187.0`);
  }
  if (installed.source === "built-in" && installed.missing.length === 0 && !cluster.offline) {
    world.warn(
      "you may not read the installed definitions of the policies: checked against those of chart 3.187.0 instead",
    );
  }
}
